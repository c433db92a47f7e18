"""QUANTIZE of float32 by stj_quantize_s8_dsp."""

import math
from collections.abc import Mapping

from verify.graph.graph import Node
from verify.graph.tensor import DType
from verify.ops.quantize import Quantize
from verify.ops.rows import row_shape
from verify.targets.call import Field
from verify.targets.portable.base import Portable

LEAST_SCALE = 2.0**-125
"""Half of it is a normal number still, so that dividing by the half is exactly twice the quotient."""


class QuantizeDspKernel(Portable[Quantize]):
    """Rows. What it adds up saturates by itself."""

    name = "stj_quantize_s8_dsp"
    operator = Quantize
    params_type = "stj_quantize_dsp_params"
    features = frozenset({"dsp"})

    def runs(self, node: Node) -> bool:
        return (
            isinstance(node.op, Quantize)
            and node.op.real
            and node.op.target is DType.INT8
            and node.op.output.scale >= LEAST_SCALE
        )

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        elements, half = math.prod(row_shape(op.shape)), float(op.output.scale) / 2
        return {"row_elements": elements, "half_scale": half, "zero_point": op.output.zero_point}
