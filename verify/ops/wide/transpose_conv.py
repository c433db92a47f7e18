"""TRANSPOSE_CONV on int16 images with int8 weights; the bias has 64 bits, or 16 in older files. Zero points are 0.

Sources: tensorflow/lite/micro/kernels/transpose_conv.cc; tensorflow/lite/kernels/internal/reference/integer_ops/
transpose_conv.h (the function for int16_t).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import DType
from verify.ops.base import Defaults, OperatorSource, PadsNothing
from verify.ops.operand_checks import unsupported
from verify.ops.transposed import Transposed, read_transposed
from verify.ops.wide.rescale import Rescale64
from verify.ops.wide.weighted import WideWeighted, convolution_rescale, read_bias


@dataclass(frozen=True, eq=False)
class WideTransposeConv(Transposed, PadsNothing, WideWeighted, Defaults):
    """A 2-D convolution's transpose: sums of products that are `stride` apart, and the bias.

    Args:
      bias: int64 [out_channels].
      rescale: one entry per output channel.
    """

    kind: ClassVar[str] = "TRANSPOSE_CONV"

    bias: np.ndarray | None
    rescale: Rescale64

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        seen, weights, quantization, placed = read_transposed(source)
        scale = convolution_rescale(seen, quantization, len(weights))
        if len(seen.inputs) < 3 or seen.inputs[2] is None:
            raise unsupported("TRANSPOSE_CONV on int16 without a bias", "TFLM reads one", "none")
        return cls(*placed, weights, read_bias(widened(seen), len(weights)), scale)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        sums = self.sums(inputs[0].reshape(self.shape).astype(np.int64))
        stored = self.rescale.apply(sums if self.bias is None else sums + self.bias)
        return (stored.reshape(-1, *self.result[2:])[rows.start : rows.stop],)


def widened(source: OperatorSource) -> OperatorSource:
    """With a bias of 16 bits, as older files have it, in 64."""
    x, weights, bias = source.inputs
    if bias is not None and bias.dtype is DType.INT16 and bias.data is not None:
        bias = replace(bias, dtype=DType.INT64, data=bias.data.astype(np.int64))
    return replace(source, inputs=(x, weights, bias))
