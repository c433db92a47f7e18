"""A second target from files of its own alone: it is chosen, named in the plan, judged by what it says, called."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import verify.targets
from export.c.emit import emit
from export.c.readback import differences
from tests.kernel_harness import EMBEDDED
from tests.random_models import Net
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan, Stage
from verify.graph.plan_json import plan_from_json, plan_to_json
from verify.identities.machine import Machine
from verify.identities.plain import PlainMachine
from verify.identities.run import fault_of_program
from verify.plan.request import Patches, PlanningError, Request
from verify.plan.search import make_plan
from verify.program.lower import lower
from verify.proof.check import check
from verify.proof.verdict import Refuted
from verify.targets.choice import kernels_of
from verify.targets.registry import PORTABLE

FILES = {
    "toy/__init__.py": """
from verify.targets.portable import TARGET as PORTABLE
from verify.targets.registry import kernels_in
from verify.targets.target import Target

TARGET = Target("toy", frozenset({"wide"}), (*kernels_in(__path__, __name__), *PORTABLE.kernels))
""",
    "toy/add.py": """
from verify.targets.portable.add import AddKernel


class ToyAdd(AddKernel):
    name = "toy_add_s8"
    features = frozenset({"wide"})

    def scratch_bytes(self, node):
        return 48

    def in_place(self, node):
        return frozenset({1})

    def stack_bytes(self, tile):
        return 2000

    def reads_past(self, node, operand):
        return 12

    def tiles(self, node):
        return False


class TooDemanding(ToyAdd):
    name = "wider_add_s8"
    features = frozenset({"wide", "wider"})
""",
    "toy_add_s8.h": """
#include "stj_add_s8.h"
void toy_add_s8(const stj_add_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);
""",
}


PATCHES = Patches(2, 3)


@pytest.fixture(autouse=True)
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(verify.targets, "__path__", [*verify.targets.__path__, str(tmp_path)])
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("verify.targets.toy")]:
        del sys.modules[name]


@pytest.fixture
def graph() -> Graph:
    """A sum whose operands both die with it."""
    net = Net(2)
    x = net.input(1, 6, 5, 4)
    y = net.add(net.conv(x, 4, (1, 1), (1, 1), (1, 1)), net.conv(x, 4, (3, 3), (1, 1), (1, 1)))
    net.conv(y, 2, (1, 1), (1, 1), (1, 1))
    return net.graph()


def kernels(plan: Plan) -> list[str]:
    return [firing.kernel for stage in plan.stages for firing in stage.firings]


def moved(plan: Plan, tensor: int, **changes: object) -> Plan:
    buffers = [replace(b, **changes) if b.tensor == tensor else b for b in plan.buffers]
    return replace(plan, buffers=tuple(buffers))


def with_kernel_names(stages: tuple[Stage, ...], before: str, after: str) -> tuple[Stage, ...]:
    """Stages with one kernel in place of another."""
    return tuple(
        replace(stage, firings=tuple(replace(f, kernel=after) if f.kernel == before else f for f in stage.firings))
        for stage in stages
    )


def with_scratch(stages: tuple[Stage, ...], offset: int | None) -> tuple[Stage, ...]:
    """Stages with the sum's working memory at another place."""
    return tuple(
        replace(
            stage,
            firings=tuple(replace(f, scratch=offset) if f.kernel == "toy_add_s8" else f for f in stage.firings),
        )
        for stage in stages
    )


def refuted(graph: Graph, plan: Plan, claim: str) -> str:
    found = check(graph, plan)[0].verdicts[claim]
    assert isinstance(found, Refuted), found
    return f"{found.subject} {found.counterexample}"


def test_the_planner_takes_the_first_kernel_whose_features_are_there(graph: Graph) -> None:
    plan = make_plan(graph, Request("layer", target="toy"))
    assert plan.target == "toy" and kernels(plan).count("toy_add_s8") == 1 and "stj_add_s8" not in kernels(plan)
    assert "stj_add_s8" in kernels(make_plan(graph, Request("layer")))
    assert plan.scratch_bytes == 48
    assert plan_from_json(plan_to_json(plan)) == plan
    assert check(graph, plan)[1] is not None


def test_no_stage_is_split_by_columns_where_a_kernel_has_no_tiles(graph: Graph) -> None:
    split = make_plan(graph, Request("stream-2d", patches=PATCHES))
    assert any(stage.columns > 1 for stage in split.stages)
    with pytest.raises(PlanningError, match="cannot be computed by patches"):
        make_plan(graph, Request("stream-2d", patches=PATCHES, target="toy"))
    stages = with_scratch(with_kernel_names(split.stages, "stj_add_s8", "toy_add_s8"), 8192)
    other = replace(split, stages=stages, target="toy", scratch_bytes=48, arena_bytes=9000)
    assert "cannot be computed by columns" in refuted(graph, other, "C1")


def test_a_plan_with_too_little_scratch_is_refuted(graph: Graph) -> None:
    plan = make_plan(graph, Request("layer", target="toy"))
    assert "needs 48" in refuted(graph, replace(plan, scratch_bytes=47), "C4")


def test_working_memory_lies_in_the_arena_where_nothing_lives_meanwhile(graph: Graph) -> None:
    """Of its operands one dies in the sum, so that what lies over it is refused by solver and by identities."""
    plan = make_plan(graph, Request("layer", target="toy"))
    node = next(node for node in graph.nodes if len(node.inputs) == 2)
    firing = next(f for stage in plan.stages for f in stage.firings if f.op == node.index)
    assert firing.scratch is not None and firing.scratch + 48 <= plan.arena_bytes
    program = lower(graph, plan)
    assert fault_of_program(graph, kernels_of(graph, plan), program) is None
    operand = next(b.offset for b in plan.buffers if b.tensor == node.inputs[0])
    for offset, text in ((operand, "also belongs to"), (plan.arena_bytes - 40, "takes bytes"), (None, "gives it none")):
        moved_plan = replace(plan, stages=with_scratch(plan.stages, offset))
        assert text in refuted(graph, moved_plan, "C4")
    other = lower(graph, replace(plan, stages=with_scratch(plan.stages, operand)))
    for machine in (Machine, PlainMachine):
        assert fault_of_program(graph, kernels_of(graph, plan), program, machine) is None
        assert "op 2" in str(fault_of_program(graph, kernels_of(graph, plan), other, machine))


def test_working_memory_that_no_kernel_asks_for_is_refused(graph: Graph) -> None:
    plan = make_plan(graph, Request("layer", target="toy"))
    stages = tuple(replace(stage, firings=tuple(replace(f, scratch=0) for f in stage.firings)) for stage in plan.stages)
    assert "needs 0 bytes" in refuted(graph, replace(plan, stages=stages), "C4")


def test_its_stack_is_what_the_plan_reserves(graph: Graph) -> None:
    plan = make_plan(graph, Request("layer", target="toy"))
    assert 2000 < plan.stack_bytes < 2300 and make_plan(graph, Request("layer")).stack_bytes < 2000
    assert f"needs {plan.stack_bytes}" in refuted(graph, replace(plan, stack_bytes=2000), "C5")


def test_what_is_read_past_the_end_must_be_in_the_arena(graph: Graph) -> None:
    plan = make_plan(graph, Request("layer", target="toy"))
    node = next(node for node in graph.nodes if len(node.inputs) == 2)
    size = graph.tensors[node.inputs[0]].size_bytes
    ends = moved(replace(plan, arena_bytes=4096), node.inputs[0], offset=4096 - (size + 7) // 8 * 8)
    assert "past its end" in refuted(graph, ends, "C4")
    stages = with_kernel_names(with_scratch(plan.stages, None), "toy_add_s8", "stj_add_s8")
    assert check(graph, replace(ends, target=PORTABLE, stages=stages))[1] is not None


def test_the_planner_leaves_room_for_it(graph: Graph) -> None:
    plan = make_plan(graph, Request("layer", target="toy"))
    node = next(node for node in graph.nodes if len(node.inputs) == 2)
    ends = [b.offset + graph.tensors[b.tensor].size_bytes for b in plan.buffers if b.tensor in node.inputs]
    assert plan.arena_bytes >= max(ends) + 12


def test_nothing_is_read_past_the_end_of_memory_of_the_callers() -> None:
    net = Net(2)
    x = net.input(1, 6, 5, 4)
    net.add(x, x)
    plan = make_plan(net.graph(), Request("layer", InputMode.PATCHES, target="toy"))
    assert check(net.graph(), plan)[1] is not None, "another kernel computes it"
    stages = with_kernel_names(plan.stages, "stj_add_s8", "toy_add_s8")
    other = replace(plan, stages=with_scratch(stages, 1024), scratch_bytes=48, arena_bytes=2048)
    assert "past its end" in refuted(net.graph(), other, "C4")


def test_results_are_written_over_the_operands_that_its_kernel_allows(graph: Graph) -> None:
    node = next(node for node in graph.nodes if len(node.inputs) == 2)
    for operand, verdict in ((0, False), (1, True)):
        plan = make_plan(graph, Request("layer", target="toy"))
        place = 2048
        for tensor in (node.inputs[operand], node.outputs[0]):
            plan = moved(replace(plan, arena_bytes=4096), tensor, offset=place)
        assert (check(graph, plan)[1] is not None) == verdict


def test_a_kernel_that_the_target_lacks_is_refused_by_name(graph: Graph) -> None:
    plan = make_plan(graph, Request("layer", target="toy"))
    assert "toy_add_s8" in refuted(graph, replace(plan, target=PORTABLE), "C1")
    first = plan.stages[0]

    def with_kernel(name: str) -> Plan:
        firing = replace(first.firings[0], kernel=name)
        return replace(plan, stages=(replace(first, firings=(firing,)), *plan.stages[1:]))

    assert "names kernel 'none'" in refuted(graph, with_kernel(""), "C1")
    assert "cannot be computed by kernel toy_add_s8" in refuted(graph, with_kernel("toy_add_s8"), "C1")
    assert "there is no target 'tao'" in refuted(graph, replace(plan, target="tao"), "C1")
    wider = replace(plan, stages=with_kernel_names(plan.stages, "toy_add_s8", "wider_add_s8"))
    assert "cannot be computed by kernel wider_add_s8" in refuted(graph, wider, "C1")


def test_the_exporter_calls_it(graph: Graph, toy: Path) -> None:
    plan = make_plan(graph, Request("layer", target="toy"))
    _, proved = check(graph, plan)
    assert proved is not None
    files = emit(proved)
    assert differences(files, proved, lower(graph, plan)) == []
    assert re.search(r"SCRATCH_2 = \d+,", files["stj_model.c"]) and ".data = arena + SCRATCH_2" in files["stj_model.c"]
    for name, text in files.items():
        (toy / name).write_text(text)
    command = ["gcc", "-std=c99", "-Wall", "-Werror", f"-I{EMBEDDED / 'include'}", f"-I{toy}", "-c", "stj_model.c"]
    subprocess.run([*command, "-o", "stj_model.o"], cwd=toy, check=True)
    symbols = subprocess.run(["nm", "-u", "stj_model.o"], cwd=toy, check=True, capture_output=True, text=True).stdout
    assert "toy_add_s8" in symbols and "stj_add_s8" not in symbols
