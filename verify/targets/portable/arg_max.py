"""ARG_MAX and ARG_MIN by stj_arg_max_s8."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.arg_max import ArgMax
from verify.ops.broadcast import broadcast_strides
from verify.ops.rows import five_axes, row_step
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class ArgMaxKernel(Portable[ArgMax]):
    """Along any axis."""

    name = "stj_arg_max_s8"
    operator = ArgMax
    params_type = "stj_arg_max_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        _, *leading, width, channels = five_axes(op.result)
        # No step is taken along the axis that has one position in the result.
        steps = broadcast_strides(op.shape, op.result)
        rows, elements = row_step(op.shape, op.axis)
        return {
            "result": (tuple(leading), width, channels),
            "operand": (steps.rows[:4], steps.elements[3:]),
            "count": op.shape[op.axis],
            "row_step": rows,
            "byte_step": elements,
            "smaller": int(op.smaller),
        }
