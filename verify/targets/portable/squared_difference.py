"""SQUARED_DIFFERENCE by stj_squared_difference_s8."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.squared_difference import SquaredDifference
from verify.targets.call import Field
from verify.targets.portable.broadcast import PortableBinary, binary_fields


class SquaredDifferenceKernel(PortableBinary[SquaredDifference]):
    """Rows and regions."""

    name = "stj_squared_difference_s8"
    operator = SquaredDifference
    params_type = "stj_squared_difference_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        *operands, (multiplier, shift) = op.multipliers
        return binary_fields(op) | {
            "in_multiplier": tuple(operand[0] for operand in operands),
            "in_shift": tuple(operand[1] for operand in operands),
            "out_multiplier": multiplier,
            "out_shift": shift,
            "out_zero_point": op.output.zero_point,
        }
