"""Generated C on identities: what is right passes, and faults of plans, numbers and fixed text are seen."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from export.c.emit import emit
from export.sources import kernel_files
from tests.clip.test_per_frame import conv3d, shifted, streamtinynet
from tests.export.test_early_exit import branching, early_output
from tests.export.test_early_exit import proved as proved_exit
from tests.export.test_readback import GRAPHS
from verify.clip import per_frame
from verify.graph.graph import Graph
from verify.graph.plan import Buffer, Firing, InputMode, Plan, Policy, Schedule
from verify.identities.ways import fault_of_text
from verify.plan.build import build
from verify.plan.forms.layer import layer
from verify.plan.request import Request
from verify.plan.runs import grow
from verify.plan.search import make_plan
from verify.plan.uses import Uses
from verify.proof.check import ProvedPlan, check
from verify.targets.registry import PORTABLE

ROWS, WHOLE, PATCHES = InputMode.ROWS, InputMode.WHOLE, InputMode.PATCHES


@dataclass(frozen=True)
class Case:
    graph: Graph
    plan: Plan
    files: dict[str, str]
    early_exit: int | None = None

    def fault(self, text: str | None = None) -> str | None:
        files = self.files if text is None else self.files | {"stj_model.c": text}
        return fault_of_text({**kernel_files(files), **files}, self.graph, self.plan, self.early_exit)

    @property
    def text(self) -> str:
        return self.files["stj_model.c"]


def case(
    graph: Graph, scheme: str, mode: InputMode = ROWS, step: int = 1, reuse: bool = False, target: str = PORTABLE
) -> Case:
    proved = check(graph, make_plan(graph, Request(scheme, mode, time_step=step, target=target)))[1]
    assert proved is not None
    return Case(graph, proved.plan, emit(proved, reuse_rows=reuse))


def fused(graph: Graph) -> Case:
    """As many operators as stream along in one stage that runs as rows arrive."""
    uses = Uses(graph)
    drafts = [replace(draft, columns=None) for draft in grow(uses, 0, graph.inputs)]
    layers = [layer(uses, k) for k in range(drafts[-1].end, len(graph.nodes))]
    proved = check(graph, build(uses, [drafts[-1], *layers], ROWS, "stream"))[1]
    assert proved is not None
    return Case(graph, proved.plan, emit(proved))


def exits(frames: int, mode: InputMode) -> Case:
    graph = branching(frames).graph()
    graph = graph if frames == 1 else per_frame(graph)
    output = early_output(graph)
    proved = proved_exit(graph, output, mode)
    return Case(proved.graph, proved.plan, emit(proved, early_exit=output), output)


CASES: dict[str, Callable[[], Case]] = {
    "residual": lambda: fused(GRAPHS["residual"]()),
    "patches": lambda: case(GRAPHS["residual"](), "auto", PATCHES),
    "two inputs": lambda: case(GRAPHS["two inputs"](), "stream"),
    "shortcuts through frames": lambda: case(per_frame(conv3d()), "stream"),
    "shifted, with a step": lambda: case(per_frame(shifted()), "stream", WHOLE, step=2),
    "rows used again": lambda: case(per_frame(streamtinynet()), "stream", step=2, reuse=True),
    "working memory": lambda: case(per_frame(streamtinynet()), "stream", step=2, reuse=True, target="cortex-m-dsp"),
    "early exit": lambda: exits(1, PATCHES),
    "early exit of a stream": lambda: exits(3, ROWS),
}


@pytest.fixture(scope="module")
def made() -> Callable[[str], Case]:
    known: dict[str, Case] = {}

    def get(name: str) -> Case:
        if name not in known:
            known[name] = CASES[name]()
        return known[name]

    return get


@pytest.mark.parametrize("name", CASES)
def test_what_is_emitted_is_right(made: Callable[[str], Case], name: str) -> None:
    assert made(name).fault() is None


def test_names_can_begin_with_what_the_user_likes(made: Callable[[str], Case]) -> None:
    right = made("residual")
    proved = object.__new__(ProvedPlan)
    proved.graph, proved.plan = right.graph, right.plan
    files = emit(proved, prefix="gesture")
    files = {**kernel_files(files), **files}
    assert fault_of_text(files, right.graph, right.plan, prefix="gesture") is None
    wrong = files | {"gesture.c": files["gesture.c"].replace("model->received[input]++;", "")}
    assert fault_of_text(wrong, right.graph, right.plan, prefix="gesture") is not None


# -- plans that are wrong, emitted all the same ------------------------------------------------------------------------


def emitted(graph: Graph, plan: Plan) -> Case:
    """The C of a plan that nobody proves."""
    proved = object.__new__(ProvedPlan)
    proved.graph, proved.plan = graph, plan
    return Case(graph, plan, emit(proved))


def ring(plan: Plan) -> Buffer:
    return max((b for b in plan.buffers if b.policy is Policy.RING), key=lambda b: b.rows)


def with_buffer(plan: Plan, change: Buffer) -> Plan:
    return replace(plan, buffers=tuple(change if b.tensor == change.tensor else b for b in plan.buffers))


def with_firing(plan: Plan, change: Callable[[Firing], Firing], place: int = 1) -> Plan:
    firings = list(plan.stages[0].firings)
    firings[place] = change(firings[place])
    return replace(plan, stages=(replace(plan.stages[0], firings=tuple(firings)), *plan.stages[1:]))


def late(firing: Firing) -> Firing:
    return replace(firing, schedule=replace(firing.schedule, offset=firing.schedule.offset - 99))


def early(firing: Firing) -> Firing:
    return replace(firing, schedule=Schedule(1, 1, 99))


def swapped(plan: Plan) -> Plan:
    first, second, *rest = plan.stages[0].firings
    return replace(plan, stages=(replace(plan.stages[0], firings=(second, first, *rest)), *plan.stages[1:]))


def together(plan: Plan) -> Plan:
    """Two rings at one place."""
    first, second, *_ = (buffer for buffer in plan.buffers if buffer.policy is Policy.RING)
    return with_buffer(plan, replace(second, offset=first.offset))


FAULTY_PLANS: dict[str, tuple[Callable[[Plan], Plan], str]] = {
    "C1: rows left out": (lambda p: with_firing(p, late, len(p.stages[0].firings) - 1), "there is"),
    "C2: rows too early": (lambda p: with_firing(p, early), "something else in the same call"),
    "C2: readers before writers": (swapped, "there is"),
    "C3: a ring one row too small": (
        lambda p: with_buffer(p, replace(ring(p), rows=ring(p).rows - 1)),
        "smaller than its window",
    ),
    "C4: two rings at one place": (together, "which it writes itself"),
    "C4: beyond the arena": (lambda p: with_buffer(p, replace(ring(p), offset=p.arena_bytes - 8)), "outside of"),
}


@pytest.mark.parametrize("name", FAULTY_PLANS)
def test_wrong_plans_are_seen_in_their_c(made: Callable[[str], Case], name: str) -> None:
    right, (change, words) = made("residual"), FAULTY_PLANS[name]
    fault = emitted(right.graph, change(right.plan)).fault()
    assert fault is not None and words in fault


def test_a_frame_that_is_not_kept_is_seen(made: Callable[[str], Case]) -> None:
    """C8: of a tensor that is read a frame back, the C reads this frame."""
    right = made("shifted, with a step")
    text = re.sub(r"\(model->frame \+ \d+\) % 2 \*", "model->frame % 2 *", right.text)
    assert text != right.text
    fault = right.fault(text)
    assert fault is not None and "there is" in fault


# -- text that is wrong ------------------------------------------------------------------------------------------------

FAULTY_TEXT = [
    ("residual", "model->received[input]++;", "", "not ready"),
    ("residual", "        do_work(model);\n", "", "not ready"),
    ("residual", "model->arena = arena;", "model->arena = (uint8_t *)arena + 8;", "outside of"),
    ("residual", "stage_0(model, tick);", "stage_0(model, tick + 1);", "there is"),
    ("residual", "stage_1(model", "if (0) stage_1(model", "there is"),
    ("residual", "        step(model);", "        step(model); model->arena[0] = 0;", "touches memory by itself"),
    ("residual", "        step(model);", "        step(model); memset(model->arena, 0, 8);", "there is"),
    (
        "shifted, with a step",
        "model->wait == 0 ? STJ_MODEL_TIME_STEP - 1",
        "model->wait == 0 ? STJ_MODEL_TIME_STEP",
        "ready",
    ),
    ("shifted, with a step", "(model->frame + 1) %", "(model->frame + 2) %", "there is"),
    (
        "rows used again",
        "memcpy(frame, before, (size_t)first",
        "memcpy(frame, before, (size_t)0 * (size_t)first",
        "there is",
    ),
    ("rows used again", "model->frame = (model->frame + 1)", "model->frame = (model->frame + 2)", "there is"),
    ("residual", "tick = model->tick++;", "tick = ++model->tick;", "there is"),
    ("residual", "return model->tick < ", "return model->tick + 1 < ", "not ready"),
    ("residual", "        memset(model->received, 0, sizeof model->received);\n", "", "status"),
    ("shifted, with a step", "    if (model->tick == ", "    if (1 + model->tick == ", "there is"),
    ("early exit", "return largest - second > margin;", "return largest - second >= margin;", "ends early"),
    ("early exit", "is_sure(model, margin)", "is_sure(model, 0)", "not ready"),
    ("early exit of a stream", "? 2 : 1", "? 1 : 1", "ends early"),
]


@pytest.mark.parametrize(("name", "before", "after", "words"), FAULTY_TEXT)
def test_wrong_text_is_seen(made: Callable[[str], Case], name: str, before: str, after: str, words: str) -> None:
    right = made(name)
    assert before in right.text
    fault = right.fault(right.text.replace(before, after))
    assert fault is not None and words in fault
