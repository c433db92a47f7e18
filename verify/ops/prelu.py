"""PRELU on int8: what is below zero is multiplied by an alpha of its own, mostly one per channel.

Sources: tensorflow/lite/micro/kernels/prelu_common.cc (CalculatePreluParams); tensorflow/lite/kernels/internal/
reference/prelu.h (BroadcastPrelu4DSlow).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops import operand_checks
from verify.ops.arithmetic import Intermediate, Stored, rescaled
from verify.ops.base import OperatorSource
from verify.ops.broadcast import Binary
from verify.ops.channels import Channels
from verify.ops.operand_checks import unsupported
from verify.ops.requantize import requantize


@dataclass(frozen=True)
class Prelu(Binary):
    """x where x >= 0, alpha * x elsewhere; alpha stretches to the operand's shape."""

    kind: ClassVar[str] = "PRELU"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        op = super().from_tflite(source)
        if op.shapes[0] != op.result:
            raise unsupported("PRELU of these shapes", "alpha must stretch to the operand's shape", f"{op.shapes}")
        return op

    def check_scales(self) -> None:
        limits = (22, 14)  # of a difference of 8 bits and a sign, and of a product of two
        for (_, shift), limit in zip((self.plain, self.slope), limits, strict=True):
            if shift > limit:
                rule = "what comes out must be within 2^14 times what goes in"
                scales = f"{self.scales[0].scale}, {self.scales[1].scale} and {self.output.scale}"
                raise unsupported("PRELU between these scales", rule, scales)

    @property
    def plain(self) -> tuple[int, int]:
        """The multiplier of what is not below zero."""
        return operand_checks.multiplier(self.kind, self.scales[0].scale / self.output.scale)

    @property
    def slope(self) -> tuple[int, int]:
        """The multiplier of products."""
        real = self.scales[0].scale * self.scales[1].scale / self.output.scale
        return operand_checks.multiplier(self.kind, real)

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        (low, high), alphas = (
            [x - scale.zero_point for x in stored] for stored, scale in zip(operands, self.scales, strict=True)
        )
        products = [x * alpha for x in (min(low, 0), 0) for alpha in alphas]
        return (
            *rescaled("difference", 0, max(high, 0), *self.plain, self.output.zero_point),
            *rescaled("product", min(products), max(products), *self.slope, self.output.zero_point),
        )

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels:
        """Both sides of zero rise or fall throughout, so that their ends and the operand's are the corners."""
        x, alpha = operands
        zero = self.scales[0].zero_point
        ends = [x.low, x.high, *(np.clip(np.full_like(x.low, at), x.low, x.high) for at in (zero - 1, zero))]
        corners = [self.combine(end, a) for end in ends for a in (alpha.low, alpha.high)]
        clamped = np.clip(np.broadcast_arrays(*corners), self.low, self.high)
        return Channels(clamped.min(axis=0), clamped.max(axis=0))

    def combine(self, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
        x, alpha = x1 - self.scales[0].zero_point, x2 - self.scales[1].zero_point
        scaled = np.where(x >= 0, requantize(x, *self.plain), requantize(x * alpha, *self.slope))
        return scaled + self.output.zero_point
