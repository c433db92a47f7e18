"""ADD, SUB and MUL on int16, as they are on int8 but for 15 bits of headroom in sums; zero points are 0.

Sources: tensorflow/lite/micro/kernels/add_common.cc, sub_common.cc, mul_common.cc (for int16); tensorflow/lite/kernels/
internal/reference/add.h (AddGeneralParamScale), sub.h, integer_ops/mul.h.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

from verify.graph.tensor import DType
from verify.ops.add import Sum
from verify.ops.base import OperatorSource
from verify.ops.broadcast import Binary
from verify.ops.mul import Product
from verify.ops.wide.rescale import symmetric


@dataclass(frozen=True)
class WideBinary(Binary):
    """Two int16 operands and one result."""

    dtype: ClassVar[DType] = DType.INT16
    result_dtype: ClassVar[DType] = DType.INT16

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        for tensor in (*source.inputs, *source.outputs):
            symmetric(source, tensor)
        return super().from_tflite(source)


@dataclass(frozen=True)
class WideAdd(WideBinary, Sum):
    """x1 + x2, the smaller shape stretched to the larger."""

    kind: ClassVar[str] = "ADD"
    headroom: ClassVar[int] = 15


@dataclass(frozen=True)
class WideSub(WideAdd):
    """x1 - x2, the smaller shape stretched to the larger."""

    kind: ClassVar[str] = "SUB"
    sign: ClassVar[int] = -1


@dataclass(frozen=True)
class WideMul(WideBinary, Product):
    """x1 * x2, the smaller shape stretched to the larger."""

    kind: ClassVar[str] = "MUL"
    most_shift: ClassVar[int] = 0  # 2^15 * 2^15 is 2^30
