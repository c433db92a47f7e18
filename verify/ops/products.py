"""Products of two int8 activations: BATCH_MATMUL, and FULLY_CONNECTED whose weights are computed.

Sources: tensorflow/lite/kernels/internal/reference/batch_matmul.h, integer_ops/fully_connected.h; kernel_util.cc
(GetQuantizedConvolutionMultipler).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE, Window
from verify.ops.activation import INT8_MAX, INT8_MIN
from verify.ops.arithmetic import Intermediate, Stored, intermediate, rescaled
from verify.ops.base import Defaults, OperatorSource, PadsNothing, Reordered
from verify.ops.elementwise import Scale
from verify.ops.operand_checks import multiplier, per_tensor, require_dtype
from verify.ops.requantize import requantize
from verify.ops.rows import Shape, as_rows, reordered

Along = tuple[int | None, ...]
"""For each axis of an operand, the result's axis that it runs along; None for the one that is summed over."""


@dataclass(frozen=True, eq=False)
class Product(PadsNothing, Defaults):
    """Sums of products along one axis of both operands.

    Args:
      shapes, result: of both operands, and of the result. An operand's axis of extent 1 stretches.
      along: of both operands.
      scales, output: quantizations.
      low, high: stored bounds of a fused activation.
      bias: int32, along the result's last axis, or None.
    """

    kind: ClassVar[str]

    shapes: tuple[Shape, Shape]
    result: Shape
    along: tuple[Along, Along]
    scales: tuple[Scale, Scale]
    output: Scale
    low: int = INT8_MIN
    high: int = INT8_MAX
    bias: np.ndarray | None = None

    @classmethod
    def of(cls, source: OperatorSource, along: tuple[Along, Along], **more: object) -> Self:
        """Of the first two operands of an operator, whose shapes fit; `more` are further fields."""
        x, y, result = source.inputs[0], source.inputs[1], source.outputs[0]
        assert x is not None
        assert y is not None
        for tensor in (x, y, result):
            require_dtype(source.kind, tensor, DType.INT8)
        scales = Scale(*per_tensor(source.kind, x)), Scale(*per_tensor(source.kind, y))
        output = Scale(*per_tensor(source.kind, result))
        op = cls((x.shape, y.shape), result.shape, along, scales, output, **more)  # type: ignore[arg-type]
        multiplier(source.kind, op.real_multiplier)
        return op

    @property
    def real_multiplier(self) -> float:
        """The product of scales is a float32."""
        product = np.float32(self.scales[0].scale) * np.float32(self.scales[1].scale)
        return float(product) / self.output.scale

    @property
    def multiplier(self) -> tuple[int, int]:
        return multiplier(self.kind, self.real_multiplier)

    @property
    def depth(self) -> int:
        """Products of one sum."""
        return self.shapes[0][self.along[0].index(None)]

    @property
    def operands(self) -> tuple[int, ...]:
        return (0, 1)

    @property
    def row_wise(self) -> bool:
        return True

    @property
    def macs(self) -> int:
        return math.prod(self.result) * self.depth

    def window(self, position: int, axis: Axis) -> Window | None:
        """For an operand whose rows run along the result's: rows of a first matrix, heads of images."""
        shape, along = self.shapes[position], self.along[position]
        leading = 1 if len(shape) == 2 else len(shape) - 2
        same = len(shape) == len(self.result) and along[:leading] == tuple(range(leading))
        if axis is not Axis.HEIGHT or not same or shape[:leading] != self.result[:leading]:
            return None
        return POINTWISE

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return self.low, self.high

    @property
    def constants(self) -> Mapping[str, np.ndarray]:
        return {} if self.bias is None else {"bias": self.bias}

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """Of the sum also what it is on the way, in any order."""
        ends = [[x - scale.zero_point for x in own] for own, scale in zip(operands, self.scales, strict=True)]
        products = [a * b for a in ends[0] for b in ends[1]]
        low, high = self.depth * min(0, *products), self.depth * max(0, *products)
        bias = np.zeros(1, np.int64) if self.bias is None else self.bias.astype(np.int64)
        return (
            intermediate("sum of products", low, high),
            *rescaled("sum of products and bias", low + bias, high + bias, *self.multiplier, self.output.zero_point),
        )

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        """An operand of as many axes as the result has goes with it; the last axis stays."""
        result = reordered(self.result, axes)
        if result is None or axes[-1] != len(self.result) - 1:
            return None
        places = {axis: place for place, axis in enumerate(axes)}
        shapes, along = list(self.shapes), [tuple(None if a is None else places[a] for a in own) for own in self.along]
        for k in range(2):
            if len(shapes[k]) == len(self.result):
                along[k] = tuple(place if axis is None else along[k][axis] for place, axis in enumerate(axes))
                shapes[k] = reordered(shapes[k], axes) or shapes[k]
        ends = shapes[0], shapes[1]
        return Reordered(replace(self, shapes=ends, result=result, along=(along[0], along[1])), ends, (result,))

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """Float64 products are exact: sums stay far below 2^53. Axes of extent 1 are left out, so that they stretch."""
        terms: list[object] = []
        for x, along, scale in zip(inputs, self.along, self.scales, strict=True):
            kept = [axis for axis, extent in enumerate(x.shape) if extent > 1]
            labels = [len(self.result) if along[axis] is None else along[axis] for axis in kept]
            terms += [x.reshape([x.shape[axis] for axis in kept]).astype(np.float64) - scale.zero_point, labels]
        sums = np.einsum(*terms, [axis for axis, extent in enumerate(self.result) if extent > 1], optimize=True)  # type: ignore[call-overload]
        wide = sums.reshape(self.result).astype(np.int64) + (0 if self.bias is None else self.bias)
        scaled = requantize(wide.astype(np.int32).astype(np.int64), *self.multiplier) + self.output.zero_point
        return (as_rows(np.clip(scaled, self.low, self.high).astype(np.int8), rows),)
