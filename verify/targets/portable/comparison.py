"""EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER and GREATER_EQUAL by stj_compare_s8."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.comparison import Comparison
from verify.targets.call import Field
from verify.targets.portable.broadcast import PortableBinary, binary_fields


class CompareKernel(PortableBinary[Comparison]):
    """Rows and regions."""

    name = "stj_compare_s8"
    operator = Comparison
    params_type = "stj_compare_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        multipliers, shifts = zip(*op.multipliers, strict=True)
        return binary_fields(op) | {"multiplier": multipliers, "shift": shifts, "relation": op.relation}
