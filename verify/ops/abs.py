"""ABS on int8, requantized from the operand's scale to the result's.

Source: tensorflow/lite/micro/kernels/elementwise.cc (PrepareAbsRsqrt, AbsEvalQuantized).
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops.base import OperatorSource
from verify.ops.elementwise import INT8_MAX, INT8_MIN, Lookup, unary_int8
from verify.ops.operand_checks import multiplier
from verify.ops.requantize import requantize


@dataclass(frozen=True)
class Abs(Lookup):
    """The magnitude of x; between equal scales nothing is rescaled."""

    kind: ClassVar[str] = "ABS"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        op = cls(*unary_int8(source))
        multiplier(source.kind, op.input.scale / op.output.scale)
        return op

    def apply(self, x: np.ndarray) -> np.ndarray:
        magnitude = np.abs(x - self.input.zero_point)
        if self.input.scale != self.output.scale:
            magnitude = requantize(magnitude, *multiplier(self.kind, self.input.scale / self.output.scale))
        return np.clip(magnitude + self.output.zero_point, INT8_MIN, INT8_MAX)
