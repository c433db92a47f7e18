"""RELU, RELU6 and LEAKY_RELU on int8, requantized from the operand's scale to the result's.

Sources: tensorflow/lite/micro/kernels/activations_common.cc (CalculateReluOpData, ReluQuantized, Relu6Prepare) and
leaky_relu_common.cc; tensorflow/lite/kernels/internal/reference/leaky_relu.h (QuantizeLeakyRelu).
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops.activation import round_half_away
from verify.ops.base import OperatorSource
from verify.ops.elementwise import INT8_MAX, INT8_MIN, Lookup, unary_int8
from verify.ops.operand_checks import multiplier, number_option, unsupported
from verify.ops.requantize import requantize


@dataclass(frozen=True)
class Relu(Lookup):
    """max(x, 0)."""

    kind: ClassVar[str] = "RELU"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        op = cls(*unary_int8(source))
        multiplier(source.kind, op.input.scale / op.output.scale)
        return op

    def apply(self, x: np.ndarray) -> np.ndarray:
        scaled = requantize(x - self.input.zero_point, *multiplier(self.kind, self.input.scale / self.output.scale))
        return np.clip(scaled + self.output.zero_point, self.output.zero_point, INT8_MAX)


@dataclass(frozen=True)
class Relu6(Lookup):
    """min(max(x, 0), 6) where operand and result have the same quantization, the only case that TFLM computes."""

    kind: ClassVar[str] = "RELU6"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        op = cls(*unary_int8(source))
        if op.input != op.output:
            rule = "TFLM clamps without rescaling, so both quantizations must be equal"
            raise unsupported("RELU6 between two quantizations", rule, f"{op.input} and {op.output}")
        return op

    def apply(self, x: np.ndarray) -> np.ndarray:
        six = round_half_away(float(np.float32(6) / np.float32(self.input.scale)))
        return np.clip(x, self.input.zero_point, min(INT8_MAX, self.input.zero_point + six))


@dataclass(frozen=True)
class LeakyRelu(Lookup):
    """x where x >= 0, alpha * x elsewhere; `alpha` >= 0 is a float32 value."""

    alpha: float
    kind: ClassVar[str] = "LEAKY_RELU"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        alpha = number_option(source, "alpha", 0.0)
        if not 0 <= alpha < np.inf:
            raise unsupported("LEAKY_RELU with this alpha", "it must be finite and not negative", alpha)
        op = cls(*unary_int8(source), alpha)
        for real in op.slopes:
            multiplier(source.kind, real)
        return op

    @property
    def slopes(self) -> tuple[float, float]:
        """Output steps per input step for negative and other inputs, in TFLM's float32 arithmetic."""
        scale, output = np.float32(self.input.scale), np.float32(self.output.scale)
        return float(scale * np.float32(self.alpha) / output), float(scale / output)

    def apply(self, x: np.ndarray) -> np.ndarray:
        x = x - self.input.zero_point
        below, above = (requantize(x, *multiplier(self.kind, slope)) for slope in self.slopes)
        return np.clip(np.where(x < 0, below, above) + self.output.zero_point, INT8_MIN, INT8_MAX)
