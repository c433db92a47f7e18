"""LOGICAL_AND, LOGICAL_OR and LOGICAL_NOT on bools, which are bytes of 0 and 1: the smaller, the larger, a table.

Sources: tensorflow/lite/micro/kernels/logical_common.cc, elementwise.cc (LogicalNotEval).
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import DType
from verify.ops.base import OperatorSource
from verify.ops.broadcast import broadcast_shape, require_four_axes
from verify.ops.elementwise import Lookup, Scale
from verify.ops.maximum import Extremum
from verify.ops.operand_checks import operands_of, require_dtype, require_shape

UNSCALED = Scale(1.0, 0)


@dataclass(frozen=True)
class Logical(Extremum):
    """Two bools, the smaller shape stretched to the larger."""

    result_dtype: ClassVar[DType] = DType.BOOL

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        x1, x2 = operands_of(source, 2)
        for tensor in (x1, x2, source.outputs[0]):
            require_dtype(source.kind, tensor, DType.BOOL)
        result = broadcast_shape(source.kind, x1.shape, x2.shape)
        require_shape(source.kind, source.outputs[0], result)
        require_four_axes(source.kind, x1.shape, x2.shape)
        return cls((x1.shape, x2.shape), result, (UNSCALED, UNSCALED), UNSCALED, 0, 1)


@dataclass(frozen=True)
class LogicalOr(Logical):
    """Whether one of two is true."""

    kind: ClassVar[str] = "LOGICAL_OR"
    smaller: ClassVar[bool] = False


@dataclass(frozen=True)
class LogicalAnd(Logical):
    """Whether both of two are true."""

    kind: ClassVar[str] = "LOGICAL_AND"
    smaller: ClassVar[bool] = True


@dataclass(frozen=True)
class LogicalNot(Lookup):
    """Whether it is false."""

    kind: ClassVar[str] = "LOGICAL_NOT"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        (x,), (y,) = operands_of(source, 1), source.outputs
        for tensor in (x, y):
            require_dtype(source.kind, tensor, DType.BOOL)
        require_shape(source.kind, y, x.shape)
        return cls(x.shape, UNSCALED, UNSCALED)

    @property
    def input_dtype(self) -> DType:
        return DType.BOOL

    @property
    def output_dtype(self) -> DType:
        return DType.BOOL

    @property
    def values(self) -> np.ndarray:
        """Of the bytes that no bool has, too."""
        return np.arange(256)

    def apply(self, x: np.ndarray) -> np.ndarray:
        return (x == 0).astype(np.int64)
