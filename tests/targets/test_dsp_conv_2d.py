"""CONV_2D of cortex-m-dsp against the reference, in the form that runs on any host, and which kernel takes what."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel_harness import kernel_of
from tests.operator_harness import kernel_equals_reference, random_inputs, whole
from tests.ops.node_checks import check_in_place, int8
from tests.ops.test_conv_2d import conv, convs
from tests.ops.test_tiles import windows
from tests.tile_harness import Case, Region, check_every_run, check_tiles, run_tile, smallest
from tests.tiny_model import node_of
from verify.graph.graph import Node
from verify.graph.window import Padding
from verify.ops.base import OperatorSource
from verify.ops.conv_2d import Conv2D
from verify.targets.cortex_m_dsp import conv_2d
from verify.targets.cortex_m_dsp.conv_2d import ConvBlocks, PackedConv2D
from verify.targets.cortex_m_dsp.conv_2d_single import SingleConv2D
from verify.targets.registry import target_named
from verify.targets.target import Target

DSP = "cortex-m-dsp"
PACKED, WIDE, PORTABLE = "stj_conv_2d_s8_dsp", "stj_conv_2d_wide_s8_dsp", "stj_conv_2d_s8"
SINGLE = dataclasses.replace(
    target_named(DSP), name="one by one", kernels=(SingleConv2D(), *target_named("portable").kernels)
)
SEEDS = st.integers(0, 99)


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kernel, the target that has it, and up to how many weights are halfwords, so that it is this one's turn."""

    name: str
    target: str | Target
    most: int = 0

    def __repr__(self) -> str:
        return self.name


KINDS = (Kind(PACKED, DSP), Kind(WIDE, DSP, 10**6), Kind("stj_conv_2d_single_s8_dsp", SINGLE))


@contextmanager
def wide_up_to(weights: int) -> Iterator[None]:
    """Small layers would have halfwords always, and none would be packed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conv_2d, "WIDE_WEIGHTS", weights)
        yield


def chosen(node: Node, target: str | Target = DSP) -> str:
    return kernel_of(node, target).name


def changed(node: Node, **changes: object) -> Node:
    """The node with another rescaling, bias or weights."""
    assert isinstance(node.op, Conv2D)
    rescale = {name: changes.pop(name) for name in ("multiplier", "shift", "low", "high") if name in changes}
    op = dataclasses.replace(node.op, rescale=dataclasses.replace(node.op.rescale, **rescale), **changes)
    return dataclasses.replace(node, op=op)


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_rows(kind: Kind) -> None:
    names = set()

    @settings(max_examples=40)
    @given(convs(), SEEDS)
    def check(source: OperatorSource, seed: int) -> None:
        node = node_of(source)
        names.add(chosen(node, kind.target))
        kernel_equals_reference(node, seed, kind.target)

    with wide_up_to(kind.most):
        check()
    assert names == {PORTABLE, kind.name}, "groups are the portable kernel's"


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_regions(kind: Kind) -> None:
    @settings(max_examples=25)
    @given(windows().filter(lambda node: isinstance(node.op, Conv2D) and node.op.groups == 1), st.data(), SEEDS)
    def check(node: Node, data: st.DataObject, seed: int) -> None:
        assert chosen(node, kind.target) == kind.name
        check_tiles(node, data, seed, 6, kind.target)

    with wide_up_to(kind.most):
        check()


@pytest.mark.parametrize("kind", KINDS, ids=repr)
@pytest.mark.parametrize(
    "source",
    [
        conv((1, 5, 13, 3), (3, 3), 5),
        conv((1, 5, 13, 4), (3, 2), 6, dilation_w_factor=2),
        conv((1, 4, 13, 8), (1, 1), 7),
        conv((1, 4, 11, 1), (3, 4), 4, stride_w=2),
    ],
)
def test_every_run_of_columns(source: OperatorSource, kind: Kind) -> None:
    with wide_up_to(kind.most):
        check_every_run(node_of(source), target=kind.target)


@pytest.mark.parametrize("kind", KINDS, ids=repr)
@pytest.mark.parametrize("depth", [8, 7])
def test_results_over_their_own_pixels(depth: int, kind: Kind) -> None:
    """Blocks of three, rests of rows that make blocks of their own, and what is left at last."""
    rng = np.random.default_rng(depth)
    with wide_up_to(kind.most):
        for height, width in ((1, 1), (2, 4), (5, 5), (3, 11)):
            source = conv((1, height, width, depth), (1, 1), depth)
            check_in_place(source, [int8(rng, 1, height, width, depth)], kind.target)
            node = node_of(source)
            x0, end = (1, width) if width > 4 else (0, width)
            operand = smallest(Region(0, height, x0, end), width, width == 5, (0, 1))
            case = Case(Region(0, height, x0, end), (operand,), operand, 0)
            inputs = random_inputs(node.input_shapes, depth)
            got = run_tile(node, inputs, case, 0, kind.target).view(np.int8)
            np.testing.assert_array_equal(got, whole(node, inputs)[0][0][case.region.slices])


def test_no_results_over_what_others_read() -> None:
    for source in (
        conv((1, 4, 4, 8), (1, 1), 12),
        conv((1, 4, 4, 8), (3, 3), 8),
        conv((1, 4, 4, 8), (1, 1), 8, stride_w=2),
    ):
        assert target_named(DSP).choose(node := node_of(source)).in_place(node) == frozenset()


@pytest.mark.parametrize("target", [DSP, SINGLE], ids=["blocks", "single"])
@pytest.mark.parametrize("depth", [4, 3])
@pytest.mark.parametrize("kernel", [(1, 1), (1, 2), (2, 1)])
def test_windows_in_the_padding(kernel: tuple[int, int], depth: int, target: str | Target) -> None:
    """Rows and columns of the output that see no pixel."""
    node = node_of(conv((1, 7, 13, depth), kernel, 4, padding="VALID"))
    op = node.op.absorb_padding(Padding(2, 3, 2, 3, node.op.padding_zero))
    assert op is not None
    padded = dataclasses.replace(node, op=op, input_shapes=((1, 2, 8, depth),))
    kernel_equals_reference(padded, target=target)
    check_every_run(padded, target=target)


@pytest.mark.parametrize("kind", KINDS, ids=repr)
@pytest.mark.parametrize("depth", [1, 4, 7, 31, 32, 33, 36, 37, 67])
def test_every_length_of_the_loop(depth: int, kind: Kind) -> None:
    """A unit that is always computed, a loop of eight that is entered anywhere, weights of zero behind the last one."""
    kinds = (("NONE", (-5, 7), 5), ("RELU", (127, -128), 2), ("RELU6", (-128, 3), 1))
    with wide_up_to(kind.most):
        for activation, points, channels in kinds:
            source = conv((1, 2, 4, depth), (1, 1), channels, zero_points=points, fused_activation_function=activation)
            assert chosen(node_of(source), kind.target) == kind.name
            kernel_equals_reference(node_of(source), target=kind.target)


@settings(max_examples=40)
@given(st.data(), SEEDS, st.sampled_from(KINDS))
def test_scales_of_every_kind(data: st.DataObject, seed: int, kind: Kind) -> None:
    """Multipliers at their ends and of either sign, shifts up to constant channels, biases that saturate results."""
    channels = data.draw(st.integers(1, 5))
    node = node_of(conv((1, 3, 5, data.draw(st.integers(1, 9))), (1, 1), channels, seed=seed))
    ends = (2**30, 2**31 - 1, -(2**30), 1 - 2**31, 0, 1234567891)
    multipliers = [data.draw(st.sampled_from(ends)) for _ in range(channels)]
    shifts = [data.draw(st.sampled_from((-12, -9, -8, -7, -5, -1, 0, 1, -20))) for _ in range(channels)]
    biases = [data.draw(st.integers(-(2**20), 2**20)) for _ in range(channels)]
    biases = [2**31 - 1 if m == 0 else bias for m, bias in zip(multipliers, biases, strict=True)]
    low = data.draw(st.sampled_from((-128, 7, -20)))
    node = changed(
        node, multiplier=np.array(multipliers, np.int32), shift=np.array(shifts, np.int32),
        bias=np.array(biases, np.int32), low=low, high=data.draw(st.sampled_from((127, 90))),
    )  # fmt: skip
    with wide_up_to(kind.most):
        kernel_equals_reference(node, seed, kind.target)


def full(weight: int, depth: int = 64, zero_point: int = -128) -> Node:
    """All weights the same: sums at the ends of their interval."""
    node = node_of(conv((1, 2, 4, depth), (1, 1), 3, zero_points=(zero_point, -128)))
    return changed(node, weights=np.full_like(node.op.constants["weights"], weight))


def test_largest_weights_and_inputs() -> None:
    for weight, zero_point in ((127, -128), (-127, -128), (127, 127), (-128, 127)):
        kernel_equals_reference(full(weight, 64, zero_point), target=DSP)
        kernel_equals_reference(full(weight, 64, zero_point), target=SINGLE)


def test_what_packed_weights_cannot_be() -> None:
    with wide_up_to(0):
        assert chosen(full(-127)) == PACKED
        assert chosen(full(-128)) == PORTABLE, "256 * -128 and a negative neighbour are no halfword"
        assert chosen(full(127, 300)) == PORTABLE, "sums of 2^23 do not fit when they are kept times 256"
    assert chosen(full(-128)) == chosen(full(127, 300)) == WIDE


def test_who_takes_what() -> None:
    assert chosen(node_of(conv((1, 4, 4, 16), (1, 1), 16))) == WIDE
    assert chosen(node_of(conv((1, 4, 4, 64), (1, 1), 65))) == PACKED, "its weights are too many for halfwords"
    assert chosen(node_of(conv((1, 4, 4, 4), (3, 3), 4, groups=2))) == PORTABLE
    left = changed(node_of(conv((1, 2, 3, 4), (1, 1), 2)), shift=np.array([1, -7], np.int32))
    assert chosen(left) == PORTABLE, "one channel corrects negative accumulators, the other must not"


def test_a_layer_of_int8_inputs_in_part_needs_less() -> None:
    node = node_of(conv((1, 2, 3, 16), (1, 1), 4))
    kernel = target_named(DSP).choose(node)
    assert isinstance(kernel, ConvBlocks)
    wide, narrow = (kernel.intermediates(node, [stored])[0] for stored in ((-128, 127), (-5, 20)))
    assert (wide.low < narrow.low).all() and (wide.high > narrow.high).all()
    assert (wide.bounds, len(wide.low)) == ((-(2**31), 2**31 - 1), 4)


def test_what_is_read_back_is_what_is_stored() -> None:
    """Every word of the stream says something, but for those of channels that give one value."""
    node = node_of(conv((1, 2, 3, 5), (1, 1), 3))
    for kernel in (PackedConv2D(), conv_2d.WideConv2D(), SingleConv2D()):
        stream = kernel.stored(node)["stream"]
        for at in range(stream.size):
            found = kernel.restored(node, {"stream": stream + (np.arange(stream.size) == at).astype(np.int32)})
            assert any(not np.array_equal(found[name], own) for name, own in node.op.constants.items()), at


def test_working_memory() -> None:
    """Three windows as pairs of halfwords, and as bytes where rows of taps are no whole words."""
    for source, size in (
        (conv((1, 4, 4, 16), (1, 1), 4), 6 * 16 + 64),
        (conv((1, 6, 6, 3), (3, 3), 4), 6 * 28 + 64 + 3 * 32),
        (conv((1, 6, 6, 1), (3, 4), 4), 6 * 12 + 64 + 16),
    ):
        node = node_of(source)
        assert target_named(DSP).choose(node).scratch_bytes(node) == size
