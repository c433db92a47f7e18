"""MUL on int8: the product of the operands, rescaled once.

Sources: tensorflow/lite/micro/kernels/mul_common.cc (CalculateOpDataMul), tensorflow/lite/kernels/internal/reference/
integer_ops/mul.h (MulElementwise).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from verify.ops import operand_checks
from verify.ops.arithmetic import Intermediate, Stored, rescaled
from verify.ops.broadcast import Binary
from verify.ops.requantize import requantize


@dataclass(frozen=True)
class Product(Binary):
    """x1 * x2; the left shift of a product may be `most_shift` at most."""

    kind: ClassVar[str]
    most_shift: ClassVar[int] = 14  # 255 * 255 needs 16 bits and a sign

    def check_scales(self) -> None:
        _, shift = self.multiplier
        if shift > self.most_shift:
            rule = f"the product of the operands' scales must be below 2^{self.most_shift} times the result's"
            found = f"{self.scales[0].scale}, {self.scales[1].scale} and {self.output.scale}"
            raise operand_checks.unsupported(f"{self.kind} between these scales", rule, found)

    @property
    def multiplier(self) -> tuple[int, int]:
        real = self.scales[0].scale * self.scales[1].scale / self.output.scale
        return operand_checks.multiplier(self.kind, real)

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        first, second = (
            [x - scale.zero_point for x in stored] for stored, scale in zip(operands, self.scales, strict=True)
        )
        products = [a * b for a in first for b in second]
        return rescaled("product", min(products), max(products), *self.multiplier, self.output.zero_point)

    def combine(self, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
        product = (x1 - self.scales[0].zero_point) * (x2 - self.scales[1].zero_point)
        return requantize(product, *self.multiplier) + self.output.zero_point


@dataclass(frozen=True)
class Mul(Product):
    """x1 * x2, the smaller shape stretched to the larger."""

    kind: ClassVar[str] = "MUL"
