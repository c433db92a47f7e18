"""FULLY_CONNECTED on int16 with constant int8 weights and int64 biases; zero points are 0.

Sources: tensorflow/lite/kernels/internal/reference/integer_ops/fully_connected.h (the functions for int16_t);
tensorflow/lite/micro/kernels/fully_connected.cc, fully_connected_common.cc.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import row_count
from verify.ops.base import Defaults, OperatorSource, OverFrames, PadsNothing
from verify.ops.geometry import ImageWindow
from verify.ops.rows import row_shape
from verify.ops.vectors import Vectors, check_vectors
from verify.ops.weights import read_weights
from verify.ops.wide.conv_2d import WideConv2D
from verify.ops.wide.rescale import Rescale64, fused_range, rescale_64, symmetric
from verify.ops.wide.weighted import WideWeighted, convolution_rescale, read_bias


@dataclass(frozen=True, eq=False)
class WideFullyConnected(WideWeighted, Vectors, PadsNothing, Defaults):
    """Matrix times vectors.

    Args:
      input_shape, output_shape: under which the node sees its ends.
      weights: int8 [out_depth, in_depth], zero point 0.
      bias: int64 [out_depth], or None.
      rescale: one entry per output.
    """

    kind: ClassVar[str] = "FULLY_CONNECTED"

    bias: np.ndarray | None
    rescale: Rescale64

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        vectors, output = source.inputs[0], source.outputs[0]
        scale, result = symmetric(source, vectors), symmetric(source, output)
        assert vectors is not None
        weights, quantization = read_weights(source, rank=2, channel_axis=0)
        check_vectors(source, vectors.shape, weights.shape)
        if quantization.per_channel:
            rescale = convolution_rescale(source, quantization, len(weights))
        else:
            product = float(np.float32(scale) * np.float32(quantization.scale[0]))
            rescale = rescale_64(source, [product / result] * len(weights), fused_range(source))
        return cls(vectors.shape, output.shape, weights, read_bias(source, len(weights)), rescale)

    def over_frames(self, frames: int) -> OverFrames | None:
        """Where one vector holds all frames, one after the other: a convolution by a window of as many rows."""
        out_depth, in_depth = self.weights.shape
        if math.prod(self.input_shape) != in_depth or in_depth % frames:
            return None
        channels = in_depth // frames
        image, row = (1, frames, 1, channels), (1, 1, 1, out_depth)
        weights = self.weights.reshape(out_depth, frames, 1, channels)
        op = WideConv2D(ImageWindow(image, row, (frames, 1)), weights, self.bias, 1, self.rescale)
        return OverFrames(op, image, row)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """Float64 matrix products are exact here: sums stay far below 2^53."""
        out_depth, in_depth = self.weights.shape
        per_row = math.prod(self.output_shape) // out_depth // row_count(self.output_shape)
        vectors = inputs[0].reshape(-1, in_depth)[rows.start * per_row : rows.stop * per_row].astype(np.float64)
        sums = (vectors @ self.weights.T.astype(np.float64)).astype(np.int64)
        stored = self.rescale.apply(sums if self.bias is None else sums + self.bias)
        return (stored.reshape(len(rows), *row_shape(self.output_shape)),)
