"""The stack reserve against compilers: frames of generated functions, depths of kernels, and the whole of an image."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from embedded.tools.board import BOARDS, load_board
from embedded.tools.firmware import build
from embedded.tools.kernel_stack import depths
from embedded.tools.stack import INTERFACE
from embedded.tools.stack_check import CallGraph, Routine, deepest
from export.c.emit import emit
from tests.export.test_early_exit import branching, early_output
from tests.kernel_harness import EMBEDDED
from tests.proof.refused.plans import tiled_rings_in_one_column_tick
from tests.random_models import Net, networks
from verify.clip import per_frame
from verify.graph.early_exit import exit_first
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.plan.request import SCHEMES, PlanningError, Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.verdict import Refuted
from verify.targets.choice import chosen
from verify.targets.measured import LEVELS, Measured
from verify.targets.registry import PORTABLE, target_named, targets
from verify.targets.stack import frame_bytes, interface_bytes, stack_reserve

GCC = "arm-none-eabi-gcc"
DEVICES = ("mps2-an386", "mps2-an500", "mps3-an547")
pytestmark = pytest.mark.skipif(shutil.which(GCC) is None, reason="needs the cross compiler")


STAGE = re.compile(r"(?:[^:]*:)?(?:stage|step)_(\d+)(_rows)?(?:\.\w+)*")
"""Functions of a stage: the number, and whether it computes some rows of a frame only. Compilers add to the names."""


def written(graph: Graph, plan: Plan, folder: Path, reuse_rows: bool = False, early_exit: int | None = None) -> None:
    _, proved = check(graph, plan)
    assert proved is not None
    for name, text in emit(proved, reuse_rows, early_exit).items():
        (folder / name).write_text(text)


def frames(folder: Path, device: str, level: str) -> CallGraph:
    """Bytes of stack by generated function, as this board's compiler says."""
    flags = re.findall(r"^CFLAGS_BOARD := (.*)$", (BOARDS / device / "board.mk").read_text(), re.M)[0].split()
    command = [GCC, *flags, "-std=c99", level, f"-I{EMBEDDED / 'include'}", "-c", "stj_model.c", "-o", "model.o"]
    subprocess.run(command, cwd=folder, check=True)
    return CallGraph([(folder / "model.ci").read_text()])


def require_within_the_model(found: CallGraph, graph: Graph, plan: Plan) -> None:
    """Of every stage its functions, and what is above them."""
    tiled = frozenset(buffer.tensor for buffer in plan.buffers if buffer.tiled)
    measured: dict[tuple[int, bool], int] = {}
    for name, size in found.frames.items():
        if match := STAGE.fullmatch(name):
            key = int(match[1]), match[2] is not None
            measured[key] = measured.get(key, 0) + size
    assert {number for number, _ in measured} == set(range(len(plan.stages)))
    for (number, some_rows), size in measured.items():
        assert 0 < size <= frame_bytes(graph, plan.stages[number], tiled), f"stage {number}, {some_rows}: {plan}"
    above = CallGraph([])
    above.calls = found.calls
    above.frames = {name: 0 if STAGE.fullmatch(name) else frame for name, frame in found.frames.items()}
    entries = [name for name in above.frames if name.startswith(INTERFACE)]
    bound = deepest(above, entries, lambda _: Routine(0, set()))
    assert bound.size_bytes <= interface_bytes(graph, plan), bound


@settings(max_examples=12, phases=(Phase.explicit, Phase.generate))  # to shrink means to compile for minutes
@given(networks(12), st.sampled_from(SCHEMES), st.sampled_from(DEVICES), st.sampled_from(LEVELS))
def test_frames_of_stages_are_within_the_model(
    tmp_path_factory: pytest.TempPathFactory, net: Net, scheme: str, device: str, level: str
) -> None:
    graph, folder = net.graph(), tmp_path_factory.mktemp("model")
    try:
        plan = make_plan(graph, Request(scheme))
    except PlanningError:
        assume(False)
        raise
    written(graph, plan, folder)
    require_within_the_model(frames(folder, device, level), graph, plan)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("clip", [False, True])
def test_early_exits_and_rows_of_frames_are_within_the_model(tmp_path: Path, device: str, clip: bool) -> None:
    """Functions that pass a margin on lie above a stage, and others compute some rows of it."""
    graph = per_frame(branching(3).graph()) if clip else branching().graph()
    early = early_output(graph)
    graph, cut = exit_first(graph, early)
    plan = make_plan(graph, Request("stream", cut=cut))
    written(graph, plan, tmp_path, clip, early)
    for level in LEVELS:
        found = frames(tmp_path, device, level)
        assert "stj_model_push_rows_until" in found.frames and ("stj_model_push_frame_rows" in found.frames) == clip
        require_within_the_model(found, graph, plan)


@pytest.mark.parametrize("device", DEVICES)
def test_kernels_need_no_more_than_is_written_down(device: str) -> None:
    found = depths(load_board(device), "-O2")
    stated = {
        name: kernel.stack_bytes(tile)
        for target in targets().values()
        for kernel in target.kernels
        if isinstance(kernel, Measured)
        for tile, name in ((False, kernel.name), (True, kernel.tile_name))
        if name in found
    }
    assert {kernel.name for kernel in target_named(PORTABLE).kernels} <= found.keys() == stated.keys()
    assert {name: size for name, size in found.items() if size > stated[name]} == {}


@pytest.mark.parametrize("device", DEVICES)
def test_tiles_in_a_stage_of_one_column_tick_have_regions_too(tmp_path: Path, device: str) -> None:
    """A plan that reserves 400 bytes is refuted: a Cortex-M4 needs 408, an M7 416."""
    graph, plan = tiled_rings_in_one_column_tick()
    assert isinstance(check(graph, plan)[0].verdicts["C5"], Refuted)
    plan = replace(plan, stack_bytes=stack_reserve(graph, plan, chosen(graph, PORTABLE)))
    written(graph, plan, tmp_path)
    bound = build(tmp_path, device, tmp_path / "build").stack_bound.size_bytes
    assert bound is not None and 400 < bound <= plan.stack_bytes
