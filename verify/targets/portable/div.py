"""DIV by stj_div_s8."""

from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.ops.div import Div
from verify.targets.call import Field
from verify.targets.portable.broadcast import PortableBinary, binary_fields, result_fields


class DivKernel(PortableBinary[Div]):
    """Rows and regions."""

    name = "stj_div_s8"
    operator = Div
    params_type = "stj_div_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        multiplier, shift = op.multiplier
        fields = binary_fields(op) | {"multiplier": multiplier, "shift": shift} | result_fields(op)
        return fields | {"reciprocals": "reciprocals"}

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        factor, _ = self.op(node).reciprocals
        return {"reciprocals": factor.astype(np.int32)}
