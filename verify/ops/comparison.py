"""EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER and GREATER_EQUAL on int8: both operands are brought to one scale, with 8
bits below the point, and compared. EQUAL and NOT_EQUAL of bools compare bytes.

Sources: tensorflow/lite/micro/kernels/comparisons.cc (ComparisonsPrepare); tensorflow/lite/kernels/internal/reference/
comparisons.h (ComparisonWithScaling).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import DType
from verify.ops.arithmetic import Intermediate, Stored, rescaled
from verify.ops.base import OperatorSource
from verify.ops.broadcast import Binary, broadcast_shape, require_four_axes
from verify.ops.channels import Channels
from verify.ops.elementwise import Scale
from verify.ops.operand_checks import (
    operands_of,
    per_tensor,
    require_dtype,
    require_same_dtype,
    require_shape,
    unsupported,
)
from verify.ops.requantize import quantize_multiplier, requantize

LEFT_SHIFT = 8
LESS, SAME, MORE = 1, 2, 4  # bits of a relation: which outcomes of a comparison make it true
BYTES = Scale(0.5, 0)  # of bools: any scale keeps their order


@dataclass(frozen=True)
class Comparison(Binary):
    """Two operands, the smaller shape stretched to the larger, and a bool. Implementations give `relation`."""

    relation: ClassVar[int]
    types: ClassVar[tuple[DType, ...]] = (DType.INT8,)
    result_dtype: ClassVar[DType] = DType.BOOL

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        x1, x2 = operands_of(source, 2)
        for tensor in (x1, x2):
            require_dtype(source.kind, tensor, *cls.types)
        require_same_dtype(source.kind, x1, x2)
        require_dtype(source.kind, source.outputs[0], DType.BOOL)
        result = broadcast_shape(source.kind, x1.shape, x2.shape)
        require_shape(source.kind, source.outputs[0], result)
        require_four_axes(source.kind, x1.shape, x2.shape)
        scales = [BYTES if x.dtype is DType.BOOL else Scale(*per_tensor(source.kind, x)) for x in (x1, x2)]
        if max(scale.scale for scale in scales) >= 1:
            found = f"{scales[0].scale} and {scales[1].scale}"
            raise unsupported(f"{source.kind} of these scales", "TFLM takes scales below 1 only", found)
        return cls((x1.shape, x2.shape), result, (scales[0], scales[1]), BYTES, 0, 1)

    def check_scales(self) -> None:
        """Done above."""

    @property
    def multipliers(self) -> tuple[tuple[int, int], ...]:
        """(multiplier, shift) of either operand."""
        return tuple(quantize_multiplier(scale.scale) for scale in self.scales)

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        found: list[Intermediate] = []
        names = ("first operand", "second operand")
        for what, own, scale, factor in zip(names, operands, self.scales, self.multipliers, strict=True):
            low, high = ((x - scale.zero_point) << LEFT_SHIFT for x in own)
            found += rescaled(what, low, high, *factor, 0)
        return tuple(found)

    def channel_ranges(self, operands: Sequence[Channels]) -> None:
        """Either one, in every channel."""

    def combine(self, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
        first, second = (
            requantize((x - scale.zero_point) << LEFT_SHIFT, *factor)
            for x, scale, factor in zip((x1, x2), self.scales, self.multipliers, strict=True)
        )
        outcome = np.where(first < second, LESS, np.where(first == second, SAME, MORE))
        return ((outcome & self.relation) != 0).astype(np.int64)


@dataclass(frozen=True)
class Equal(Comparison):
    """x1 == x2."""

    kind: ClassVar[str] = "EQUAL"
    relation = SAME
    types = (DType.INT8, DType.BOOL)


@dataclass(frozen=True)
class NotEqual(Comparison):
    """x1 != x2."""

    kind: ClassVar[str] = "NOT_EQUAL"
    relation = LESS | MORE
    types = (DType.INT8, DType.BOOL)


@dataclass(frozen=True)
class Less(Comparison):
    """x1 < x2."""

    kind: ClassVar[str] = "LESS"
    relation = LESS


@dataclass(frozen=True)
class LessEqual(Comparison):
    """x1 <= x2."""

    kind: ClassVar[str] = "LESS_EQUAL"
    relation = LESS | SAME


@dataclass(frozen=True)
class Greater(Comparison):
    """x1 > x2."""

    kind: ClassVar[str] = "GREATER"
    relation = MORE


@dataclass(frozen=True)
class GreaterEqual(Comparison):
    """x1 >= x2."""

    kind: ClassVar[str] = "GREATER_EQUAL"
    relation = MORE | SAME
