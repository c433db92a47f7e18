"""MAXIMUM and MINIMUM, LOGICAL_OR and LOGICAL_AND by stj_maximum_s8."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.maximum import Extremum
from verify.targets.call import Field
from verify.targets.portable.broadcast import PortableBinary, binary_fields


class MaximumKernel(PortableBinary[Extremum]):
    """Rows and regions."""

    name = "stj_maximum_s8"
    operator = Extremum
    params_type = "stj_maximum_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        fields = binary_fields(op)
        return {"result": fields["result"], "operands": fields["operands"], "smaller": int(op.smaller)}
