"""DEQUANTIZE: int8, uint8 or int16 to float32, the exact product rounded once.

Source: tensorflow/lite/kernels/internal/reference/dequantize.h (Dequantize).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import DType
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.base import OperatorSource
from verify.ops.elementwise import Pointwise, Scale
from verify.ops.operand_checks import operands_of, per_tensor, require_dtype, require_shape
from verify.ops.rows import as_rows


@dataclass(frozen=True)
class Dequantize(Pointwise):
    """scale * (stored - zero_point)."""

    input: Scale
    source: DType = DType.INT8
    kind: ClassVar[str] = "DEQUANTIZE"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        (x,), (y,) = operands_of(source, 1), source.outputs
        require_dtype(source.kind, x, DType.INT8, DType.UINT8, DType.INT16)
        require_dtype(source.kind, y, DType.FLOAT32)
        require_shape(source.kind, y, x.shape)
        return cls(x.shape, Scale(*per_tensor(source.kind, x)), x.dtype)

    @property
    def keeps_order(self) -> bool:
        return True

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        low, high = (x - self.input.zero_point for x in operands[0])
        return (intermediate("stored value minus zero point", low, high),)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        steps = as_rows(inputs[0], rows).astype(np.float64) - self.input.zero_point
        return ((steps * self.input.scale).astype(np.float32),)
