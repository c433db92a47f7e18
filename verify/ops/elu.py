"""ELU on int8, in float32 as TFLM makes its table.

Source: tensorflow/lite/micro/kernels/elu.cc (PopulateLookupTable). Its exponential is the C library's, which rounds to
float32 within a unit in the last place; here it is rounded to nearest.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops.base import OperatorSource
from verify.ops.elementwise import INT8_MAX, INT8_MIN, Lookup, unary_int8
from verify.ops.operand_checks import unsupported

MOST_STEPS = 2.0**31  # a float beyond has no int32


@dataclass(frozen=True)
class Elu(Lookup):
    """exp(x) - 1 where x < 0, x elsewhere."""

    kind: ClassVar[str] = "ELU"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        op = cls(*unary_int8(source))
        if not max(255 * op.input.scale, 1) / op.output.scale < MOST_STEPS / 2:
            rule = "results must be below 2^30 steps"
            raise unsupported("ELU between these scales", rule, f"{op.input.scale} and {op.output.scale}")
        return op

    def apply(self, x: np.ndarray) -> np.ndarray:
        steps = (x - self.input.zero_point).astype(np.float32)
        real = np.float32(self.input.scale) * steps
        below = np.exp(np.minimum(real, 0).astype(np.float64)).astype(np.float32) - np.float32(1)
        scaled = np.where(real < 0, below, real) * (np.float32(1) / np.float32(self.output.scale))
        whole = np.trunc(scaled)
        rounded = whole + np.where(np.abs(scaled - whole) >= 0.5, np.sign(scaled), np.float32(0))
        return np.clip((rounded + np.float32(self.output.zero_point)).astype(np.int64), INT8_MIN, INT8_MAX)
