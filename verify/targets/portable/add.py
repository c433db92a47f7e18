"""ADD and SUB by stj_add_s8."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.add import Add
from verify.targets.call import Field
from verify.targets.portable.broadcast import PortableBinary, binary_fields, result_fields


class AddKernel(PortableBinary[Add]):
    """Rows and regions."""

    name = "stj_add_s8"
    operator = Add
    params_type = "stj_add_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        *operands, (multiplier, shift) = op.multipliers
        common: dict[str, Field] = {
            "in_multiplier": tuple(operand[0] for operand in operands),
            "in_shift": tuple(operand[1] for operand in operands),
            "sign": op.sign,
            "out_multiplier": multiplier,
            "out_shift": shift,
        }
        return binary_fields(op) | common | result_fields(op)
