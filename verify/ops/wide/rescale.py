"""Sums of int16 times int8 with 64 bits, and how they become int16: one rounding, a multiplier of 15 bits.

Sources: tensorflow/lite/kernels/internal/common.cc (MultiplyByQuantizedMultiplier for int64_t, with its conditions),
tensorflow/lite/kernels/kernel_util.cc (PopulateConvolutionQuantizationParams).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from verify.graph.tensor import DType, Tensor
from verify.ops.activation import activation_range
from verify.ops.arithmetic import INT32, Intermediate, Stored, hull, intermediate
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.operand_checks import activation_option, multiplier, per_tensor, require_dtype, unsupported

INT16: Stored = (-(2**15), 2**15 - 1)
SUMS: Stored = (-(2**47), 2**47 - 1)
"""Of sums that TFLM's function takes; with a multiplier of 15 bits and the addend of the rounding they stay in 64."""

MOST_SHIFT = 7
REDUCED: Stored = (0, 0x7FFF)


@dataclass(frozen=True, eq=False)
class Rescale64:
    """Turns 64-bit sums into stored int16 values.

    Args:
      multiplier: int16, one entry per output channel, in [0, 2^15).
      shift: int8, one per output channel, in [-31, 7].
      low, high: the range that the fused activation leaves.
    """

    multiplier: np.ndarray
    shift: np.ndarray
    low: int
    high: int

    def scaled(self, sums: np.ndarray) -> np.ndarray:
        """sum * multiplier * 2^(shift - 15), halves towards plus infinity; int64, [..., channels]."""
        right = 15 - self.shift.astype(np.int64)
        return (sums * self.multiplier.astype(np.int64) + (np.int64(1) << (right - 1))) >> right

    def apply(self, sums: np.ndarray) -> np.ndarray:
        return np.clip(self.scaled(sums), self.low, self.high).astype(np.int16)

    def intermediates(self, low: np.ndarray, high: np.ndarray) -> tuple[Intermediate, ...]:
        """Of sums with their bias in [low, high], per channel."""
        least, most = hull(self.scaled, np.clip(low, *SUMS), np.clip(high, *SUMS))
        return (
            intermediate("sum of products and bias, in 64 bits", low, high, SUMS),
            intermediate("multiplier of 15 bits", self.multiplier, self.multiplier, REDUCED),
            intermediate("shift of a 64-bit sum", self.shift, self.shift, (-31, MOST_SHIFT)),
            intermediate("rescaled sum", least, most, INT32),
        )


def symmetric(source: OperatorSource, tensor: Tensor | None) -> float:
    """Scale of an int16 activation.

    Raises:
      UnsupportedError: if it is absent, of another element type, quantized otherwise, or its zero point is not 0.
    """
    if tensor is None:
        raise UnsupportedError(f"{source.kind} without its input is not supported")
    require_dtype(f"{source.kind} beside int16", tensor, DType.INT16)
    scale, zero_point = per_tensor(source.kind, tensor)
    if zero_point:
        rule = f'that of "{tensor.name}" must be 0, which TFLM takes it for'
        raise unsupported(f"{source.kind} on int16 with this zero point", rule, zero_point)
    return scale


def fused_range(source: OperatorSource) -> Stored:
    """Stored range of the only output under the fused activation."""
    quantization = source.outputs[0].quantization
    assert quantization is not None, "symmetric has looked"
    return activation_range(activation_option(source), quantization, INT16)


def rescale_64(source: OperatorSource, reals: Sequence[float], activation: Stored) -> Rescale64:
    """Fixed-point form of real multipliers, one per output channel.

    Raises:
      UnsupportedError: if one is negative or too large, which TFLM's function for 64 bits does not take.
    """
    pairs = [multiplier(source.kind, real) for real in reals]
    if any(m < 0 or shift > MOST_SHIFT for m, shift in pairs):
        rule = f"quotients of scales must be at least 0 and below 2^{MOST_SHIFT}, or TFLM's rescaling is not defined"
        raise unsupported(f"{source.kind} on int16 between these scales", rule, f"{min(reals)} to {max(reals)}")
    reduced = [min((m + (1 << 15)) >> 16, REDUCED[1]) for m, _ in pairs]
    return Rescale64(np.array(reduced, np.int16), np.array([shift for _, shift in pairs], np.int8), *activation)
