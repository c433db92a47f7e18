"""SHAPE, folded while the model is read, as all shapes are fixed: no kernel exists.

Source: tensorflow/lite/kernels/shape.cc.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import DType
from verify.ops.base import Defaults, MovesOnly, OperatorSource, PadsNothing
from verify.ops.operand_checks import operands_of, require_dtype, require_shape
from verify.ops.rows import as_rows


@dataclass(frozen=True)
class ShapeOf(MovesOnly, PadsNothing, Defaults):
    """The operand's shape as a vector. No operand is read, so that the reader folds it like one on constants."""

    extents: tuple[int, ...]
    dtype: DType
    kind: ClassVar[str] = "SHAPE"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        (x,), (y,) = operands_of(source, 1), source.outputs
        require_dtype(source.kind, y, DType.INT32, DType.INT64)
        require_shape(source.kind, y, (len(x.shape),))
        return cls(x.shape, y.dtype)

    @property
    def operands(self) -> tuple[int, ...]:
        return ()

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return (as_rows(np.array(self.extents, self.dtype.numpy), rows),)
