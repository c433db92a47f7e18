"""Kernels of cortex-m-mve against the references, on an emulated Cortex-M55: whole tensors, rings of rows, regions.

Each test records all its calls and makes them in one start of the emulator (tests/helium_harness.py). What is drawn is
the same on every run.
"""

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.embedded.firmware_harness import needs_device
from tests.helium_harness import Tape
from tests.operator_harness import random_inputs
from tests.ops.pools import pool
from tests.ops.test_add import ACTIVATIONS, EVERY_FIRST, EVERY_SECOND, binary
from tests.ops.test_add import SCALES as ADD_SCALES
from tests.ops.test_conv_2d import conv
from tests.ops.test_depthwise_conv_2d import depthwise
from tests.ops.test_fully_connected import dense
from tests.ops.test_mul import SCALES as MUL_SCALES
from tests.ops.test_quantize import quantize
from tests.targets.test_dsp_elementwise import SCALES as LINES
from tests.tile_harness import Case, Region, needed, smallest
from tests.tiny_model import node_of
from verify.graph.graph import Node
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource
from verify.ops.requantize import requantize
from verify.ops.weights import Rescale, Weighted
from verify.targets.cortex_m_mve.rescaling import holds
from verify.targets.kernel import Kernel
from verify.targets.registry import target_named

MVE = "cortex-m-mve"
CONV_1X1, CONV = "stj_conv_2d_1x1_s8_mve", "stj_conv_2d_s8_mve"
DEPTHWISE, NARROW = "stj_depthwise_conv_2d_s8_mve", "stj_depthwise_conv_2d_narrow_s8_mve"

pytestmark = needs_device


class Recorder:
    """Draws and records calls of one kernel."""

    def __init__(self, seed: int = 0) -> None:
        self.rng, self.tape = np.random.default_rng(seed), Tape()

    def below(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high))

    def pick(self, *choices: int) -> int:
        return int(self.rng.choice(choices))

    def zero_points(self) -> tuple[int, int]:
        return self.below(-128, 128), self.pick(-128, 127, 0, -5, self.below(-128, 128))

    def fused(self) -> str:
        return ACTIVATIONS[self.below(0, len(ACTIVATIONS))]

    def options(self) -> dict[str, Any]:
        return {"bias": bool(self.below(0, 2)), "fused_activation_function": self.fused(), "seed": self.below(0, 2**16)}

    def call(self, node: Node, kernel: str, inputs: Sequence[np.ndarray] = (), regions: int = 2) -> None:
        """Whole, off its alignment, row by row in rings, and some regions in as little memory as is legal."""
        found = target_named(MVE).kernel(kernel)
        assert found is not None and found.runs(node)
        check_restored(node, found)
        x = list(inputs) or random_inputs(node.input_shapes, self.below(0, 2**16))
        self.tape.rows(node, found, x)
        self.tape.rows(node, found, x, odd=self.below(1, 4))
        shape = node.output_shapes[0]
        if len(shape) != 4 or node.input_shapes[0][0] != 1 or not found.tiles(node):
            return
        self.tape.rows(node, found, x, ring=True)
        for _ in range(regions):
            y0, x0 = self.below(0, shape[1]), self.below(0, shape[2])
            part = Region(y0, self.below(y0 + 1, shape[1] + 1), x0, self.below(x0 + 1, shape[2] + 1))
            raster, spare = bool(self.below(0, 2)), (self.below(0, 2), self.below(0, 2))
            kept = [smallest(needed(node, i, part), s[2], raster, spare) for i, s in enumerate(node.input_shapes)]
            self.tape.tile(node, found, x, Case(part, tuple(kept), smallest(part, shape[2], raster, spare)))
            for over in found.in_place(node):
                self.tape.tile(node, found, x, Case(part, tuple(kept), kept[over], over))


def check_restored(node: Node, kernel: Kernel[Any]) -> None:
    """The operator's own constants can be had from the flat arrays that a kernel stores."""
    restored = kernel.restored(node, {name: values.reshape(-1) for name, values in kernel.stored(node).items()})
    for name, values in node.op.constants.items():
        np.testing.assert_array_equal(restored[name], values)


def rows_and_taps(r: Recorder, most: int, dilations: int = 1) -> tuple[int, int, int]:
    """Taps, dilation and positions along one axis, of which one window fits."""
    taps, dilation = r.below(1, most + 1), r.below(1, dilations + 1)
    return taps, dilation, (taps - 1) * dilation + 1 + r.below(0, 6)


@pytest.mark.parametrize("seed", range(2))
def test_pixels(seed: int) -> None:
    r = Recorder(seed)
    for i in range(20):
        image = (
            1 + (i % 7 == 0),
            r.below(1, 5),
            r.below(1, 9),
            r.pick(1, 8, 15, 16, 17, 31, 32, 33, 48, r.below(1, 90)),
        )
        channels = r.pick(4, 8, 12, 1, 2, 3, 5, 10, 13)
        steps: dict[str, Any] = {"stride_h": r.below(1, 3), "stride_w": r.below(1, 3)}
        r.call(node_of(conv(image, (1, 1), channels, zero_points=r.zero_points(), **steps, **r.options())), CONV_1X1)
    r.tape.play()


def test_results_over_their_own_pixels() -> None:
    """Fours, three, one and two of what is left; in rows, and in regions of tiles."""
    r = Recorder(5)
    for height, width, channels in ((1, 1, 20), (3, 5, 8), (5, 3, 17), (2, 7, 40), (1, 6, 5)):
        node = node_of(conv((1, height, width, channels), (1, 1), channels, zero_points=r.zero_points(), **r.options()))
        r.call(node, CONV_1X1)
        kernel = target_named(MVE).choose(node)
        assert kernel.in_place(node) == {0}
        r.tape.rows(node, kernel, random_inputs(node.input_shapes, width), over=True)
    r.tape.play()


@pytest.mark.parametrize("seed", range(2))
def test_windows(seed: int) -> None:
    r = Recorder(seed)
    for i in range(16):
        (kh, dh, height), (kw, _, width) = rows_and_taps(r, 4, 2), rows_and_taps(r, 4)
        steps: dict[str, Any] = {"stride_h": r.below(1, 3), "stride_w": r.below(1, 4), "dilation_h_factor": dh}
        padding = "SAME" if r.below(0, 3) else "VALID"
        image = (1 + (i % 7 == 0), height, width + r.below(0, 9), r.pick(1, 2, 3, 8, 16, 17))
        source = conv(
            image, (kh, kw), r.pick(3, 4, 8), zero_points=r.zero_points(), padding=padding, **steps, **r.options()
        )
        r.call(node_of(source), CONV)
    r.tape.play()


def depthwises(r: Recorder, wide: bool, one: bool = False, several: bool = False) -> Node:
    (kh, dh, height), (kw, dw, width) = rows_and_taps(r, 7, 2), rows_and_taps(r, 7, 1 if wide or one else 2)
    steps: dict[str, Any] = {
        "stride_h": r.below(1, 3),
        "stride_w": r.below(1, 4),
        "dilation_h_factor": dh,
        "dilation_w_factor": dw,
    }
    channels = 1 if one else r.pick(3, 4, 8, 16, 17, 24, 32, 35)
    image = (1, height, width + (12 + r.below(0, 20) if wide else 0), channels)
    multiplier = r.below(2, 10) if one else r.pick(1, 2, 3, 17) if several else 1
    padding = "SAME" if r.below(0, 3) else "VALID"
    return node_of(
        depthwise(image, (kh, kw), multiplier, zero_points=r.zero_points(), padding=padding, **steps, **r.options())
    )


@pytest.mark.parametrize("seed", range(2))
def test_depthwise(seed: int) -> None:
    r, kernel = Recorder(seed), target_named(MVE).kernel(DEPTHWISE)
    assert kernel is not None
    nodes = [node for node in (depthwises(r, wide=True) for _ in range(24)) if kernel.runs(node)]
    assert len(nodes) > 8
    for node in nodes:
        r.call(node, DEPTHWISE)
    r.tape.play()


@pytest.mark.parametrize("seed", range(2))
def test_narrow_depthwise(seed: int) -> None:
    r = Recorder(seed)
    for i in range(20):
        r.call(depthwises(r, wide=i % 8 == 0, several=i % 4 == 3), NARROW)
    r.tape.play()


def test_depthwise_of_one_channel() -> None:
    r = Recorder()
    for _ in range(8):
        r.call(depthwises(r, wide=False, one=True), "stj_depthwise_conv_2d_one_s8_mve")
    r.tape.play()


def test_fewer_pixels_at_once() -> None:
    """The forms of less working memory, on rows that take several groups of pixels and a part of one."""
    r = Recorder()
    for form, width in itertools.product((4, 8, 16), (9, 27)):
        taps, steps = r.pick(2, 3, 5), {"stride_w": r.pick(1, 2)}
        r.call(node_of(conv((1, 3, width, 3), (3, taps), 6, **steps, **r.options())), f"{CONV}/{form}")
        wide = depthwise((1, 4, 2 * width, 20), (r.pick(3, 5), 3), zero_points=r.zero_points(), **r.options())
        r.call(node_of(wide), f"{DEPTHWISE}/{form}")
    r.tape.play()


def test_fully_connected() -> None:
    r = Recorder()
    for i in range(20):
        depth, vectors = r.pick(1, 8, 16, 17, 40, 64, 65), r.below(1, 9)
        shape = (1, vectors, depth) if i % 2 else (vectors, depth)
        source = dense(shape, depth, r.below(1, 22), bool(i % 2), i % 3 == 0, i % 5 > 0, r.zero_points(), i, r.fused())
        r.call(node_of(source), "stj_fully_connected_s8_mve")
    r.tape.play()


def test_sums_and_products_of_all_pairs() -> None:
    r, shape = Recorder(), (1, 256, 16, 16)
    pairs = [every.astype(np.int8).reshape(shape) for every in (EVERY_FIRST, EVERY_SECOND)]
    for case, scales in enumerate(ADD_SCALES):
        source = binary("SUB" if case % 2 else "ADD", shape, shape, shape, scales, ACTIVATIONS[case % 4])
        r.tape.rows(node_of(source), by_name("stj_add_any_s8_mve"), pairs)
    for case, scales in enumerate(LINES):
        node = node_of(binary("SUB" if case % 2 else "ADD", shape, shape, shape, scales, ACTIVATIONS[case % 4]))
        kernel = by_name("stj_add_s8_mve")
        assert kernel.runs(node)
        r.tape.rows(node, kernel, pairs)
    nodes = [
        node_of(binary("MUL", shape, shape, shape, scales, fused))
        for scales, fused in zip(MUL_SCALES, ACTIVATIONS, strict=True)
    ]
    runs = [by_name("stj_mul_s8_mve").runs(node) for node in nodes]
    assert runs == [True, True, False, True]  # the third one's shift is to the left
    for node in (node for node, can in zip(nodes, runs, strict=True) if can):
        r.tape.rows(node, by_name("stj_mul_s8_mve"), pairs)
    r.tape.play()


def by_name(name: str) -> Kernel[Any]:
    kernel = target_named(MVE).kernel(name)
    assert kernel is not None
    return kernel


def test_stretched_operands_and_regions() -> None:
    r = Recorder()
    for first, second in [((1, 5, 3, 4), (4,)), ((1, 5, 3, 4), (1, 5, 3, 1)), ((3, 4), (1, 5, 1, 1)), ((7,), (1,))]:
        result = np.broadcast_shapes(first, second)
        for kind in ("ADD", "MUL"):
            scales = (ADD_SCALES if kind == "ADD" else MUL_SCALES)[0]
            node = node_of(binary(kind, first, second, result, scales))
            name = "stj_add_any_s8_mve" if kind == "ADD" else "stj_mul_s8_mve"
            r.tape.rows(node, by_name(name), random_inputs(node.input_shapes, 1))
    for kind, name, scales in (
        ("ADD", "stj_add_any_s8_mve", ADD_SCALES[0]),
        ("SUB", "stj_add_s8_mve", LINES[0]),
        ("MUL", "stj_mul_s8_mve", MUL_SCALES[0]),
    ):
        for channels in (1, 4, 7):
            shape = (1, 4, 5, channels)
            r.call(node_of(binary(kind, shape, shape, shape, scales)), name, regions=3)
    r.tape.play()


def test_pools_and_lookups() -> None:
    r = Recorder()
    for kind in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        for i in range(10):
            kernel = (r.below(1, 6), r.below(1, 6))
            image = (1 + (i == 3), r.below(kernel[0], 9), r.below(kernel[1], 9), r.pick(1, 3, 4, 16, 18, 33))
            stride, padding = (r.below(1, 4), r.below(1, 4)), "SAME" if r.below(0, 2) else "VALID"
            source = pool(kind, image, kernel, stride, padding, r.fused(), 0.05, r.below(-128, 128))
            r.call(node_of(source), f"stj_{kind.lower()}_s8_mve")
    for shape in ((256,), (3, 7), (1, 5, 3, 2), (1, 4, 6, 20)):
        r.call(node_of(quantize(DType.INT8, DType.INT8, (0.1, 3), (0.07, -9), shape)), "stj_lookup_s8_mve")
    r.tape.play()


def with_scales(source: OperatorSource, multiplier: np.ndarray, shift: np.ndarray, bias: np.ndarray) -> Node:
    """The node of a layer with just these scales."""
    node = node_of(source)
    op = node.op
    assert isinstance(op, Weighted) and dataclasses.is_dataclass(op)
    scale = Rescale(multiplier.astype(np.int32), shift.astype(np.int32), op.rescale.zero_point, -128, 127)
    return dataclasses.replace(node, op=dataclasses.replace(op, rescale=scale, bias=bias.astype(np.int32)))  # type: ignore[arg-type]


@pytest.mark.parametrize("relu", [False, True])
def test_ties_and_extreme_scales(relu: bool) -> None:
    """One weight per channel and a multiplier of a half: sums at and around halves of every shift; channels whose
    multiplier is 0 or negative, whose bias is INT32_MAX."""
    r = Recorder()
    zero_point = -128 if relu else 3
    for kernel, source in (
        (CONV_1X1, conv((1, 8, 32, 1), (1, 1), 24, zero_points=(0, zero_point))),
        (CONV_1X1, conv((1, 8, 32, 20), (1, 1), 24, zero_points=(0, zero_point))),
        (DEPTHWISE, depthwise((1, 4, 64, 24), (3, 3), zero_points=(0, zero_point))),
        (NARROW, depthwise((1, 40, 1, 24), (3, 1), zero_points=(0, zero_point))),
    ):
        shift = -(np.arange(24) % 12) - (0 if relu else 2)
        multiplier = np.where(np.arange(24) % 3 == 0, 2**30, r.rng.integers(2**30, 2**31, 24))
        multiplier[5], multiplier[7] = 0, -multiplier[7]
        bias = r.rng.integers(-(2**12), 2**12, 24) * 2 + 1
        bias[5] = 2**31 - 1
        node = with_scales(source, multiplier, np.where(np.arange(24) == 5, 7, shift), bias)
        r.call(node, kernel)
    r.tape.play()


def test_what_the_kernels_need() -> None:
    """Shifts that are too short and sums that are too large are left to other kernels."""
    source = conv((1, 2, 2, 8), (1, 1), 4, zero_points=(0, 3))
    ones, four = np.full(4, 2**30), np.zeros(4)
    for shift, bias, name in (
        (-2, four, CONV_1X1),
        (-1, four, None),
        (1, four, None),
        (-9, np.array([0, 2**30, 0, 0]), None),
    ):
        node = with_scales(source, ones, np.full(4, shift), bias)
        assert (target_named(MVE).choose(node).name == CONV_1X1) == (name is not None)
    kernel = by_name(CONV_1X1)
    node = with_scales(source, ones, np.full(4, -9), np.array([0, 2**30, 0, 0]))
    assert not holds(kernel.intermediates(node, [(-128, 127)]))
    relu = with_scales(conv((1, 2, 2, 8), (1, 1), 4, zero_points=(0, -128)), ones, np.zeros(4), four)
    assert target_named(MVE).choose(relu).name == CONV_1X1


def test_halves_in_one_instruction() -> None:
    """VQDMULH by 2^30 + 1, then VRSHL by one bit less: the second rounding of stj_requantize.h (stj_mve.h)."""
    x = np.concatenate([np.arange(-5000, 5000), np.random.default_rng(0).integers(-(2**30) + 1, 2**30, 100_000)])
    for n in range(2, 32):
        halved = (2 * x * (2**30 + 1)) >> 32
        assert np.array_equal((halved + (1 << (n - 2))) >> (n - 1), requantize(2 * x, 2**30, -n))
