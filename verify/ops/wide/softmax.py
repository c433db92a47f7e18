"""SOFTMAX on int16 along the last axis, by tables of exp(x) and 1 / (1 + x) with straight lines between their entries.

Sources: tensorflow/lite/kernels/internal/reference/softmax.h (SoftmaxInt16), internal/common.h (gen_lut, LUTLookup);
tensorflow/lite/micro/kernels/softmax_common.cc.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops.arithmetic import Intermediate, Stored, intermediate, rescaled
from verify.ops.base import OperatorSource
from verify.ops.elementwise import Pointwise
from verify.ops.operand_checks import multiplier, number_option, unsupported
from verify.ops.requantize import requantize
from verify.ops.rows import as_rows
from verify.ops.wide.rescale import INT16
from verify.ops.wide.unary import unary

STEPS = 512
MOST_CLASSES = 1 << 16  # of so many the exponentials' sum fits 32 bits
FURTHEST = 10.0  # differences beyond this count as this


def table(function: Callable[[np.ndarray], np.ndarray], low: float, high: float) -> np.ndarray:
    """A function at STEPS + 1 places, in float32 and Q15, each shifted by half the error of the line in its middle."""
    step = (np.float32(high) - np.float32(low)) / np.float32(STEPS)
    places = np.float32(low) + np.arange(STEPS, dtype=np.float32) * step
    nexts = np.float32(low) + np.arange(1, STEPS + 1, dtype=np.float32) * step
    scale, half = np.float32(2**15), step / np.float32(2)
    at, middle, after = (_in_float32(function, x) * scale for x in (places, places + half, nexts))
    entries = _rounded(at)
    error = _rounded((after + entries) / np.float32(2)) - _rounded(middle)
    last = _rounded(_in_float32(function, np.array([high], np.float32)) * scale)
    return np.clip(np.concatenate([entries - _rounded(error / np.float32(2)), last]), *INT16).astype(np.int16)


def _in_float32(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    return function(x.astype(np.float64)).astype(np.float32)


def _rounded(x: np.ndarray) -> np.ndarray:
    """Halves away from zero."""
    return np.trunc(x + np.copysign(np.float32(0.5), x))


EXPONENTIALS = table(np.exp, -FURTHEST, 0.0)
RECIPROCALS = table(lambda x: 1 / (1 + x), 0.0, 1.0)


def between(entries: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The lines' value at x, int16 from the first to the last entry; int64 arrays."""
    place, part = 256 + (x >> 7), x & 127
    base = entries[place].astype(np.int64)
    return base + (((entries[place + 1] - base) * part + 64) >> 7)


@dataclass(frozen=True)
class WideSoftmax(Pointwise):
    """exp(beta * x) / sum(exp(beta * x)); differences to the largest are rescaled so that -65535 is -10."""

    factor: int
    shift: int
    kind: ClassVar[str] = "SOFTMAX"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        shape, scale, result = unary(source)
        if abs(result - 2.0**-15) > 0.001 * 2.0**-15:
            raise unsupported("SOFTMAX on int16 to this scale", "it must be 2^-15", result)
        if not shape or shape[-1] > MOST_CLASSES:
            raise unsupported("SOFTMAX along an axis of this length", f"it must have 1 to {MOST_CLASSES}", shape)
        beta = number_option(source, "beta", 0.0)
        return cls(shape, *multiplier(source.kind, scale * beta / (FURTHEST / 65535.0)))

    @property
    def channel_wise(self) -> bool:
        return False  # the sum is over the channels

    @functools.cached_property
    def least(self) -> int:
        """The exponential of the largest element."""
        return int(between(EXPONENTIALS, np.array(INT16[1], np.int64)))

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return 0, INT16[1]

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        low, high = operands[0]
        differences = rescaled("difference to the largest", low - high, 0, self.factor, self.shift, INT16[1])
        return (
            *differences,
            intermediate("sum of exponentials", self.least, self.shape[-1] * INT16[1], (1, 2**31 - 1)),
        )

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        x = as_rows(inputs[0], rows).astype(np.int64)
        scaled = requantize(x - x.max(axis=-1, keepdims=True), self.factor, self.shift) + INT16[1]
        exponentials = between(EXPONENTIALS, np.clip(scaled, *INT16))
        result = np.empty(x.shape, np.int16)
        for place in np.ndindex(*x.shape[:-1]):
            total = int(exponentials[place].sum())
            right = total.bit_length() - 1
            normal = ((total << (30 - right)) + (1 << 13)) >> 14
            reciprocal = between(RECIPROCALS, np.array(min(normal - (1 << 15) - (1 << 16), INT16[1]), np.int64))
            shares = (exponentials[place] * reciprocal + (1 << (right - 1))) >> right
            result[place] = np.clip(shares, 0, INT16[1])
        return (result,)
