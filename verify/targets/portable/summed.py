"""CUMSUM by stj_cumsum_s8, ADD_N by stj_add_n_s8."""

import math
from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.add_n import AddN
from verify.ops.cumsum import Cumsum
from verify.ops.rows import five_axes, place_of_axis, row_shape, row_step
from verify.ops.summed import Summed
from verify.targets.call import Field
from verify.targets.portable.base import Portable


def scalars(op: Summed) -> dict[str, Field]:
    """How sums are rescaled."""
    multiplier, shift = op.multiplier
    return {
        "in_zero_point": op.input.zero_point,
        "multiplier": multiplier,
        "shift": shift,
        "out_zero_point": op.output.zero_point,
    }


class CumsumKernel(Portable[Cumsum]):
    """Rows; each sum from its beginning."""

    name = "stj_cumsum_s8"
    operator = Cumsum
    params_type = "stj_cumsum_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        _, *leading, _, _ = five_axes(op.shape)
        place = min(place_of_axis(len(op.shape), op.axis), 3)
        step = max(row_step(op.shape, op.axis)[place == 3], 1)  # 0 where there is one position
        return {
            "leading": tuple(leading),
            "row_bytes": math.prod(row_shape(op.shape)),
            "axis": place,
            "extent": op.terms,
            "step": step,
            "exclusive": int(op.exclusive),
            "reverse": int(op.reverse),
        } | scalars(op)


class AddNKernel(Portable[AddN]):
    """Rows; element i of all operands is read before element i of the result is written."""

    name = "stj_add_n_s8"
    operator = AddN
    params_type = "stj_add_n_params"

    def in_place(self, node: Node) -> frozenset[int]:
        return frozenset(range(self.op(node).count))

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        sizes: dict[str, Field] = {"row_bytes": math.prod(row_shape(op.shape)), "count": op.count}
        return sizes | scalars(op)
