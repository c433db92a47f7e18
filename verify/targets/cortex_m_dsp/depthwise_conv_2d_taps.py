"""DEPTHWISE_CONV_2D by windows of any shape, with any activation: what the squares of depthwise_conv_2d.py leave."""

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from verify.graph.graph import Node
from verify.ops.arithmetic import Intermediate, Stored
from verify.ops.depthwise_conv_2d import DepthwiseConv2D
from verify.targets.call import Field
from verify.targets.cortex_m_dsp.depthwise_conv_2d import LANES, high_of, low_of, pairs_of, taps
from verify.targets.cortex_m_dsp.rescaling import LOST, Rescaling, accumulators, rescaling
from verify.targets.kernel import Work
from verify.targets.measured import Measured

ADDRESS_BYTES = 8
"""Of a tap in scratch: enough for hosts, too."""

SCALES = 3
"""Words of a channel behind the weights: multiplier, addend and shift."""

BITS = 1
"""Weights and biases are twice the operator's."""


class DepthwiseTaps(Measured[DepthwiseConv2D]):
    """Any multiplier; rows and regions."""

    name = "stj_depthwise_conv_2d_s8_dsp"
    operator = DepthwiseConv2D
    params_type = "stj_depthwise_conv_2d_dsp_params"
    features = frozenset({"dsp"})

    def runs(self, node: Node) -> bool:
        if not isinstance(node.op, DepthwiseConv2D) or _rescaling(node.op) is None:
            return False
        needed = self.intermediates(node, [(-128, 127)])
        return all((i.low >= i.bounds[0]).all() and (i.high <= i.bounds[1]).all() for i in needed)

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        op = self.op(node)
        return _plan(op).intermediates(*accumulators(taps(op), op.bias, op.input_zero_point, stored[0]))

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        op = self.op(node)
        positions = rows * (op.geometry.output_shape[2] if columns is None else columns)
        groups, count = positions * op.multiplier * -(-_inputs(op) // LANES), op.weights[..., 0].size
        done = {"call": 1, "row": rows, "position": positions, "tap": positions * count}
        done["moved"] = positions * op.weights.shape[2] * (op.multiplier > 1)
        return done | {
            "group": groups,
            "group by two taps": groups * (max(2, count) // 2),
            "group by a tap": groups * (count > 1 and count % 2),
        }

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def in_place(self, node: Node) -> frozenset[int]:
        return frozenset()

    def scratch_bytes(self, node: Node) -> int:
        """An address of each tap, two words more, a pixel of zero points, with a multiplier as many results."""
        op = self.op(node)
        pixel = LANES * -(-_inputs(op) // LANES)
        return ADDRESS_BYTES * (_listed(op) + 2) + pixel * (1 + (op.multiplier > 1))

    def reads_past(self, node: Node, operand: int) -> int:
        return -self.op(node).geometry.input_shape[3] % LANES

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        g = op.geometry
        fields: dict[str, Field] = {"table": "table"}
        fields |= dict(zip(("in_h", "in_w", "in_c"), g.input_shape[1:], strict=True))
        fields |= {"out_h": g.output_shape[1], "out_w": g.output_shape[2]}
        fields |= {"kernel_h": g.kernel[0], "kernel_w": g.kernel[1], "stride_h": g.stride[0], "stride_w": g.stride[1]}
        fields |= {"dilation_h": g.dilation[0], "dilation_w": g.dilation[1], "pad_top": g.top, "pad_left": g.left}
        fields |= {"multiplier": op.multiplier, "in_zero_point": op.input_zero_point, "halves": int(_plan(op).halves)}
        return fields | {"out_min": op.rescale.low, "out_max": op.rescale.high}

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        return {"table": _table(op, op.weights, op.bias).astype(np.int32)}

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        plan, own = _plan(op), op.constants
        table = arrays["table"].astype(np.int64).reshape(-1, LANES * (SCALES + 1) + 2 * _listed(op))
        live = plan.live
        factor = np.where(live, plan.factor, 1)
        scaled = _in_order(op, _weights(table, _listed(op))[: op.weights[..., 0].size])
        weights = np.where(live, scaled.reshape(op.weights.shape) // factor, op.weights).astype(np.int8)
        start = _in_order(op, table[:, :LANES].reshape(1, -1))[0] - _of_zero_point(weights, op.input_zero_point, plan)
        bias = np.where(live, _wrapped(start) // factor, 0 if op.bias is None else op.bias).astype(np.int32)
        # What the numbers found give must be what was read, words of absent channels and taps included.
        differs = (_table(op, weights, bias) != table).any(axis=1)
        lost = _in_order(op, np.repeat(differs, LANES)[None])[0] | ((bias != 0) & (op.bias is None))
        found = {"weights": weights, "bias": bias, "multiplier": op.rescale.multiplier}
        found |= {"shift": np.where(lost, LOST, op.rescale.shift).astype(op.rescale.shift.dtype)}
        return {name: found[name].reshape(own[name].shape) for name in own}


@functools.lru_cache(maxsize=256)
def _rescaling(op: DepthwiseConv2D) -> Rescaling | None:
    return rescaling(op.rescale, accumulators(taps(op), op.bias, op.input_zero_point), BITS)


def _plan(op: DepthwiseConv2D) -> Rescaling:
    found = _rescaling(op)
    assert found is not None, "another kernel computes this node"
    return found


def _listed(op: DepthwiseConv2D) -> int:
    """Taps in the list, of which there are at least two."""
    return max(2, op.weights[..., 0].size)


def _of_zero_point(weights: np.ndarray, zero_point: int, plan: Rescaling) -> np.ndarray:
    """What the input's zero point adds to the scaled biases."""
    return -zero_point * plan.factor * weights.astype(np.int64).sum(axis=(0, 1))


def _wrapped(x: np.ndarray) -> np.ndarray:
    """As int32: sums are modulo 2^32."""
    return (x + 2**31) % 2**32 - 2**31


def _table(op: DepthwiseConv2D, weights: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
    """The kernel's table of an operator with these constants, [groups of channels, words], as int64 that hold int32."""
    plan = _plan(op)
    w = weights.astype(np.int64).reshape(-1, weights.shape[2]) * plan.factor
    start = np.zeros_like(plan.factor) if bias is None else bias * plan.factor
    start = _wrapped(start + _of_zero_point(weights, op.input_zero_point, plan))
    scale = np.stack([plan.multiplier, plan.addend, plan.shift])
    w = _by_lanes(op, np.pad(w, ((0, max(0, 2 - len(w))), (0, 0))))
    even = w.shape[1] // 2 * 2
    pairs = pairs_of(w[:, :even:2], w[:, 1:even:2])
    last = pairs_of(w[:, even:, ::2], w[:, even:, 1::2])
    words = (_by_lanes(op, start[None]), pairs, last, _by_lanes(op, scale).transpose(0, 2, 1))
    return np.concatenate([part.reshape(len(w), -1) for part in words], axis=1)


def _inputs(op: DepthwiseConv2D) -> int:
    return op.weights.shape[2] // op.multiplier


def _by_lanes(op: DepthwiseConv2D, rows: np.ndarray) -> np.ndarray:
    """[rows, channels] as [groups, rows, lanes]: by which of an input's results they are, 0 where there are none."""
    apart = rows.reshape(len(rows), _inputs(op), op.multiplier).transpose(0, 2, 1)
    padded = np.pad(apart, ((0, 0), (0, 0), (0, -apart.shape[2] % LANES)))
    return padded.reshape(len(rows), -1, LANES).transpose(1, 0, 2)


def _in_order(op: DepthwiseConv2D, rows: np.ndarray) -> np.ndarray:
    """[rows, lanes of all groups] as [rows, channels]."""
    apart = rows.reshape(len(rows), op.multiplier, -1)[:, :, : _inputs(op)]
    return apart.transpose(0, 2, 1).reshape(len(rows), -1)


def _weights(table: np.ndarray, count: int) -> np.ndarray:
    """The scaled weights of a table, [taps, channels and absent ones]."""
    even = count // 2 * 2
    words = table[:, LANES : LANES + 2 * count]
    pairs, last = words[:, : 2 * even].reshape(len(words), -1, LANES), words[:, 2 * even :]
    w = np.empty((len(words), count, LANES), np.int64)
    w[:, :even:2], w[:, 1:even:2] = low_of(pairs), high_of(pairs)
    if count > even:
        w[:, -1, ::2], w[:, -1, 1::2] = low_of(last), high_of(last)
    return w.transpose(1, 0, 2).reshape(count, -1)
