"""REDUCE_MAX and REDUCE_MIN by stj_reduce_max_s8."""

import math
from collections.abc import Mapping

from verify.graph.graph import Node
from verify.graph.tensor import row_count
from verify.ops.reduce_max import ReduceMax
from verify.ops.rows import five_axes, place_of_axis
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class ReduceMaxKernel(Portable[ReduceMax]):
    """Over any axes. Over frames, it takes all slots of a ring that holds just the frames of one window."""

    name = "stj_reduce_max_s8"
    operator = ReduceMax
    params_type = "stj_reduce_max_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        extents, steps, step = five_axes(op.summed_shape), [0] * 5, 1
        reduced = {place_of_axis(len(op.input_shape), axis) for axis in op.axes}
        for place in reversed(range(5)):
            if place not in reduced:
                steps[place] = step
                step *= extents[place]
        return {
            "extent": extents,
            "step": tuple(steps),
            "row_elements": math.prod(op.output_shape) // row_count(op.output_shape),
            "by_rows": int(op.keeps_rows),
            "smaller": int(op.smaller),
        }
