"""MEAN and SUM by stj_mean_s8."""

import math
from collections.abc import Mapping

from verify.graph.graph import Node
from verify.graph.tensor import row_count
from verify.ops.mean import Reduction
from verify.ops.rows import five_axes, place_of_axis
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class MeanKernel(Portable[Reduction]):
    """Sums over any axes.

    Over frames, it adds up all slots of a ring that holds just the frames of one window, so it need not know at which
    of them the window starts: what it sums is the same from every row.
    """

    name = "stj_mean_s8"
    operator = Reduction
    params_type = "stj_mean_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        rank = len(op.input_shape)
        reduced = {place_of_axis(rank, axis) for axis in op.axes}
        return {
            "extent": five_axes(op.summed_shape),
            "reduced": tuple(int(axis in reduced) for axis in range(5)),
            "row_elements": math.prod(op.output_shape) // row_count(op.output_shape),
            "multiplier": op.multiplier,
            "shift": op.shift,
            "in_zero_point": op.input_zero_point,
            "out_zero_point": op.output_zero_point,
        }
