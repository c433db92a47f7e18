"""The emitted C is parsed back to the program that it is: every number counts, every fault is refused."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from export import __main__ as export
from export.c.emit import printed, program_of
from export.c.parse import parse
from export.c.readback import differences
from tests.clip.test_per_frame import conv3d, shifted, streamtinynet
from tests.plan.test_recompute import banded, expanding
from tests.random_models import Net
from verify.clip import per_frame
from verify.graph.graph import Graph
from verify.graph.plan import InputMode
from verify.graph.plan_json import plan_to_json
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.program.program import Program
from verify.proof.check import ProvedPlan, check

DEMO = Path(__file__).parents[1] / "data/demo_model.tflite"


@dataclass(frozen=True)
class Case:
    proved: ProvedPlan
    program: Program
    files: dict[str, str]

    def wrong(self, **changes: str) -> list[str]:
        """Differences after the text of a file, "c", "h" or "constants", has been replaced."""
        names = {"c": "stj_model.c", "h": "stj_model.h", "constants": "stj_model_constants.h"}
        return differences(self.files | {names[k]: text for k, text in changes.items()}, self.proved, self.program)


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
    "expanding": expanding,
}
ROWS, PATCHES = InputMode.ROWS, InputMode.PATCHES
PLANS = [(name, scheme, ROWS, 1) for name in GRAPHS for scheme in ("auto", "stream", "layer") if name != "expanding"]
PLANS += [
    ("expanding", "bands", ROWS, 1),
    ("residual", "layer", PATCHES, 1),
    ("streamtinynet", "auto", PATCHES, 1),
    ("shifted", "stream", ROWS, 2),
]


def make(name: str, scheme: str, mode: InputMode = ROWS, step: int = 1) -> Case:
    graph = GRAPHS[name]()
    if scheme == "bands":
        plan, _ = banded(graph, 4)
    else:
        plan = make_plan(graph, Request(scheme, mode, time_step=step))
    report, proved = check(graph, plan)
    assert proved, report.verdicts
    program = program_of(proved)
    return Case(proved, program, printed(proved, program))


@pytest.mark.parametrize(("name", "scheme", "mode", "step"), PLANS)
def test_what_is_emitted_is_the_program(name: str, scheme: str, mode: InputMode, step: int) -> None:
    case = make(name, scheme, mode, step)
    assert case.wrong() == []
    assert parse(case.files, "stj_model") == case.program


@pytest.fixture(scope="module", params=["residual", "shifted"])
def case(request: pytest.FixtureRequest) -> Case:
    return make(request.param, "stream")


def mutants(text: str) -> Iterator[tuple[str, str]]:
    """(line, text) with one number one larger."""
    code = re.sub(r"/\*.*?\*/", lambda found: " " * len(found[0]), text, flags=re.DOTALL)
    for found in re.finditer(r"(?<![\w.])-?\d+(?![\w.])", code):
        line = text[code.rfind("\n", 0, found.start()) + 1 : code.find("\n", found.end())]
        yield line, text[: found.start()] + str(int(found[0]) + 1) + text[found.end() :]


def test_every_number_of_the_code_counts(case: Case) -> None:
    """Offsets, strides, capacities, schedules, ticks, tables, fills: one more, one at a time."""
    found = list(mutants(case.files["stj_model.c"]))
    assert len(found) > 100
    assert [line for line, text in found if not case.wrong(c=text)] == []


def test_every_number_of_a_band_counts() -> None:
    case = make("expanding", "bands")
    found = [(line, text) for line, text in mutants(case.files["stj_model.c"]) if "stj_frontier_by(" in line]
    assert len(found) >= 10
    assert [line for line, text in found if not case.wrong(c=text)] == []
    text = case.files["stj_model.c"]
    assert case.wrong(c=re.sub(r"stj_frontier_by\((n), (.*?), 4\)", r"stj_frontier(\1, \2)", text, count=1))


def test_every_number_of_the_constants_counts(case: Case) -> None:
    found = list(mutants(case.files["stj_model_constants.h"]))
    assert len(found) > 300
    assert [line for line, text in found[:: max(1, len(found) // 200)] if not case.wrong(constants=text)] == []


@pytest.mark.parametrize("macro", ["ARENA_BYTES", "STATE_BYTES", "SRAM_BYTES", "INPUT_0_ROWS", "OUTPUT_0_BYTES"])
def test_macros_count(case: Case, macro: str) -> None:
    text = re.sub(rf"(#define STJ_MODEL_{macro}) \d+", r"\1 1000000", case.files["stj_model.h"])
    assert case.wrong(h=text)


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
    ("n - 1", "m - 1"),
    ("stj_frontier(n,", "stj_frontier(n + 1,"),
    ("in, out,", "out, in,"),
    ("arena + ", "arena - "),
    (".data = arena + ", ".data = arena + 8 + "),
    (".capacity", ".row_bytes"),
    ("rows_0.first", "rows_1.first"),
    (".last", ".first"),
    (ARENA, ARENA.replace(";", " + 8;")),
    (ARENA, "arena[0] = 0;\n    " + ARENA),
    ('#include "stj_model.h"', '#include "stj_model.h"\n#define stj_frontier(a, b, c, d, e) 0'),
    ("    return STJ_OK;", "    stage_0(model, 0);\n    return STJ_OK;"),
    ("    return STJ_OK;", "    model->arena[0] = 0;\n    return STJ_OK;"),
    ("model->tick++", "model->tick += 2"),
    (RECEIVED, "static STJ_NOINLINE void stage_99(const stj_model *model) {\n}\n" + RECEIVED),
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
    assert case.wrong(c=text)


def test_nothing_is_written_when_the_emitter_is_at_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def faulty(*arguments: Any) -> dict[str, str]:
        files = printed(*arguments)
        return files | {"stj_model.c": re.sub(r"(TENSOR_\d+) = 0,", r"\1 = 8,", files["stj_model.c"], count=1)}

    graph = export.cli.load_model(DEMO)
    (tmp_path / "plan.json").write_text(plan_to_json(make_plan(graph, Request("layer"))))
    monkeypatch.setattr(export, "printed", faulty)
    arguments = [str(DEMO), "--plan", str(tmp_path / "plan.json"), "-o", str(tmp_path / "c")]
    assert export.cli.guarded(lambda: export.run([*arguments, "--certificate", str(tmp_path / "cert")])) == 3
    assert "not what was proved" in capsys.readouterr().err
    assert not (tmp_path / "c").exists() and not (tmp_path / "cert").exists()


def test_a_plan_of_version_2_is_exported_with_the_targets_kernels(tmp_path: Path) -> None:
    graph = export.cli.load_model(DEMO)
    plan = json.loads(plan_to_json(make_plan(graph, Request("layer"))))
    plan["version"] = 2
    del plan["target"]
    for firing in (firing for stage in plan["stages"] for firing in stage["firings"]):
        del firing["kernel"]
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    assert export.run([str(DEMO), "--plan", str(tmp_path / "plan.json"), "-o", str(tmp_path / "c")]) == 0
