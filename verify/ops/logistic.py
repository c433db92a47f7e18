"""LOGISTIC and TANH on int8, in 32-bit fixed point with four integer bits.

Sources: tensorflow/lite/micro/kernels/logistic_common.cc and tanh.cc (preparation), tensorflow/lite/kernels/internal/
reference/integer_ops/logistic.h and tanh.h.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops import fixed_point
from verify.ops.base import OperatorSource
from verify.ops.elementwise import INT8_MAX, INT8_MIN, Lookup, Scale, unary_int8
from verify.ops.operand_checks import unsupported
from verify.ops.requantize import quantize_multiplier, requantize, rounding_shift_right

INTEGER_BITS = 4
MIN_SCALE, MAX_SCALE = 2.0**-27, 8.0  # beyond these, the shift to four integer bits leaves [0, 30]


@dataclass(frozen=True)
class Sigmoidal(Lookup):
    """A function of x in Q4 whose Q0 result is rounded to `fraction_bits` and saturates outside Q4."""

    function: ClassVar[Callable[[np.ndarray, int], np.ndarray]]
    fraction_bits: ClassVar[int]
    required: ClassVar[Scale]

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        op = cls(*unary_int8(source))
        if op.output != cls.required:
            raise unsupported(f"{source.kind} to this quantization", f"it must be {cls.required}", op.output)
        if not MIN_SCALE <= op.input.scale < MAX_SCALE:
            rule = f"the operand's must be in [2^-27, {MAX_SCALE:g})"
            raise unsupported(f"{source.kind} from this scale", rule, op.input.scale)
        return op

    def apply(self, x: np.ndarray) -> np.ndarray:
        x = x - self.input.zero_point
        factor, shift = quantize_multiplier(self.input.scale * 2.0 ** (31 - INTEGER_BITS))
        radius = fixed_point.input_radius(INTEGER_BITS, shift)
        inside = np.clip(x, -radius, radius)
        raw = type(self).function(requantize(inside, factor, shift), INTEGER_BITS)
        result = rounding_shift_right(raw, 31 - self.fraction_bits) + self.output.zero_point
        result = np.clip(result, INT8_MIN, INT8_MAX)
        return np.where(x <= -radius, INT8_MIN, np.where(x >= radius, INT8_MAX, result))


@dataclass(frozen=True)
class Logistic(Sigmoidal):
    """1 / (1 + exp(-x))."""

    kind: ClassVar[str] = "LOGISTIC"
    function = staticmethod(fixed_point.logistic)
    fraction_bits = 8
    required = Scale(1 / 256, -128)


@dataclass(frozen=True)
class Tanh(Sigmoidal):
    """The hyperbolic tangent of x."""

    kind: ClassVar[str] = "TANH"
    function = staticmethod(fixed_point.tanh)
    fraction_bits = 7
    required = Scale(1 / 128, 0)
