"""DEPTHWISE_CONV_2D by squares of 3, 5 or 7 taps at strides of 1 or 2: the cases of stj_depthwise_dsp.h.

Stride and dilation from row to row are free, and so is the depth multiplier. Layers without ReLU, other windows and
strides take other kernels.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

import numpy as np

from verify.graph.graph import Node
from verify.ops.arithmetic import Intermediate, Stored
from verify.ops.depthwise_conv_2d import DepthwiseConv2D
from verify.ops.geometry import ImageWindow
from verify.targets.call import WORD_BYTES, Field
from verify.targets.cortex_m_dsp.even_shift import EvenShift, even_shift
from verify.targets.cortex_m_dsp.rescaling import LOST, accumulators
from verify.targets.kernel import Work
from verify.targets.measured import Measured

LANES = 4
"""Channels that are unpacked together: the bytes of a word."""

HEAD_BYTES = 2 * WORD_BYTES
"""Of scratch, before the records: a word of zero points, and one that is not used."""

HEAD_WORDS = 3
"""Of a channel in the table, before the weights: bias, multiplier and addend."""

MOST_RECORD_BYTES = 1536
"""Of scratch, at most, for records: wider rows are computed in several runs, each of which unpacks what it needs."""


FEWER_COLUMNS = (24, 16, 12, 8, 6, 4, 2, 1)
"""Output columns per run of the forms that need less scratch: what neighbouring runs share is unpacked in both."""


class DepthwiseSquare(Measured[DepthwiseConv2D]):
    """A square window of `size` taps a side, `stride` columns from one output to the next.

    Args:
      most: output columns per run, at most; 0: as many as `MOST_RECORD_BYTES` has room for.
    """

    operator = DepthwiseConv2D
    params_type = "stj_depthwise_dsp_params"
    features = frozenset({"dsp"})
    size: ClassVar[int]
    stride: ClassVar[int]

    def __init__(self, most: int = 0):
        self.most, self.form = most, str(most) if most else ""

    def forms(self) -> tuple[Self, ...]:
        return tuple(type(self)(most) for most in FEWER_COLUMNS)

    def runs(self, node: Node) -> bool:
        if not isinstance(node.op, self.operator):
            return False
        op = self.op(node)
        g = op.geometry
        if (*g.kernel, g.stride[1], g.dilation[1]) != (self.size, self.size, self.stride, 1):
            return False
        if rescaling_of(op) is None:
            return False
        needed = self.intermediates(node, [(-128, 127)])
        return all((i.low >= i.bounds[0]).all() and (i.high <= i.bounds[1]).all() for i in needed)

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        op = self.op(node)
        return rescaling(op).intermediates(*accumulators(taps(op), op.bias, op.input_zero_point, stored[0]))

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        op = self.op(node)
        g = op.geometry
        width = g.output_shape[2] if columns is None else columns
        pieces = -(-width // self._columns(node))
        groups, channels = -(-g.input_shape[3] // LANES), op.weights.shape[2]
        pairs, last = _rows_there(g, self.size)
        share = min(1.0, g.input_shape[2] / ((g.output_shape[2] - 1) * self.stride + self.size))
        read = ((width - pieces) * self.stride + pieces * self.size) * share
        done = {"call": 1, "run": rows * pieces, "group": rows * pieces * groups, "channel": rows * pieces * channels}
        done |= {"column of two rows": rows * groups * read * pairs, "column of one": rows * groups * read * last}
        values = rows * channels * width
        return done | {"value": values, "value by two rows": values * pairs, "value by one": values * last}

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def in_place(self, node: Node) -> frozenset[int]:
        return frozenset()

    def scratch_bytes(self, node: Node) -> int:
        return HEAD_BYTES + self._records(self._columns(node)) * self._record_bytes

    def reads_past(self, node: Node, operand: int) -> int:
        return -self.op(node).geometry.input_shape[3] % LANES

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        g = op.geometry
        fields: dict[str, Field] = {"table": "table"}
        fields |= dict(zip(("in_h", "in_w", "in_c"), g.input_shape[1:], strict=True))
        fields |= {"out_h": g.output_shape[1], "out_w": g.output_shape[2], "depth_multiplier": op.multiplier}
        fields |= {"stride_h": g.stride[0], "dilation_h": g.dilation[0], "pad_top": g.top, "pad_left": g.left}
        return fields | {"in_zero_point": op.input_zero_point, "columns": self._columns(node)}

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        return {"table": _table(op.weights, op.bias, rescaling(op)).astype(np.int32)}

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        plan, own = rescaling(op), op.constants
        table = arrays["table"].astype(np.int64).reshape(op.weights.shape[2], -1)
        live = plan.factor != 0
        factor = np.where(live, plan.factor, 1)
        weights = np.where(live, _weights(table, self.size) // factor, op.weights)
        bias = np.where(live, (table[:, 0] - plan.start) // factor, 0 if op.bias is None else op.bias)
        found = {"weights": weights.astype(np.int8), "bias": bias.astype(np.int32)}
        # What the numbers found give must be what was read, twice stored weights and multipliers included.
        again = _table(found["weights"], found["bias"], plan)
        right = (again == table).all(axis=1) & ((bias == 0) | (op.bias is not None))
        rescale = {"multiplier": op.rescale.multiplier, "shift": np.where(right, op.rescale.shift, LOST)}
        found |= {name: values.astype(own[name].dtype) for name, values in rescale.items()}
        return {name: found[name].reshape(own[name].shape) for name in own}

    @property
    def _record_bytes(self) -> int:
        """Of two columns: each pair of rows, and of the last row one pair."""
        return WORD_BYTES * LANES * (self.size // 2 * 2 + 1)

    def _records(self, columns: int) -> int:
        return ((columns - 1) * self.stride + self.size + 1) // 2

    def _columns(self, node: Node) -> int:
        """Output columns per run: all if scratch may have room for them, else as many in each run as in another."""
        width = self.op(node).geometry.output_shape[2]
        most = (2 * (MOST_RECORD_BYTES // self._record_bytes) - self.size) // self.stride + 1
        most = min(most, self.most or most)
        return -(-width // -(-width // most))


class Depthwise3x3(DepthwiseSquare):
    name, size, stride = "stj_depthwise_conv_2d_3x3_s8_dsp", 3, 1


class Depthwise3x3Stride2(DepthwiseSquare):
    name, size, stride = "stj_depthwise_conv_2d_3x3_stride2_s8_dsp", 3, 2


class Depthwise5x5(DepthwiseSquare):
    name, size, stride = "stj_depthwise_conv_2d_5x5_s8_dsp", 5, 1


class Depthwise5x5Stride2(DepthwiseSquare):
    name, size, stride = "stj_depthwise_conv_2d_5x5_stride2_s8_dsp", 5, 2


class Depthwise7x7(DepthwiseSquare):
    name, size, stride = "stj_depthwise_conv_2d_7x7_s8_dsp", 7, 1


class Depthwise7x7Stride2(DepthwiseSquare):
    name, size, stride = "stj_depthwise_conv_2d_7x7_stride2_s8_dsp", 7, 2


def _rows_there(g: ImageWindow, size: int) -> tuple[float, float]:
    """How many pairs of rows of a window have one on the image, and whether its last row is; on the average."""
    starts = np.arange(g.output_shape[1])[:, None] * g.stride[0] - g.top
    places = starts + np.arange(size) * g.dilation[0]
    there = (places >= 0) & (places < g.input_shape[1])
    pairs = there[:, :-1].reshape(len(there), -1, 2).any(axis=2)
    return float(pairs.sum(axis=1).mean()), float(there[:, -1].mean())


def taps(op: DepthwiseConv2D) -> np.ndarray:
    """Weights as [channels, taps]."""
    return op.weights.reshape(-1, op.weights.shape[2]).T


@functools.lru_cache(maxsize=256)
def rescaling_of(op: DepthwiseConv2D) -> EvenShift | None:
    """How its accumulators are rescaled; None where they cannot be with one shift."""
    return even_shift(op.rescale, accumulators(taps(op), op.bias, op.input_zero_point))


def rescaling(op: DepthwiseConv2D) -> EvenShift:
    found = rescaling_of(op)
    assert found is not None, "another kernel computes this node"
    return found


def _table(weights: np.ndarray, bias: np.ndarray | None, plan: EvenShift) -> np.ndarray:
    """The kernel's table, [channels, words], as int64 that hold int32."""
    w = weights.astype(np.int64) * plan.factor
    start = plan.start + (0 if bias is None else bias.astype(np.int64) * plan.factor)
    rows = [pairs_of(w[i, j], w[i + 1, j]) for i in range(0, len(w) - 1, 2) for j in range(len(w))]
    last = [pairs_of(w[-1, j], w[-1, j + 1]) for j in range(len(w) - 1)]
    return np.stack([start, plan.multiplier, plan.addend, *rows, *last], axis=1)


def _weights(table: np.ndarray, size: int) -> np.ndarray:
    """The scaled weights of a table, [size, size, channels]; of those stored twice, the first."""
    pairs = size // 2
    words = table[:, HEAD_WORDS:].T
    rows, last = words[: pairs * size].reshape(pairs, size, -1), words[pairs * size :]
    w = np.empty((size, size, len(table)), np.int64)
    w[:-1:2], w[1::2] = low_of(rows), high_of(rows)
    w[-1] = [*low_of(last), high_of(last[-1])]
    return w


def pairs_of(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """int32 of two int16 each."""
    return (high << 16) + (low & 0xFFFF)


def low_of(pairs: np.ndarray) -> np.ndarray:
    return (pairs & 0xFFFF ^ 0x8000) - 0x8000


def high_of(pairs: np.ndarray) -> np.ndarray:
    return pairs >> 16
