"""ADD, SUB, MUL, MAXIMUM and MINIMUM on int16 by stj_add_s16, stj_mul_s16 and stj_maximum_s16."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.wide.elementwise import WideAdd, WideMul
from verify.ops.wide.maximum import WideExtremum
from verify.targets.call import Field
from verify.targets.portable.broadcast import PortableBinary, shape_fields


class WideAddKernel(PortableBinary[WideAdd]):
    """Rows and regions."""

    name = "stj_add_s16"
    operator = WideAdd
    params_type = "stj_add_s16_params"

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
        return shape_fields(op) | common | {"out_min": op.low, "out_max": op.high}


class WideMulKernel(PortableBinary[WideMul]):
    """Rows and regions."""

    name = "stj_mul_s16"
    operator = WideMul
    params_type = "stj_mul_s16_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        multiplier, shift = op.multiplier
        return shape_fields(op) | {"multiplier": multiplier, "shift": shift, "out_min": op.low, "out_max": op.high}


class WideMaximumKernel(PortableBinary[WideExtremum]):
    """Rows and regions."""

    name = "stj_maximum_s16"
    operator = WideExtremum
    params_type = "stj_maximum_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        return shape_fields(op) | {"smaller": int(op.smaller)}
