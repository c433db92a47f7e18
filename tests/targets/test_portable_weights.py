"""The portable kernels with weights on shapes that take each of their ways: pairs, clipped and tall windows, tails of
blocks; on every kind of rescaling; and the layout that they store."""

import ctypes
import dataclasses
from typing import Any

import numpy as np
import pytest

from tests.kernel_harness import load_call, run_kernel
from tests.operator_harness import kernel_equals_reference, random_inputs
from tests.ops.test_conv_2d import conv
from tests.ops.test_depthwise_conv_2d import depthwise
from tests.ops.test_fully_connected import dense
from tests.tile_harness import check_every_run
from tests.tiny_model import node_of
from verify.graph.graph import Node
from verify.ops.base import OperatorSource
from verify.ops.requantize import requantize
from verify.ops.weights import Weighted
from verify.targets.portable.weights import LOST, PortableWeights, stored_shift
from verify.targets.registry import target_named

WINDOWS = [
    conv((1, 5, 8, 5), (3, 3), 18),
    conv((1, 4, 7, 9), (1, 1), 33),
    conv((1, 4, 9, 4), (2, 3), 7, padding="VALID", stride_w=2),
    conv((1, 9, 6, 4), (3, 3), 10, groups=2, dilation_w_factor=2),
    conv((1, 20, 5, 2), (17, 2), 5),
    conv((1, 20, 6, 4), (17, 2), 6, padding="VALID", groups=2),
    depthwise((1, 5, 8, 19), (3, 3)),
    depthwise((1, 5, 8, 18), (3, 2), dilation_w_factor=2),
    depthwise((1, 20, 4, 6), (17, 2)),
    depthwise((1, 9, 5, 3), (3, 3), multiplier=6),
]


def ids(source: OperatorSource) -> str:
    image, weights = (tensor for tensor in source.inputs[:2] if tensor is not None)
    return f"{source.kind}-{image.shape}-{weights.shape}"


@pytest.mark.parametrize("source", WINDOWS, ids=ids)
def test_every_way_equals_the_reference(source: OperatorSource) -> None:
    kernel_equals_reference(node_of(source))


@pytest.mark.parametrize(
    "source",
    [conv((1, 4, 7, 3), (3, 2), 6), conv((1, 10, 5, 2), (9, 2), 3), depthwise((1, 9, 5, 6), (9, 2))],
    ids=ids,
)
def test_every_run_of_columns(source: OperatorSource) -> None:
    """Rings that break a window's rows anywhere, too many of them for pieces where the window is tall."""
    check_every_run(node_of(source))


def rescaled(node: Node, multiplier: list[int], shift: list[int]) -> Node:
    """The node with these multipliers and shifts, channel by channel in turn; biases as large as fits what is live."""
    op: Any = node.op
    channels = len(op.taps)
    arrays = {"multiplier": np.resize(multiplier, channels).astype(np.int32)}
    arrays["shift"] = np.resize(shift, channels).astype(np.int32)
    bias = np.where(arrays["multiplier"] == 0, 2**31 - 1, op.bias).astype(np.int32)
    return dataclasses.replace(
        node, op=dataclasses.replace(op, bias=bias, rescale=dataclasses.replace(op.rescale, **arrays))
    )


@pytest.mark.parametrize(
    "source", [conv((1, 3, 5, 3), (2, 3), 22), depthwise((1, 4, 5, 22), (3, 2)), dense((2, 9), 9, 22, True)], ids=ids
)
def test_every_rescaling_equals_the_reference(source: OperatorSource) -> None:
    """Those of the formula, those at its ends and beyond them, in one layer; channels that are the zero point."""
    node = rescaled(
        node_of(source),
        [2**30, 2**31 - 1, 0, -(2**30) - 5, 2**30 + 12345, 2**31 - 7, 1518500250],
        [-2, -3, 0, -6, -23, -24, -1, -31, -8, 0, 2, -5, -9],
    )
    kernel_equals_reference(node)


def test_rescaled_is_requantized_and_clamped() -> None:
    """stj_store on sums of every size, at halves too, against TFLM's two roundings."""
    source = """
#include "stj_rescale.h"
typedef const int32_t *ints;
void run(ints sums, ints multiplier, const int8_t *shift, int32_t count, ints range, int8_t *out);
void run(ints sums, ints multiplier, const int8_t *shift, int32_t count, ints range, int8_t *out) {
    const stj_rescale rescale = {multiplier, shift, range[0], range[1], range[2]};
    stj_store(&rescale, 0, count, sums, out);
}
"""
    rng = np.random.default_rng(0)
    n = rng.integers(2, 24, 40_000)
    multiplier = rng.choice([2**30, 2**31 - 1, 2**30 + 1, 1518500250], n.size)
    # Sums around halves of the result, and of any size.
    near = (rng.integers(-300, 300, n.size) * 2 + 1) << np.clip(n - 1, 0, 20)
    wild = rng.integers(-(2**31), 2**31, n.size) >> rng.integers(0, 31, n.size)
    sums = np.where(rng.integers(0, 2, n.size), near + rng.integers(-2, 3, n.size), wild)
    sums[:4] = -(2**31), 2**31 - 1, 0, -1
    for zero_point, low, high in ((-128, -128, 127), (127, -128, 127), (3, 3, 90), (-7, -100, -50)):
        arrays = [np.asarray(x, np.int32) for x in (sums, multiplier)] + [stored_shift(multiplier, -n)]
        assert (arrays[2] > 0).all()
        out, scale = np.empty(n.size, np.int8), np.array([zero_point, low, high], np.int32)
        pointers = [ctypes.c_void_p(a.ctypes.data) for a in (*arrays, scale, out)]
        load_call(source).run(*pointers[:3], ctypes.c_int32(n.size), *pointers[3:])
        expected = np.clip(requantize(sums, multiplier, -n) + zero_point, low, high)
        np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize(
    "source",
    [
        conv((1, 4, 5, 2), (2, 2), 5),
        conv((1, 4, 5, 4), (1, 1), 6, groups=2, bias=False),
        depthwise((1, 4, 5, 3), (2, 3)),
        depthwise((1, 4, 5, 1), (2, 3), multiplier=5),
        dense((1, 6), 6, 3, False),
        dense((1, 6), 6, 3, True),
    ],
    ids=ids,
)
def test_every_stored_number_counts(source: OperatorSource) -> None:
    """Whatever number is changed, what is read back is not the operator's: fill of blocks and both biases, too."""
    node = node_of(source)
    kernel, own = target_named("portable").choose(node), node.op.constants
    assert isinstance(kernel, PortableWeights)
    stored = {name: values.reshape(-1) for name, values in kernel.stored(node).items()}
    for name, values in stored.items():
        for place in range(values.size):
            wrong = values.copy()
            wrong[place] ^= 1
            back = kernel.restored(node, stored | {name: wrong})
            assert any((back[constant] != own[constant]).any() for constant in own), (name, place)
    assert (kernel.restored(node, stored | {"whole_bias": stored["whole_bias"] + 1})["shift"] == LOST).any() or (
        "bias" not in stored
    )


def test_what_is_stored() -> None:
    """Blocks of four channels, the last one filled up; biases with and without the input's zero point."""
    node = node_of(conv((1, 3, 3, 2), (1, 2), 3, zero_points=(5, 0)))
    stored, op = target_named("portable").choose(node).stored(node), node.op
    assert isinstance(op, Weighted) and op.bias is not None
    weights = stored["weights"].reshape(2, 2, 4)
    np.testing.assert_array_equal(weights[..., :3], op.weights.transpose(1, 2, 3, 0)[0])
    assert not weights[..., 3].any()
    np.testing.assert_array_equal(stored["bias"][:3], op.bias)
    np.testing.assert_array_equal(stored["whole_bias"][:3], op.bias - 5 * op.taps.astype(np.int64).sum(axis=1))
    inside = target_named("portable").choose(whole := node_of(conv((1, 3, 3, 2), (1, 1), 3))).stored(whole)
    assert "bias" not in inside


def test_saturated_sums_wrap_only_between() -> None:
    """Accumulators at the ends of int32, whose partial sums do not fit: additions are modulo 2^32."""
    node = node_of(conv((1, 3, 6, 9), (3, 3), 4, zero_points=(-128, 0), positive=True))
    op: Any = node.op
    most = 255 * op.taps.astype(np.int64).sum(axis=1)
    bias = (2**31 - 1 - most).astype(np.int32)
    rescale = dataclasses.replace(op.rescale, shift=np.full(4, -23, np.int32))
    node = dataclasses.replace(node, op=dataclasses.replace(op, bias=bias, rescale=rescale))
    (got,) = run_kernel(node, inputs := random_inputs(node.input_shapes, 3))
    np.testing.assert_array_equal(got[0], node.op.reference(inputs, range(3))[0])
