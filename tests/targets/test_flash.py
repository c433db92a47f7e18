"""Bytes of flash: what the checker counts is what a compiler for a 32-bit target stores."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings

from export.c.emit import emit
from tests.kernel_harness import EMBEDDED
from tests.random_models import Net, networks
from tests.tiny_model import activation
from verify.graph.graph import Graph
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.verdict import Refuted
from verify.targets.choice import chosen, kernels_of
from verify.targets.cost import instructions_of
from verify.targets.flash import constant_bytes, kernel_calls, kernels_within
from verify.targets.registry import PORTABLE
from verify.tflite.read import read_model

DSP = "cortex-m-dsp"
PREFIX = "arm-none-eabi-"
FLAGS = ("-mcpu=cortex-m7", "-mthumb", "-O2", "-std=c99", "-fdata-sections", f"-I{EMBEDDED / 'include'}", "-I.")


def compiled_bytes(graph: Graph, folder: Path) -> int:
    """Bytes of constants and parameter structs of the exported model, each from a word's boundary on."""
    _, proved = check(graph, make_plan(graph, Request("layer")))
    assert proved is not None
    for name, text in emit(proved).items():
        (folder / name).write_text(text)
    subprocess.run([f"{PREFIX}gcc", *FLAGS, "-c", "stj_model.c", "-o", "model.o"], cwd=folder, check=True)
    command = [f"{PREFIX}size", "-A", "model.o"]
    text = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    return sum(
        -(-int(size) // 4) * 4 for size in re.findall(r"^\.rodata\.(?:op|tensor|stj_model)_\S+\s+(\d+)", text, re.M)
    )


@pytest.mark.skipif(shutil.which(f"{PREFIX}gcc") is None, reason="needs the cross compiler")
@settings(max_examples=8)
@given(net=networks())
def test_the_compiler_stores_as_many(net: Net, tmp_path_factory: pytest.TempPathFactory) -> None:
    graph = net.graph()
    assert constant_bytes(graph, chosen(graph, PORTABLE)) == compiled_bytes(graph, tmp_path_factory.mktemp("model"))


def test_equal_arrays_of_one_use_are_stored_once() -> None:
    """Of three functions of one kind the last two have the same grids, and so one table."""
    net = Net(0)
    x = net.input(1, 3, 2, 2)
    for _ in range(3):
        x = net.append("TANH", (x,), activation(net.next(), x.shape, 1 / 128, 0), {})
    graph = net.graph()
    calls = list(kernel_calls(graph, chosen(graph, PORTABLE)).values())
    first, second, third = (call.fields["table"] for call in calls)
    assert first != second == third
    assert len({constant.name for call in calls for constant in call.constants}) == 2


def test_parameter_structs_count(models_dir: Path) -> None:
    """475,546 bytes hold this model's weights, but not what its kernels are told about them. Linked, it is 480,684."""
    path = models_dir / "mcunet_zoo" / "mcunet-5fps_vww.tflite"
    graph = read_model(path.read_bytes(), path.stem)
    found = check(graph, make_plan(graph, Request("layer", flash=475_546)))[0].verdicts["C5"]
    assert isinstance(found, Refuted) and "flash" in found.subject
    assert constant_bytes(graph, chosen(graph, PORTABLE)) == 491_988


@pytest.fixture(scope="module")
def layers() -> Graph:
    """Layers whose weights cortex-m-dsp would have as halfwords."""
    net = Net(6)
    x = net.conv(net.input(1, 8, 8, 4), 24, (3, 3), (1, 1), (1, 1))
    net.conv(net.conv(net.depthwise(x, (3, 3), (1, 1), (1, 1)), 32, (1, 1), (1, 1), (1, 1)), 8, (1, 1), (1, 1), (1, 1))
    return net.graph()


def test_a_budget_that_the_fastest_kernels_miss_takes_others(layers: Graph) -> None:
    """Fewer bytes for more instructions, down to a least budget that is stated and proved."""
    fastest = constant_bytes(layers, chosen(layers, DSP))
    least = constant_bytes(layers, kernels_within(layers, DSP, 0))
    assert least < 0.75 * fastest
    found = []
    for budget in (fastest, fastest - 1, (fastest + least) // 2, least):
        plan = make_plan(layers, Request("layer", flash=budget, target=DSP))
        kernels = kernels_of(layers, plan)
        assert constant_bytes(layers, kernels) <= budget and check(layers, plan)[1] is not None
        found.append((instructions_of(layers, plan, kernels) or 0, [kernel.name for kernel in kernels.values()]))
    assert sum(a != b for a, b in zip(found[0][1], found[1][1], strict=True)) == 1, "one layer's are enough"
    assert max(few for few, _ in found[:-1]) < 0.5 * found[-1][0], "the portable kernels are the last resort"
    plan = make_plan(layers, Request("stream", flash=least - 1, target=DSP))
    assert constant_bytes(layers, kernels_of(layers, plan)) == least
    verdict = check(layers, plan)[0].verdicts["C5"]
    assert isinstance(verdict, Refuted) and f"take {least} bytes of flash" in verdict.counterexample


def test_working_memory_is_not_saved_at_the_cost_of_flash(layers: Graph) -> None:
    budget = constant_bytes(layers, chosen(layers, DSP))
    for scheme in ("stream", "auto"):
        plan = make_plan(layers, Request(scheme, flash=budget, target=DSP))
        assert constant_bytes(layers, kernels_of(layers, plan)) <= budget


def test_what_turns_out_to_be_unnecessary_is_taken_back(layers: Graph) -> None:
    """For every budget: no kernel of it can be the preferred one again."""
    preferred = chosen(layers, DSP)
    for budget in range(constant_bytes(layers, kernels_within(layers, DSP, 0)), constant_bytes(layers, preferred), 97):
        kernels = kernels_within(layers, DSP, budget)
        for op, kernel in kernels.items():
            if kernel is not preferred[op]:
                assert constant_bytes(layers, {**kernels, op: preferred[op]}) > budget
