"""DEQUANTIZE by stj_dequantize_s8, of other types than int8 by stj_dequantize_wide."""

import math
from collections.abc import Mapping

from verify.graph.graph import Node
from verify.graph.tensor import DType
from verify.ops.dequantize import Dequantize
from verify.ops.rows import row_shape
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class DequantizeKernel(Portable[Dequantize]):
    """Rows. One byte becomes four, so nothing is done in place."""

    name = "stj_dequantize_s8"
    operator = Dequantize
    params_type = "stj_dequantize_params"

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, Dequantize) and node.op.source is DType.INT8

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        elements = math.prod(row_shape(op.shape))
        return {"row_elements": elements, "scale": float(op.input.scale), "zero_point": op.input.zero_point}


class DequantizeWideKernel(Portable[Dequantize]):
    """Rows."""

    name = "stj_dequantize_wide"
    operator = Dequantize
    params_type = "stj_dequantize_wide_params"

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, Dequantize) and node.op.source is not DType.INT8

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        elements = math.prod(row_shape(op.shape))
        fields: dict[str, Field] = {"row_elements": elements, "in_bytes": op.source.size_bytes}
        return fields | {"scale": float(op.input.scale), "zero_point": op.input.zero_point}
