"""TRANSPOSE_CONV on int8 images: weights `[out_channels, kernel_h, kernel_w, in_channels]`.

Sources: tensorflow/lite/micro/kernels/transpose_conv.cc; tensorflow/lite/kernels/internal/reference/integer_ops/
transpose_conv.h.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.ops.base import Defaults, OperatorSource, PadsNothing
from verify.ops.channels import Channels, Gone, Leaving, fewer, foldable, others, sums_of_channels
from verify.ops.rows import Shape
from verify.ops.transposed import Transposed, read_transposed
from verify.ops.weights import Rescale, Weighted, convolution_rescale, int8_scale, read_bias


@dataclass(frozen=True, eq=False)
class TransposeConv(Transposed, PadsNothing, Weighted, Defaults):
    """A 2-D convolution's transpose: sums of products that are `stride` apart, and the bias.

    Args:
      shape, result: of the operand and the result, batch height width channels.
      stride, before: along height and width; `before` positions of the first window lie before the result.
      weights: int8 [out_channels, kernel_h, kernel_w, in_channels], zero point 0.
      bias: int32 [out_channels], or None.
      input_zero_point: stored value of zero.
      rescale: one entry per output channel.
    """

    kind: ClassVar[str] = "TRANSPOSE_CONV"

    shape: Shape
    result: Shape
    stride: tuple[int, int]
    before: tuple[int, int]
    weights: np.ndarray
    bias: np.ndarray | None
    input_zero_point: int
    rescale: Rescale

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        seen, weights, quantization, placed = read_transposed(source)
        _, zero_point = int8_scale(seen, seen.inputs[0])
        bias, scale = read_bias(seen, len(weights)), convolution_rescale(seen, quantization, len(weights))
        return cls(*placed, weights, bias, zero_point, scale)

    @property
    def by_input(self) -> np.ndarray:
        """The weights as [out_channels, in_channels, kernel_h * kernel_w]."""
        return np.moveaxis(self.weights, 3, 1).reshape(len(self.weights), self.weights.shape[3], -1)

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels:
        """By all taps of the window, of which each position has some."""
        sums = sums_of_channels(self.by_input, operands[0], self.input_zero_point, True)
        return self.rescale.channel_ranges(sums, self.bias)

    def leaving(self, operands: Sequence[Gone], results: Set[int]) -> Leaving:
        kept = self.by_input[others(len(self.weights), results)]
        return (foldable(kept, operands[0], self.input_zero_point, True),), results

    def without(self, operands: Sequence[Gone], results: Set[int]) -> Self | None:
        (gone,) = operands
        if self.leaving(operands, results) != ((gone.keys(),), results):
            return None
        kept, read = others(len(self.weights), results), others(self.weights.shape[3], gone)
        return replace(  # an input that is read holds the zero point, which adds nothing to the bias
            self,
            shape=fewer(self.shape, gone),
            result=fewer(self.result, results),
            weights=np.ascontiguousarray(self.weights[kept][..., read]),
            bias=None if self.bias is None else self.bias[kept],
            rescale=self.rescale.kept(kept),
        )

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        sums = self.sums(inputs[0].reshape(self.shape).astype(np.int64) - self.input_zero_point)
        sums = sums if self.bias is None else sums + self.bias
        return (self.rescale.apply(sums).reshape(-1, *self.result[2:])[rows.start : rows.stop],)
