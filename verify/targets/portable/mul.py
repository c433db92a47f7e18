"""MUL by stj_mul_s8."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.mul import Mul
from verify.targets.call import Field
from verify.targets.portable.broadcast import PortableBinary, binary_fields, result_fields


class MulKernel(PortableBinary[Mul]):
    """Rows and regions."""

    name = "stj_mul_s8"
    operator = Mul
    params_type = "stj_mul_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        multiplier, shift = op.multiplier
        return binary_fields(op) | {"multiplier": multiplier, "shift": shift} | result_fields(op)
