"""QUANTIZE: float32 to int8, rescaling between integers; functions of a float before it become part of a table.

Sources: tensorflow/lite/micro/kernels/quantize_common.cc, tensorflow/lite/kernels/internal/reference/quantize.h
(AffineQuantize), requantize.h (Requantize).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import DType
from verify.ops.arithmetic import Intermediate, Stored, intermediate, rescaled, stored_range
from verify.ops.base import OperatorSource
from verify.ops.channels import Channels
from verify.ops.elementwise import Lookup, Scale
from verify.ops.operand_checks import (
    STORED_RANGE,
    WIDE_RANGE,
    multiplier,
    operands_of,
    per_tensor,
    require_dtype,
    require_shape,
    unsupported,
)
from verify.ops.requantize import requantize
from verify.ops.rows import as_rows

# Real operands are in no fixed scale; this one is never used.
UNSCALED = Scale(1.0, 0)

PAIRS: Mapping[DType, tuple[DType, ...]] = {
    DType.FLOAT32: (DType.INT8, DType.INT16),
    DType.INT8: (DType.INT8, DType.UINT8, DType.INT16, DType.INT32),
    DType.UINT8: (DType.INT8, DType.UINT8),
    DType.INT16: (DType.INT8, DType.INT16, DType.INT32),
    DType.INT32: (DType.INT8, DType.INT16),
}
"""From each element type those that it is rescaled to, as TFLM does; uint8 to uint8 is LiteRT's alone."""


@dataclass(frozen=True)
class Quantize(Lookup):
    """Rounds to the result's scale. NaN becomes the zero point, what is out of range saturates; TFLM leaves both open.

    Args:
      source, target: element types, a pair of `PAIRS`.
    """

    source: DType
    target: DType
    kind: ClassVar[str] = "QUANTIZE"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        (x,), (y,) = operands_of(source, 1), source.outputs
        require_dtype(source.kind, x, *PAIRS)
        if y.dtype not in PAIRS[x.dtype]:
            rule = f"the result must be {' or '.join(dtype.value for dtype in PAIRS[x.dtype])}"
            raise unsupported(f"QUANTIZE of {x.dtype.value} to {y.dtype.value}", rule, y.dtype.value)
        require_shape(source.kind, y, x.shape)
        output = Scale(*per_tensor(source.kind, y))
        if x.dtype is DType.FLOAT32:
            return cls(x.shape, UNSCALED, output, x.dtype, y.dtype)
        op = cls(x.shape, Scale(*per_tensor(source.kind, x)), output, x.dtype, y.dtype)
        multiplier(source.kind, op.input.scale / output.scale)
        return op

    @property
    def real(self) -> bool:
        """Whether operands are float32; such an operator has no table."""
        return self.source is DType.FLOAT32

    @property
    def wide(self) -> bool:
        """Whether integers are rescaled of which one has more than 8 bits; such an operator has no table either."""
        return not self.real and bool({self.source, self.target} & WIDE_RANGE.keys())

    @property
    def tile_wise(self) -> bool:
        return not self.wide and super().tile_wise

    @property
    def input_dtype(self) -> DType:
        return self.source

    @property
    def output_dtype(self) -> DType:
        return self.target

    def stored(self, operands: Sequence[Stored]) -> Stored | None:
        return None if self.real or self.wide else super().stored(operands)

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels | None:
        return None if self.real or self.wide else super().channel_ranges(operands)

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """Of float32, steps are cut off before they become an integer (stj_quantize_s8.c, stj_quantize_s16.c)."""
        if self.wide:
            low, high = (x - self.input.zero_point for x in operands[0])
            what, factor = (
                "stored value less its zero point",
                multiplier(self.kind, self.input.scale / self.output.scale),
            )
            return rescaled(what, low, high, *factor, self.output.zero_point)
        if not self.real:
            return super().intermediates(operands)
        zero, most = self.output.zero_point, self._most_steps
        return (intermediate("steps plus zero point", zero - most, zero + most),)

    @property
    def _most_steps(self) -> int:
        """As many saturate whatever the zero point is."""
        return 2 ** (8 * self.target.size_bytes)

    def apply(self, x: np.ndarray) -> np.ndarray:
        scaled = requantize(x - self.input.zero_point, *multiplier(self.kind, self.input.scale / self.output.scale))
        return np.clip(scaled + self.output.zero_point, *(STORED_RANGE | WIDE_RANGE)[self.target])

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        if self.wide:
            return (self.apply(as_rows(inputs[0], rows).astype(np.int64)).astype(self.target.numpy),)
        if not self.real:
            return super().reference(inputs, rows)
        with np.errstate(over="ignore"):
            steps = as_rows(inputs[0], rows) / np.float32(self.output.scale)
        most = self._most_steps
        steps = np.clip(np.where(np.isnan(steps), np.float32(0), steps), -most, most)
        whole = np.trunc(steps)
        rounded = whole + np.where(np.abs(steps - whole) >= 0.5, np.sign(steps), 0)  # halves away from zero
        return (np.clip(rounded + self.output.zero_point, *stored_range(self.target)).astype(self.target.numpy),)
