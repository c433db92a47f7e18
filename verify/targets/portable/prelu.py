"""PRELU by stj_prelu_s8."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.prelu import Prelu
from verify.targets.call import Field
from verify.targets.portable.broadcast import PortableBinary, binary_fields


class PreluKernel(PortableBinary[Prelu]):
    """Rows and regions."""

    name = "stj_prelu_s8"
    operator = Prelu
    params_type = "stj_prelu_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        fields = dict(zip(("multiplier", "shift"), op.plain, strict=True))
        fields |= dict(zip(("slope_multiplier", "slope_shift"), op.slope, strict=True))
        return binary_fields(op) | fields | {"out_zero_point": op.output.zero_point}
