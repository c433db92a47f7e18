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
from export.c.emit import emit
from tests.kernel_harness import EMBEDDED
from tests.proof.refused.plans import tiled_rings_in_one_column_tick
from tests.random_models import Net, networks
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.plan.request import SCHEMES, PlanningError, Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.verdict import Refuted
from verify.targets.choice import chosen
from verify.targets.portable.stack import LEVELS, STACK_BYTES
from verify.targets.registry import PORTABLE
from verify.targets.stack import frame_bytes, stack_reserve

GCC = "arm-none-eabi-gcc"
DEVICES = ("mps2-an386", "mps2-an500", "mps3-an547")
pytestmark = pytest.mark.skipif(shutil.which(GCC) is None, reason="needs the cross compiler")


def written(graph: Graph, plan: Plan, folder: Path) -> None:
    _, proved = check(graph, plan)
    assert proved is not None
    for name, text in emit(proved).items():
        (folder / name).write_text(text)


def frames(folder: Path, device: str, level: str) -> dict[str, int]:
    """Bytes of stack by generated function, as this board's compiler says."""
    flags = re.findall(r"^CFLAGS_BOARD := (.*)$", (BOARDS / device / "board.mk").read_text(), re.M)[0].split()
    command = [GCC, *flags, "-std=c99", level, f"-I{EMBEDDED / 'include'}", "-c", "stj_model.c", "-o", "model.o"]
    subprocess.run(command, cwd=folder, check=True)
    found: dict[str, int] = {}
    for name, size in re.findall(
        r'title: "(?:[^":]*:)?(\w+)[^"]*" label: "[^"]*?(\d+) bytes', (folder / "model.ci").read_text()
    ):
        found[name] = max(int(size), found.get(name, 0))
    return found


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
    found = frames(folder, device, level)
    tiled = frozenset(buffer.tensor for buffer in plan.buffers if buffer.tiled)
    for number, stage in enumerate(plan.stages):
        measured = found.get(f"stage_{number}", 0) + found.get(f"step_{number}", 0)
        assert 0 < measured <= frame_bytes(graph, stage, tiled), f"stage {number}: {stage}"


@pytest.mark.parametrize("device", DEVICES)
def test_kernels_need_no_more_than_is_written_down(device: str) -> None:
    found = depths(load_board(device), "-O2")
    assert found.keys() == STACK_BYTES.keys()
    assert {name: size for name, size in found.items() if size > STACK_BYTES[name]} == {}


@pytest.mark.parametrize("device", DEVICES)
def test_tiles_in_a_stage_of_one_column_tick_have_regions_too(tmp_path: Path, device: str) -> None:
    """With 792 bytes this was proved; a Cortex-M7 needs 876."""
    graph, plan = tiled_rings_in_one_column_tick()
    assert isinstance(check(graph, plan)[0].verdicts["C5"], Refuted)
    plan = replace(plan, stack_bytes=stack_reserve(graph, plan, chosen(graph, PORTABLE)))
    written(graph, plan, tmp_path)
    bound = build(tmp_path, device, tmp_path / "build").stack_bound.size_bytes
    assert bound is not None and 792 < bound <= plan.stack_bytes
