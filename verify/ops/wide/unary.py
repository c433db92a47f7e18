"""RELU, RELU6 and LEAKY_RELU on int16 as two lines that meet at 0; LOGISTIC and TANH by a table with lines between.

Sources: tensorflow/lite/micro/kernels/activations.cc, activations_common.cc, leaky_relu_common.cc, logistic_common.cc,
tanh.cc; tensorflow/lite/kernels/internal/reference/leaky_relu.h, integer_ops/logistic.h, tanh.h (for int16_t).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import is_image
from verify.ops.activation import round_half_away
from verify.ops.arithmetic import Intermediate, Stored, intermediate, rescaled
from verify.ops.base import OperatorSource
from verify.ops.elementwise import Pointwise
from verify.ops.operand_checks import multiplier, number_option, operands_of, require_shape, unsupported
from verify.ops.requantize import requantize
from verify.ops.rows import Shape, as_rows
from verify.ops.sigmoid_16 import sigmoid_of, tanh_of
from verify.ops.wide.rescale import INT16, symmetric

SAME = (1 << 30, 1)
"""The multiplier and shift that leave every value as it is."""


@dataclass(frozen=True)
class WideUnary(Pointwise):
    """A function of one int16 value."""

    def seen_as(self, shape: Shape) -> Self:
        return type(self)(**{**vars(self), "shape": shape})

    @property
    def tile_wise(self) -> bool:
        return is_image(self.shape)

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Stored results, int64, of stored inputs, int64."""
        raise NotImplementedError

    def stored(self, operands: Sequence[Stored]) -> Stored:
        """None of these functions falls anywhere."""
        low, high = (int(self.apply(np.array(x, np.int64))) for x in operands[0])
        return low, high

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return (self.apply(as_rows(inputs[0], rows).astype(np.int64)).astype(np.int16),)


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


def unary(source: OperatorSource) -> tuple[Shape, float, float]:
    """Shape and scales of an operator with one int16 operand and one int16 result of its shape.

    Raises:
      UnsupportedError: if it is anything else.
    """
    (x,), (y,) = operands_of(source, 1), source.outputs
    scales = symmetric(source, x), symmetric(source, y)
    require_shape(source.kind, y, x.shape)
    return x.shape, *scales


def power_of_two(scale: float) -> int | None:
    """The exponent of a scale that TFLM takes for a power of two (CheckedLog2: in float32, to a thousandth)."""
    found = np.log(np.float32(scale)) * (np.float32(1) / np.log(np.float32(2)))
    nearest = round_half_away(float(found))
    return nearest if abs(found - np.float32(nearest)) < np.float32(1e-3) else None
