"""RELU, RELU6, LEAKY_RELU and ABS on int16: two lines that meet at 0.

Sources: tensorflow/lite/micro/kernels/activations.cc, activations_common.cc, leaky_relu_common.cc, elementwise.cc
(AbsEvalQuantized); tensorflow/lite/kernels/internal/reference/leaky_relu.h.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops.activation import round_half_away
from verify.ops.arithmetic import Intermediate, Stored, rescaled
from verify.ops.base import OperatorSource
from verify.ops.operand_checks import multiplier, number_option, unsupported
from verify.ops.requantize import requantize
from verify.ops.wide.rescale import INT16
from verify.ops.wide.unary import WideUnary, unary

SAME = (1 << 30, 1)
"""The multiplier and shift that leave every value as it is."""


@dataclass(frozen=True)
class Slopes(WideUnary):
    """One slope below 0 and one above, each as multiplier and shift; results in [low, high]."""

    below: tuple[int, int]
    above: tuple[int, int]
    low: int
    high: int

    def apply(self, x: np.ndarray) -> np.ndarray:
        below, above = (requantize(x, *slope) for slope in (self.below, self.above))
        return np.clip(np.where(x < 0, below, above), self.low, self.high)

    def stored(self, operands: Sequence[Stored]) -> Stored:
        """At the ends, or at 0 where the two lines meet."""
        low, high = operands[0]
        found = [int(self.apply(np.array(x, np.int64))) for x in {low, high, min(max(low, 0), high)}]
        return min(found), max(found)

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        low, high = operands[0]
        ends = (min(low, 0), 0), (0, max(high, 0))
        parts = zip(("value below 0", "value above 0"), ends, (self.below, self.above), strict=True)
        return tuple(x for what, (first, last), slope in parts for x in rescaled(what, first, last, *slope, 0))


@dataclass(frozen=True)
class WideRelu(Slopes):
    """max(x, 0)."""

    kind: ClassVar[str] = "RELU"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        shape, scale, result = unary(source)
        factor = multiplier(source.kind, scale / result)
        return cls(shape, factor, factor, 0, INT16[1])


@dataclass(frozen=True)
class WideRelu6(Slopes):
    """min(max(x, 0), 6) where operand and result have the same quantization, the only case that TFLM computes."""

    kind: ClassVar[str] = "RELU6"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        shape, scale, result = unary(source)
        if scale != result:
            rule = "TFLM clamps without rescaling, so both scales must be equal"
            raise unsupported("RELU6 between two quantizations", rule, f"{scale} and {result}")
        six = round_half_away(float(np.float32(6) / np.float32(scale)))
        return cls(shape, SAME, SAME, 0, min(INT16[1], six))


@dataclass(frozen=True)
class WideLeakyRelu(Slopes):
    """x where x >= 0, alpha * x elsewhere; `alpha` >= 0 is a float32 value."""

    kind: ClassVar[str] = "LEAKY_RELU"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        alpha = number_option(source, "alpha", 0.0)
        if not 0 <= alpha < np.inf:
            raise unsupported("LEAKY_RELU with this alpha", "it must be finite and not negative", alpha)
        shape, *scales = unary(source)
        scale, result = (np.float32(x) for x in scales)
        reals = float(scale * np.float32(alpha) / result), float(scale / result)
        below, above = (multiplier(source.kind, real) for real in reals)
        return cls(shape, below, above, *INT16)


@dataclass(frozen=True)
class WideAbs(Slopes):
    """The magnitude of x; between equal scales nothing is rescaled."""

    kind: ClassVar[str] = "ABS"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        shape, scale, result = unary(source)
        factor, shift = SAME if scale == result else multiplier(source.kind, scale / result)
        return cls(shape, (-factor, shift), (factor, shift), *INT16)
