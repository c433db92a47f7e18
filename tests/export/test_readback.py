"""The emitted C is read back: every number that decides what runs is compared with the plan, every fault is refused."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from export import __main__ as export
from export.c.emit import emit
from export.c.readback import differences
from tests.clip.test_per_frame import conv3d, shifted, streamtinynet
from tests.random_models import Net
from verify.clip import per_frame
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.graph.plan_json import plan_to_json
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check

DEMO = Path(__file__).parents[1] / "data/demo_model.tflite"
TEMPLATES = Path(export.__file__).parent / "c/templates"


@dataclass(frozen=True)
class Case:
    graph: Graph
    plan: Plan
    files: dict[str, str]

    def wrong(self, **changes: str) -> list[str]:
        """Differences after the text of a file, "c", "h" or "constants", has been replaced."""
        names = {"c": "stj_model.c", "h": "stj_model.h", "constants": "stj_model_constants.h"}
        return differences(self.files | {names[k]: text for k, text in changes.items()}, self.graph, self.plan)


def residual() -> Graph:
    net = Net(1)
    x = net.conv(net.input(1, 18, 5, 2), 3, (3, 3), (1, 1), (1, 1))
    x = net.add(net.depthwise(net.conv(x, 3, (1, 1), (1, 1), (1, 1)), (3, 3), (1, 1), (1, 1)), x)
    x = net.conv(x, 4, (3, 1), (2, 1), (1, 1))
    net.dense(net.mean(net.add(net.conv(x, 4, (5, 3), (1, 1), (1, 1)), x)), 3)
    return net.graph()


def two_inputs() -> Graph:
    net = Net(2)
    net.conv(net.add(net.input(1, 8, 6, 3), net.input(1, 8, 6, 3)), 3, (3, 3), (1, 1), (1, 1))
    return net.graph()


GRAPHS: dict[str, Callable[[], Graph]] = {
    "residual": residual,
    "two inputs": two_inputs,
    "streamtinynet": lambda: per_frame(streamtinynet()),
    "conv3d": lambda: per_frame(conv3d()),
    "shifted": lambda: per_frame(shifted()),
}
ROWS, PATCHES = InputMode.ROWS, InputMode.PATCHES
PLANS = [(name, scheme, ROWS, 1) for name in GRAPHS for scheme in ("auto", "stream", "layer")]
PLANS += [("residual", "layer", PATCHES, 1), ("streamtinynet", "auto", PATCHES, 1), ("shifted", "stream", ROWS, 2)]


def make(name: str, scheme: str, mode: InputMode = ROWS, step: int = 1) -> Case:
    graph = GRAPHS[name]()
    plan = make_plan(graph, Request(scheme, mode, time_step=step))
    report, proved = check(graph, plan)
    assert proved, report.verdicts
    return Case(graph, plan, emit(proved))


@pytest.mark.parametrize(("name", "scheme", "mode", "step"), PLANS)
def test_what_is_emitted_is_the_plan(name: str, scheme: str, mode: InputMode, step: int) -> None:
    assert make(name, scheme, mode, step).wrong() == []


@pytest.fixture(scope="module", params=["residual", "shifted"])
def case(request: pytest.FixtureRequest) -> Case:
    return make(request.param, "stream")


def fixed_lines(template: str) -> set[str]:
    """Lines of a template that are the same for every model."""
    lines = (re.sub(r"\{%.*?%\}", "", line) for line in (TEMPLATES / template).read_text().splitlines())
    ready = "if (model == NULL || model->arena == NULL || model->ready != 1) {"
    return {line.strip() for line in lines if "{{" not in line} | {ready}


def mutants(text: str, fixed: set[str]) -> Iterator[tuple[str, str]]:
    """(line, text) with one number of a line that is not fixed one larger."""
    code = re.sub(r"/\*.*?\*/", lambda found: " " * len(found[0]), text, flags=re.DOTALL)
    for found in re.finditer(r"(?<![\w.])-?\d+(?![\w.])", code):
        begin, end = code.rfind("\n", 0, found.start()) + 1, code.find("\n", found.end())
        line = text[begin:end]
        if line.strip() not in fixed and line.split("/*")[0].strip() not in fixed:
            yield line, text[: found.start()] + str(int(found[0]) + 1) + text[found.end() :]


def test_every_number_of_the_code_counts(case: Case) -> None:
    """Offsets, strides, capacities, schedules, ticks, tables, fills: one more, one at a time."""
    found = list(mutants(case.files["stj_model.c"], fixed_lines("stj_model.c.j2")))
    assert len(found) > 100
    assert [line for line, text in found if not case.wrong(c=text)] == []


def test_every_number_of_the_constants_counts(case: Case) -> None:
    found = list(mutants(case.files["stj_model_constants.h"], set()))
    assert len(found) > 300
    assert [line for line, text in found[:: max(1, len(found) // 200)] if not case.wrong(constants=text)] == []


@pytest.mark.parametrize("macro", ["ARENA_BYTES", "STATE_BYTES", "SRAM_BYTES", "INPUT_0_ROWS", "OUTPUT_0_BYTES"])
def test_macros_count(case: Case, macro: str) -> None:
    text = re.sub(rf"(#define STJ_MODEL_{macro}) \d+", r"\1 1000000", case.files["stj_model.h"])
    assert any(macro in wrong for wrong in case.wrong(h=text))


def swap_calls(text: str) -> str:
    blocks = list(re.finditer(r"    \{ /\* op .*?\n    \}\n", text, re.DOTALL))
    a, b = blocks[0], blocks[1]
    return text[: a.start()] + b[0] + a[0] + text[b.end() :]


def drop_call(text: str) -> str:
    return re.sub(r"    \{ /\* op .*?\n    \}\n", "", text, count=1, flags=re.DOTALL)


def repeat_call(text: str) -> str:
    block = re.search(r"    \{ /\* op .*?\n    \}\n", text, re.DOTALL)
    assert block
    return text.replace(block[0], block[0] * 2, 1)


ARENA = "uint8_t *const arena = model->arena;"
BEGIN = "memset(model, 0, sizeof *model);"
RECEIVED = "static int all_received"
REPLACED = [
    ("stj_conv_2d_s8(", "stj_depthwise_conv_2d_s8("),
    ("n - 1", "n"),
    ("stj_frontier(n,", "stj_frontier(n + 1,"),
    ("in, out,", "out, in,"),
    ("arena + ", "arena - "),
    ("{arena + ", "{arena + 8 + "),
    (ARENA, ARENA.replace(";", " + 8;")),
    (ARENA, "arena[0] = 0;\n    " + ARENA),
    ('#include "stj_model.h"', '#include "stj_model.h"\n#define stj_frontier(a, b, c, d, e) 0'),
    ("    (void)model;\n}\n", "    stage_0(model, 0);\n    (void)model;\n}\n"),
    ("n++", "n += 2"),
    (RECEIVED, "static STJ_NOINLINE void stage_99(const stj_model *model) {\n    (void)n;\n}\n" + RECEIVED),
    (BEGIN, BEGIN + " memset((uint8_t *)arena + 4, 0, 1);"),
]


@pytest.mark.parametrize(
    "plant",
    [
        swap_calls,
        drop_call,
        repeat_call,
        *(lambda text, old=old, new=new: text.replace(old, new, 1) for old, new in REPLACED),
    ],
)
def test_faults_of_shape_are_refused(case: Case, plant: Callable[[str], str]) -> None:
    text = plant(case.files["stj_model.c"])
    assert text != case.files["stj_model.c"]
    assert case.wrong(c=text)


def test_a_clip_that_forgets_to_advance_its_frame() -> None:
    case = make("shifted", "stream")
    text = re.sub(r"model->frame = \(model->frame \+ 1\) % \d+;", "model->frame = 0;", case.files["stj_model.c"])
    assert any("period of frames" in wrong for wrong in case.wrong(c=text))


def test_nothing_is_written_when_the_emitter_is_at_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def faulty(proved: object, *options: object) -> dict[str, str]:
        files = emit(proved)  # type: ignore[arg-type]
        return files | {"stj_model.c": files["stj_model.c"].replace("{arena + 0,", "{arena + 8,", 1)}

    graph = export.cli.load_model(DEMO)
    (tmp_path / "plan.json").write_text(plan_to_json(make_plan(graph, Request("layer"))))
    monkeypatch.setattr(export, "emit", faulty)
    arguments = [str(DEMO), "--plan", str(tmp_path / "plan.json"), "-o", str(tmp_path / "c")]
    assert export.run([*arguments, "--certificate", str(tmp_path / "cert")]) == 3
    assert "not what was proved" in capsys.readouterr().err
    assert not (tmp_path / "c").exists() and not (tmp_path / "cert").exists()
