"""MAXIMUM and MINIMUM on int16: the larger, or the smaller, of two stored values; scales are not looked at.

Source: tensorflow/lite/micro/kernels/maximum_minimum.cc (for kTfLiteInt16).
"""

from dataclasses import dataclass
from typing import ClassVar

from verify.graph.tensor import DType
from verify.ops.maximum import Picked


@dataclass(frozen=True)
class WideExtremum(Picked):
    """Of int16."""

    dtype: ClassVar[DType] = DType.INT16
    result_dtype: ClassVar[DType] = DType.INT16


@dataclass(frozen=True)
class WideMaximum(WideExtremum):
    """The larger of two, the smaller shape stretched to the larger."""

    kind: ClassVar[str] = "MAXIMUM"
    smaller: ClassVar[bool] = False


@dataclass(frozen=True)
class WideMinimum(WideExtremum):
    """The smaller of two, the smaller shape stretched to the larger."""

    kind: ClassVar[str] = "MINIMUM"
    smaller: ClassVar[bool] = True
