"""MEAN and SUM on int16 over any axes, as they are on int8; zero points are 0.

Sources: tensorflow/lite/micro/kernels/reduce_common.cc (for kTfLiteInt16); tensorflow/lite/kernels/internal/reference/
reduce.h (QuantizedMeanOrSum).
"""

from dataclasses import dataclass
from typing import ClassVar

from verify.graph.tensor import DType, Tensor
from verify.ops.base import OperatorSource
from verify.ops.mean import Summing
from verify.ops.wide.rescale import symmetric


@dataclass(frozen=True)
class WideReduction(Summing):
    """Of int16; sums have 32 bits."""

    dtype: ClassVar[DType] = DType.INT16

    @staticmethod
    def quantization(source: OperatorSource, tensor: Tensor | None) -> tuple[float, int]:
        return symmetric(source, tensor), 0


@dataclass(frozen=True)
class WideSum(WideReduction):
    """The sum itself."""

    kind: ClassVar[str] = "SUM"
    mean: ClassVar[bool] = False


@dataclass(frozen=True)
class WideMean(WideReduction):
    """The sum divided by the number of elements."""

    kind: ClassVar[str] = "MEAN"
    mean: ClassVar[bool] = True
