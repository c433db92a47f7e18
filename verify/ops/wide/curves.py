"""LOGISTIC and TANH on int16 by a table with straight lines between its entries.

Sources: tensorflow/lite/micro/kernels/logistic_common.cc, tanh.cc; tensorflow/lite/kernels/internal/reference/
integer_ops/logistic.h, tanh.h (for int16_t).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops.activation import round_half_away
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.base import OperatorSource
from verify.ops.operand_checks import unsupported
from verify.ops.sigmoid_16 import sigmoid_of, tanh_of
from verify.ops.wide.rescale import INT16
from verify.ops.wide.unary import WideUnary, unary


@dataclass(frozen=True)
class Curve(WideUnary):
    """(x * factor, rounded to 2^shift) in steps of 1 / (3 * 4096), and the function of that."""

    factor: int
    shift: int
    function: ClassVar[Callable[[np.ndarray], np.ndarray]]
    powers: ClassVar[tuple[int, ...]]  # shifts of scales that are powers of 2, for which TFLM takes 3 * 2^shift

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        shape, scale, result = unary(source)
        if power_of_two(result) != -15:
            raise unsupported(f"{source.kind} on int16 to this scale", "TFLM asks for 2^-15", result)
        power = power_of_two(scale)
        if power is not None and 12 + power in cls.powers:
            return cls(shape, 3 << (12 + power), 0)
        real, shift = scale * 4096.0 * 3.0, 0
        while real <= 32767.0 / 2.0 and shift <= 30:
            real, shift = real * 2.0, shift + 1
        if real >= 32768:
            raise unsupported(f"{source.kind} on int16 from this scale", "it must be below 8 / 3", scale)
        return cls(shape, int(real), shift)

    def scaled(self, x: np.ndarray) -> np.ndarray:
        return (x * self.factor + ((1 << self.shift) >> 1)) >> self.shift

    def stored(self, operands: Sequence[Stored]) -> Stored:
        """Neither function falls anywhere."""
        low, high = (int(self.apply(np.array(x, np.int64))) for x in operands[0])
        return low, high

    def apply(self, x: np.ndarray) -> np.ndarray:
        return np.clip(type(self).function(self.scaled(x)), *INT16)

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        low, high = (x * self.factor for x in operands[0])
        return (intermediate("scaled value plus a half", min(low, 0), max(high, 0) + ((1 << self.shift) >> 1)),)


@dataclass(frozen=True)
class WideLogistic(Curve):
    """1 / (1 + exp(-x))."""

    kind: ClassVar[str] = "LOGISTIC"
    function = staticmethod(sigmoid_of)
    powers = (0,)


@dataclass(frozen=True)
class WideTanh(Curve):
    """The hyperbolic tangent of x."""

    kind: ClassVar[str] = "TANH"
    function = staticmethod(tanh_of)
    powers = (0, 1)


def power_of_two(scale: float) -> int | None:
    """The exponent of a scale that TFLM takes for a power of two (CheckedLog2: in float32, to a thousandth)."""
    found = np.log(np.float32(scale)) * (np.float32(1) / np.log(np.float32(2)))
    nearest = round_half_away(float(found))
    return nearest if abs(found - np.float32(nearest)) < np.float32(1e-3) else None
