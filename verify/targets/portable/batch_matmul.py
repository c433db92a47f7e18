"""BATCH_MATMUL, and FULLY_CONNECTED with computed weights, by stj_batch_matmul_s8."""

from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.ops.products import Along, Product
from verify.ops.rows import MAX_RANK, Shape, five_axes, place_of_axis, row_step
from verify.targets.call import Field
from verify.targets.portable.base import Portable


def steps(shape: Shape, along: Along, rank: int) -> Field:
    """Steps of an operand along the five axes of a result of this rank, and along the sum."""
    rows, elements, depth = [0] * MAX_RANK, [0] * MAX_RANK, (0, 0)
    for axis, extent in enumerate(shape):
        target = along[axis]
        if target is None:
            depth = row_step(shape, axis)
        elif extent > 1:
            place = place_of_axis(rank, target)
            rows[place], elements[place] = row_step(shape, axis)
    return (tuple(rows), tuple(elements), *depth)


class BatchMatmulKernel(Portable[Product]):
    """Rows; one sum after the other."""

    name = "stj_batch_matmul_s8"
    operator = Product
    params_type = "stj_batch_matmul_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        _, *leading, width, channels = five_axes(op.result)
        multiplier, shift = op.multiplier
        return {
            "result": (tuple(leading), width, channels),
            "operands": tuple(steps(s, a, len(op.result)) for s, a in zip(op.shapes, op.along, strict=True)),
            "in_zero_point": tuple(scale.zero_point for scale in op.scales),
            "depth": op.depth,
            "multiplier": multiplier,
            "shift": shift,
            "out_zero_point": op.output.zero_point,
            "out_min": op.low,
            "out_max": op.high,
            "bias": "bias" if op.bias is not None else None,
        }

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        return self.op(node).constants

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        return arrays
