"""CAST between int8, int16, int32, float32 and bool: of stored values, whatever their scales are.

Source: tensorflow/lite/micro/kernels/cast.cc.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import DType
from verify.ops.arithmetic import Intermediate, Stored, intermediate, stored_range
from verify.ops.base import OperatorSource
from verify.ops.elementwise import Pointwise
from verify.ops.operand_checks import operands_of, require_dtype, require_shape
from verify.ops.rows import as_rows

TYPES = (DType.INT8, DType.INT16, DType.INT32, DType.FLOAT32, DType.BOOL)


@dataclass(frozen=True)
class Cast(Pointwise):
    """The same number in another type. Integers keep the bits that fit, reals lose their fraction and saturate; NaN is
    0, and a bool is whether it is not 0.

    Args:
      source, target: element types of operand and result.
    """

    source: DType
    target: DType
    kind: ClassVar[str] = "CAST"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        (x,), (y,) = operands_of(source, 1), source.outputs
        for tensor in (x, y):
            require_dtype(source.kind, tensor, *TYPES)
        require_shape(source.kind, y, x.shape)
        return cls(x.shape, x.dtype, y.dtype)

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """What does not fit the result wraps or saturates: that is what is asked for."""
        ends = stored_range(self.target) if self.source is DType.FLOAT32 else operands[0]
        return (intermediate("value as an integer", *ends),)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        values = as_rows(inputs[0], rows)
        if self.target is DType.BOOL:
            return (values != 0,)
        if self.source is DType.FLOAT32 and self.target is not DType.FLOAT32:
            whole = np.trunc(np.nan_to_num(values.astype(np.float64), nan=0.0))
            values = np.clip(whole, *stored_range(self.target)).astype(np.int64)
        return (values.astype(self.target.numpy),)
