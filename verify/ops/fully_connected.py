"""FULLY_CONNECTED on int8: weights `[out_depth, in_depth]`; the input is read as vectors of `in_depth` elements.

Weights that are computed make it a product of two activations (dense.py). TFLM rounds twice when it rescales, LiteRT
once; `rounding` selects, TFLM's is the default.

Sources: tensorflow/lite/kernels/internal/reference/integer_ops/fully_connected.h; tensorflow/lite/micro/kernels/
fully_connected_common.cc (per-channel weights).
"""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import DType, Quantization, row_count
from verify.ops.arithmetic import stored_range
from verify.ops.base import Defaults, OperatorSource, OverFrames, PadsNothing
from verify.ops.batch_matmul import BatchMatmul
from verify.ops.channels import Channels, Gone, Leaving, fewer, foldable, folded, nothing, others, sums_of_channels
from verify.ops.conv_2d import Conv2D
from verify.ops.dense import computed, matrix_rescale
from verify.ops.geometry import ImageWindow
from verify.ops.rows import row_shape
from verify.ops.vectors import Vectors, check_vectors
from verify.ops.weights import (
    Rescale,
    Rounding,
    Weighted,
    convolution_rescale,
    int8_scale,
    read_bias,
    read_weights,
)


@dataclass(frozen=True, eq=False)
class FullyConnected(Weighted, Vectors, PadsNothing, Defaults):
    """Matrix times vectors.

    Args:
      input_shape, output_shape: under which the node sees its ends.
      weights: int8 [out_depth, in_depth], zero point 0.
      bias: int32 [out_depth], or None.
      input_zero_point: stored value of zero.
      rescale: one entry, or one per output where weights are quantized per channel.
      rounding: "double" as TFLM, "single" as LiteRT.
    """

    kind: ClassVar[str] = "FULLY_CONNECTED"

    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    weights: np.ndarray
    bias: np.ndarray | None
    input_zero_point: int
    rescale: Rescale
    rounding: Rounding = "double"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> "Self | BatchMatmul":
        vectors, output = source.inputs[0], source.outputs[0]
        if len(source.inputs) > 1 and source.inputs[1] is not None and source.inputs[1].data is None:
            return computed(source)
        _, input_zero_point = int8_scale(source, vectors)
        assert vectors is not None
        weights, quantization = read_weights(source, rank=2, channel_axis=0)
        out_depth, in_depth = weights.shape
        check_vectors(source, vectors.shape, weights.shape)
        scale = (
            convolution_rescale(source, quantization, out_depth)
            if quantization.per_channel
            else matrix_rescale(source, quantization)
        )
        bias = read_bias(source, out_depth)
        return cls(vectors.shape, output.shape, weights, bias, input_zero_point, scale)

    def over_frames(self, frames: int) -> OverFrames | None:
        """Where one vector holds all frames, one after the other: a convolution by a window of as many rows."""
        out_depth, in_depth = self.weights.shape
        if math.prod(self.input_shape) != in_depth or in_depth % frames or self.rounding != "double":
            return None
        channels = in_depth // frames
        image, row = (1, frames, 1, channels), (1, 1, 1, out_depth)
        scale = (np.broadcast_to(x, out_depth).copy() for x in (self.rescale.multiplier, self.rescale.shift))
        multiplier, shift = scale
        op = Conv2D(
            ImageWindow(image, row, (frames, 1)),
            self.weights.reshape(out_depth, frames, 1, channels),
            self.bias,
            1,
            self.input_zero_point,
            replace(self.rescale, multiplier=multiplier, shift=shift),
        )
        return OverFrames(op, image, row)

    @property
    def channels_repeat(self) -> bool:
        """Whether every vector is made of whole pixels, so that a channel stands at the same places in each."""
        return self.weights.shape[1] % self.input_shape[-1] == 0

    @property
    def by_input(self) -> np.ndarray:
        """The weights as [out_depth, channels of the input, pixels of a vector], where `channels_repeat`."""
        return np.swapaxes(self.weights.reshape(len(self.weights), -1, self.input_shape[-1]), 1, 2)

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels | None:
        if not self.channels_repeat:
            return None
        sums = sums_of_channels(self.by_input, operands[0], self.input_zero_point, padded=False)
        return self.rescale.channel_ranges(sums, self.bias, self.rounding)

    def leaving(self, operands: Sequence[Gone], results: Set[int]) -> Leaving:
        if not self.channels_repeat:
            return nothing(operands)
        kept = self.by_input[others(len(self.weights), results)]
        return (foldable(kept, operands[0], self.input_zero_point, padded=False),), results

    def without(self, operands: Sequence[Gone], results: Set[int]) -> Self | None:
        (gone,) = operands
        if self.leaving(operands, results) != ((gone.keys(),), results):
            return None
        kept, read = others(len(self.weights), results), others(self.input_shape[-1], gone)
        weights = self.by_input[kept]
        bias = None if self.bias is None else self.bias[kept]
        return replace(
            self,
            input_shape=fewer(self.input_shape, gone),
            output_shape=fewer(self.output_shape, results),
            weights=np.ascontiguousarray(np.swapaxes(weights[:, read], 1, 2).reshape(len(kept), -1)),
            bias=folded(weights, bias, gone, self.input_zero_point),
            rescale=self.rescale.kept(kept),
        )

    def readout(self, operand: Quantization, result: Quantization) -> tuple[np.ndarray, np.ndarray] | None:
        one_vector = math.prod(self.input_shape) == self.weights.shape[1]
        if not one_vector or self.rescale.stored() != stored_range(DType.INT8):
            return None
        products = self.rescale.multiplier * 2.0 ** (self.rescale.shift - 31.0) * result.scale[0]
        bias = np.zeros(len(self.weights)) if self.bias is None else self.bias * products
        return self.weights * np.broadcast_to(products, len(self.weights))[:, None] / operand.scale[0], bias

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """Float64 matrix products are exact here: sums stay far below 2^53."""
        out_depth, in_depth = self.weights.shape
        vectors = inputs[0].reshape(-1, in_depth)
        per_row = math.prod(self.output_shape) // out_depth // row_count(self.output_shape)
        vectors = vectors[rows.start * per_row : rows.stop * per_row].astype(np.float64) - self.input_zero_point
        sums = (vectors @ self.weights.T.astype(np.float64)).astype(np.int64)
        stored = self.rescale.apply(sums if self.bias is None else sums + self.bias, self.rounding)
        return (stored.reshape(len(rows), *row_shape(self.output_shape)),)
