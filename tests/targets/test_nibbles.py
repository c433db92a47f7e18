"""Weights of four bits, two in a byte: their kernels against the references, and the plans that take them."""

import dataclasses
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from export.c.emit import emit
from tests.kernel_harness import EMBEDDED
from tests.operator_harness import changed, kernel_equals_reference
from tests.ops.test_conv_2d import conv, convs
from tests.ops.test_depthwise_conv_2d import depthwise, depthwises
from tests.ops.test_fully_connected import dense, denses
from tests.random_models import Net
from tests.tile_harness import check_every_run
from tests.tiny_model import node_of
from verify.commands.plan import run
from verify.graph.graph import Graph
from verify.graph.tensor import Tensor
from verify.ops.base import OperatorSource
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.targets.choice import chosen, kernels_of
from verify.targets.flash import constant_bytes
from verify.targets.registry import PORTABLE, target_named
from verify.targets.target import Target

PACKED = Target("packed", frozenset(), tuple(kernel for kernel in target_named(PORTABLE).kernels if kernel.packed))


def four_bits(source: OperatorSource) -> OperatorSource:
    """The operator with weights from -8 to 7."""
    tensor = source.inputs[1]
    assert tensor is not None and tensor.data is not None
    return changed(source, 1, data=tensor.data >> 4)


@settings(max_examples=25)
@given(st.one_of(convs(), depthwises(), denses()), st.integers(0, 99))
def test_kernels_equal_the_reference(source: OperatorSource, seed: int) -> None:
    kernel_equals_reference(node_of(four_bits(source)), seed, PACKED)


@pytest.mark.parametrize(
    "source",
    [
        conv((1, 4, 7, 9), (1, 1), 33),
        conv((1, 20, 5, 2), (17, 2), 5),
        conv((1, 9, 5, 3), (2, 2), 6, stride_h=2),
        depthwise((1, 6, 9, 22), (3, 3), zero_points=(-128, 0)),
        conv((1, 9, 6, 4), (3, 3), 10, groups=2, dilation_w_factor=2),
        depthwise((1, 5, 8, 19), (3, 3)),
        depthwise((1, 20, 4, 6), (17, 2)),
        depthwise((1, 4, 5, 1), (2, 3), multiplier=5),
    ],
)
def test_every_way_equals_the_reference(source: OperatorSource) -> None:
    kernel_equals_reference(node_of(four_bits(source)), target=PACKED)


@pytest.mark.parametrize("source", [conv((1, 4, 7, 3), (3, 2), 6), depthwise((1, 9, 5, 7), (3, 2))])
def test_every_run_of_columns(source: OperatorSource) -> None:
    check_every_run(node_of(four_bits(source)), target=PACKED)


@pytest.mark.parametrize(
    "source", [conv((1, 4, 5, 2), (2, 2), 5), depthwise((1, 4, 5, 3), (2, 3)), dense((1, 6), 6, 3)]
)
def test_every_stored_half_counts(source: OperatorSource) -> None:
    """Whatever weight is changed, what is read back is not the operator's: zeros that fill up blocks, too."""
    node = node_of(four_bits(source))
    kernel, own = PACKED.choose(node), node.op.constants
    stored = {name: values.reshape(-1) for name, values in kernel.stored(node).items()}
    for place in range(stored["weights"].size):
        for flipped in (1, -16):
            wrong = stored["weights"].copy()
            wrong[place] ^= flipped
            back = kernel.restored(node, stored | {"weights": wrong})
            assert any((back[name] != own[name]).any() for name in own), (place, flipped)


@pytest.mark.parametrize(("beyond", "kernels"), [(-9, 0), (8, 0), (-8, 1), (7, 1)])
def test_a_weight_of_more_bits_is_not_packed(beyond: int, kernels: int) -> None:
    source = four_bits(dense((1, 6), 6, 3))
    weights = source.inputs[1]
    assert weights is not None and weights.data is not None
    data = weights.data.copy()
    data[1, 2] = beyond
    node = node_of(changed(source, 1, data=data))
    assert sum(kernel.runs(node) for kernel in PACKED.kernels) == kernels


class Int4Net(Net):
    """A network of four-bit weights."""

    def weights(self, shape: "tuple[int, ...]", channels: int, axis: int) -> Tensor:  # type: ignore[override]
        tensor = super().weights(shape, channels, axis)
        assert tensor.data is not None
        return dataclasses.replace(tensor, data=tensor.data >> 4)


@pytest.fixture(scope="module")
def network() -> Graph:
    net = Int4Net(6)
    x = net.conv(net.input(1, 8, 8, 3), 18, (3, 3), (1, 1), (1, 1))
    x = net.conv(net.depthwise(x, (3, 3), (1, 1), (1, 1)), 32, (1, 1), (1, 1), (1, 1))
    net.dense(net.mean(x), 11)
    return net.graph()


def test_the_plan_says_what_packing_would_save(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net = Int4Net(1)
    net.dense(net.input(1, 96), 20)
    (tmp_path / "model.tflite").write_bytes(net.bytes())
    assert run([str(tmp_path / "model.tflite")]) == 0
    note = r"note: 1 operators have weights of four bits; --packed-weights .* (\S+) bytes of flash in place of (\S+)"
    found = re.search(note, capsys.readouterr().out)
    assert found and int(found[2].replace(",", "")) - int(found[1].replace(",", "")) == 96 * 20 // 2
    assert run([str(tmp_path / "model.tflite"), "--packed-weights"]) == 0
    assert "four bits" not in capsys.readouterr().out
    wide = Net(1)
    wide.dense(wide.input(1, 96), 20)
    (tmp_path / "model.tflite").write_bytes(wide.bytes())
    assert run([str(tmp_path / "model.tflite"), "--packed-weights"]) == 0
    assert "note: --packed-weights: no operator's weights are all from -8 to 7" in " ".join(
        capsys.readouterr().out.split()
    )


@pytest.mark.parametrize("target", [PORTABLE, "cortex-m-dsp", "cortex-m-mve"])
def test_plans_with_packed_weights_are_proved_and_take_half_the_flash(network: Graph, target: str) -> None:
    """A target's own kernels stay where nobody asks for less flash; a budget is enough to ask."""
    plain, packed = (make_plan(network, Request("stream", target=target, packed=packed)) for packed in (False, True))
    kernels = kernels_of(network, packed)
    assert check(network, packed)[1] is not None
    assert sum(kernel.packed for kernel in kernels.values()) == 4
    assert not any(kernel.packed for kernel in kernels_of(network, plain).values())
    bytes_each = chosen(network, PORTABLE)
    for node in network.nodes:
        if kernels[node.index].packed:
            whole, halved = (
                next(c.size_bytes for c in kernel.call(node, "x").constants if c.name == "x_weights")
                for kernel in (bytes_each[node.index], kernels[node.index])
            )
            assert halved == whole // 2
    least = constant_bytes(network, kernels)
    within = make_plan(network, Request("stream", target=target, flash=least + 40))
    assert constant_bytes(network, kernels_of(network, within)) <= least + 40 and check(network, within)[1] is not None


def test_the_compiler_stores_as_many(network: Graph, tmp_path: Path) -> None:
    """What C5 counts is what is linked: arrays and parameter structs as gcc lays them out for a Cortex-M7."""
    _, proved = check(network, make_plan(network, Request("layer", packed=True)))
    assert proved is not None
    for name, text in emit(proved).items():
        (tmp_path / name).write_text(text)
    flags = ("-mcpu=cortex-m7", "-mthumb", "-O2", "-std=c99", "-fdata-sections", f"-I{EMBEDDED / 'include'}", "-I.")
    subprocess.run(["arm-none-eabi-gcc", *flags, "-c", "stj_model.c", "-o", "model.o"], cwd=tmp_path, check=True)
    sizes = subprocess.run(
        ["arm-none-eabi-size", "-A", "model.o"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    found = re.findall(r"^\.rodata\.(?:op|tensor|stj_model)_\S+\s+(\d+)", sizes.stdout, re.M)
    assert sum(-(-int(size) // 4) * 4 for size in found) == constant_bytes(network, kernels_of(network, proved.plan))
