"""ZEROS_LIKE, folded while the model is read: stored zeros, whatever the zero point is. No kernel exists.

Source: tensorflow/lite/micro/kernels/zeros_like.cc.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import DType
from verify.ops.base import Defaults, MovesOnly, OperatorSource, PadsNothing
from verify.ops.operand_checks import operands_of, require_dtype, require_same_dtype, require_shape
from verify.ops.rows import Shape, as_rows


@dataclass(frozen=True)
class ZerosLike(MovesOnly, PadsNothing, Defaults):
    """Zeros in the operand's shape. No operand is read, so that the reader folds it like one on constants."""

    shape: Shape
    dtype: DType
    kind: ClassVar[str] = "ZEROS_LIKE"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        (x,), (y,) = operands_of(source, 1), source.outputs
        require_dtype(source.kind, x, DType.INT8, DType.INT32, DType.INT64, DType.FLOAT32)
        require_same_dtype(source.kind, x, y)
        require_shape(source.kind, y, x.shape)
        return cls(x.shape, x.dtype)

    @property
    def operands(self) -> tuple[int, ...]:
        return ()

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return (as_rows(np.zeros(self.shape, self.dtype.numpy), rows),)
