"""QUANTIZE of float32 by stj_quantize_s8, of integers of more than 8 bits by stj_quantize_wide."""

import math
from collections.abc import Mapping

from verify.graph.graph import Node
from verify.graph.tensor import DType
from verify.ops.arithmetic import stored_range
from verify.ops.operand_checks import multiplier
from verify.ops.quantize import Quantize
from verify.ops.rows import row_shape
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class QuantizeKernel(Portable[Quantize]):
    """Rows. From 8 bits to 8 bits it is a lookup."""

    name = "stj_quantize_s8"
    operator = Quantize
    params_type = "stj_quantize_params"

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, Quantize) and node.op.real and node.op.target is DType.INT8

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        elements = math.prod(row_shape(op.shape))
        return {"row_elements": elements, "scale": float(op.output.scale), "zero_point": op.output.zero_point}


class Quantize16Kernel(QuantizeKernel):
    """Rows, of 16 bits."""

    name = "stj_quantize_s16"
    params_type = "stj_quantize_s16_params"

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, Quantize) and node.op.real and node.op.target is DType.INT16


class QuantizeWideKernel(Portable[Quantize]):
    """Rows."""

    name = "stj_quantize_wide"
    operator = Quantize
    params_type = "stj_quantize_wide_params"

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, Quantize) and node.op.wide

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        factor, shift = multiplier(op.kind, op.input.scale / op.output.scale)
        low, high = stored_range(op.target)
        return {
            "row_elements": math.prod(row_shape(op.shape)),
            "in_bytes": op.source.size_bytes,
            "out_bytes": op.target.size_bytes,
            "in_zero_point": op.input.zero_point,
            "out_zero_point": op.output.zero_point,
            "multiplier": factor,
            "shift": shift,
            "out_min": low,
            "out_max": high,
        }
