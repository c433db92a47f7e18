"""AVERAGE_POOL_2D and MAX_POOL_2D on int16 images, as they are on int8.

Source: tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h (the functions for int16_t).
"""

from dataclasses import dataclass
from typing import ClassVar, Self

from verify.graph.tensor import DType
from verify.ops.average_pool_2d import Average
from verify.ops.base import OperatorSource
from verify.ops.max_pool_2d import Largest
from verify.ops.wide.rescale import symmetric


@dataclass(frozen=True)
class WideAveragePool2D(Average):
    """The mean of each window."""

    kind: ClassVar[str] = "AVERAGE_POOL_2D"
    dtype: ClassVar[DType] = DType.INT16

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        symmetric(source, source.inputs[0])
        return super().from_tflite(source)


@dataclass(frozen=True)
class WideMaxPool2D(Largest):
    """The maximum of each window."""

    kind: ClassVar[str] = "MAX_POOL_2D"
    dtype: ClassVar[DType] = DType.INT16

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        symmetric(source, source.inputs[0])
        return super().from_tflite(source)
