"""What convolutions and fully connected layers share: reading weights and biases, rescaling their accumulators.

Sources: tensorflow/lite/kernels/kernel_util.cc (PopulateConvolutionQuantizationParams,
GetQuantizedConvolutionMultipler); tensorflow/lite/kernels/internal/common.h (MultiplyByQuantizedMultiplier, with and
without TFLITE_SINGLE_ROUNDING).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from verify.graph.tensor import DType, Quantization, Tensor
from verify.ops.activation import activation_range
from verify.ops.arithmetic import INT32, Intermediate, Stored, hull, intermediate, rescaled, sums_of_products
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.channels import Channels
from verify.ops.operand_checks import activation_option, per_tensor, require_dtype
from verify.ops.requantize import quantize_multiplier, requantize

Rounding = Literal["double", "single"]


@dataclass(frozen=True, eq=False)
class Rescale:
    """Turns int32 accumulators into stored int8 outputs.

    Args:
      multiplier, shift: int32 arrays, one entry per output channel, or one for all.
      zero_point: of the output.
      low, high: the range that the fused activation leaves.
    """

    multiplier: np.ndarray
    shift: np.ndarray
    zero_point: int
    low: int
    high: int

    def apply(self, accumulators: np.ndarray, rounding: Rounding = "double") -> np.ndarray:
        """Rescales int64 accumulators [..., channels], which wrap to int32 first."""
        wrapped = accumulators.astype(np.int32).astype(np.int64)
        multiply = requantize if rounding == "double" else requantize_once
        scaled = multiply(wrapped, self.multiplier, self.shift) + self.zero_point
        return np.clip(scaled, self.low, self.high).astype(np.int8)

    def stored(self) -> Stored:
        """What it can leave."""
        return self.low, self.high

    def channel_ranges(self, sums: Channels, bias: np.ndarray | None, rounding: Rounding = "double") -> Channels:
        """What it can leave in each channel, of sums in these intervals and the bias: it rises or falls throughout.

        Not where an accumulator wraps, nor where its left shift does; multiplier 0 makes the zero point of anything.
        """
        start = np.zeros(len(sums.low), np.int64) if bias is None else bias.astype(np.int64)
        ends = sums.low + start, sums.high + start
        left = np.clip(np.broadcast_to(self.shift, start.shape), 0, None).astype(np.int64)
        wraps = (ends[0] < -(2**31 >> left)) | (ends[1] >= 2**31 >> left)
        low, high = hull(lambda x: self.apply(x, rounding).astype(np.int64), *(np.clip(x, *INT32) for x in ends))
        anything = wraps & (np.broadcast_to(self.multiplier, start.shape) != 0)
        return Channels(np.where(anything, self.low, low), np.where(anything, self.high, high))

    def kept(self, channels: np.ndarray) -> "Rescale":
        """That of these channels."""
        if self.multiplier.size == 1:
            return self
        return replace(self, multiplier=self.multiplier[channels], shift=self.shift[channels])


class Weighted:
    """An operator that multiplies by weights and rescales: what its constants are, and what it computes."""

    weights: np.ndarray
    bias: np.ndarray | None
    input_zero_point: int
    rescale: Rescale

    @property
    def taps(self) -> np.ndarray:
        """The weights as [output channels, products of one output]."""
        return self.weights.reshape(len(self.weights), -1)

    @property
    def padding_zero(self) -> int:
        return self.input_zero_point

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return self.rescale.stored()

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        return convolution_intermediates(self.taps, self.bias, self.input_zero_point, self.rescale, operands[0])

    @property
    def constants(self) -> Mapping[str, np.ndarray]:
        """Weights and bias in the file's own order, multipliers and shifts as derived from its scales."""
        found = {"weights": self.weights, "bias": self.bias}
        found |= {"multiplier": self.rescale.multiplier, "shift": self.rescale.shift}
        return {name: values for name, values in found.items() if values is not None}


def requantize_once(x: np.ndarray, multiplier: np.ndarray | int, shift: np.ndarray | int) -> np.ndarray:
    """x * multiplier * 2^(shift - 31), rounded once, halves towards plus infinity, as LiteRT's FULLY_CONNECTED does."""
    right = 31 - np.asarray(shift, np.int64)
    product = np.asarray(x, np.int64) * np.asarray(multiplier, np.int64)
    return (product + (np.int64(1) << (right - 1))) >> right


def rescale(real_multipliers: list[float], zero_point: int, activation: tuple[int, int]) -> Rescale:
    """Fixed-point form of real multipliers.

    Raises:
      UnsupportedError: if a multiplier is too large for its shift.
    """
    try:
        pairs = [quantize_multiplier(real) for real in real_multipliers]
    except ValueError as error:
        raise UnsupportedError(str(error)) from error
    multiplier, shift = (np.array(column, np.int32) for column in zip(*pairs, strict=True))
    return Rescale(multiplier, shift, zero_point, *activation)


def convolution_rescale(source: OperatorSource, weights: Quantization, channels: int) -> Rescale:
    """One entry per output channel: input scale * weight scale / output scale, in double precision."""
    input_scale, _ = int8_scale(source, source.inputs[0])
    output_scale, zero_point = int8_scale(source, source.outputs[0])
    scales = weights.scale if weights.per_channel else weights.scale * channels
    reals = [input_scale * scale / output_scale for scale in scales]
    return rescale(reals, zero_point, fused_range(source))


def fused_range(source: OperatorSource) -> tuple[int, int]:
    """Stored range of the only output under the fused activation."""
    quantization = source.outputs[0].quantization
    assert quantization is not None, "int8_scale has looked"
    return activation_range(activation_option(source), quantization)


def int8_scale(source: OperatorSource, tensor: Tensor | None) -> tuple[float, int]:
    """Scale and zero point of an int8 activation.

    Raises:
      UnsupportedError: if it is absent, of another element type, or quantized otherwise.
    """
    if tensor is None:
        raise UnsupportedError(f"{source.kind} without its input is not supported")
    require_dtype(source.kind, tensor, DType.INT8)
    return per_tensor(source.kind, tensor)


def read_weights(source: OperatorSource, rank: int, channel_axis: int) -> tuple[np.ndarray, Quantization]:
    """Constant int8 weights (operand 1) and their quantization, with one scale or one per slice of `channel_axis`.

    Raises:
      UnsupportedError: if they are computed at run time, not int8, of another rank, or quantized otherwise.
    """
    tensor = source.inputs[1] if len(source.inputs) > 1 else None
    if tensor is None or tensor.data is None:
        raise UnsupportedError(f"{source.kind} with computed weights is not supported; they must be constant")
    require_dtype(f"{source.kind} weights", tensor, DType.INT8)
    if tensor.data.ndim != rank or tensor.data.size == 0:
        raise UnsupportedError(f"weights have shape {tensor.data.shape}; {source.kind} takes rank {rank}, not empty")
    return tensor.data, weight_quantization(tensor, channel_axis)


def weight_quantization(tensor: Tensor, channel_axis: int) -> Quantization:
    """Checks that weights are symmetric, and per channel only along `channel_axis`."""
    quantization = tensor.quantization
    if quantization is None or not quantization.scale:
        raise UnsupportedError("weights have no quantization")
    if any(quantization.zero_point):
        raise UnsupportedError(f"weights have zero points {sorted(set(quantization.zero_point))}; only 0 is supported")
    # Negative scales occur: converters fold a negative batch-norm factor into a channel's scale.
    if not all(np.isfinite(scale) for scale in quantization.scale):
        raise UnsupportedError("weights have a scale that is not finite")
    channels = tensor.shape[channel_axis]
    if quantization.per_channel and (len(quantization.scale) != channels or quantization.axis != channel_axis):
        raise UnsupportedError(
            f"weights have {len(quantization.scale)} scales along axis {quantization.axis}; "
            f"channels are the {channels} slices of axis {channel_axis}"
        )
    return quantization


def read_bias(source: OperatorSource, channels: int) -> np.ndarray | None:
    """The int32 bias (operand 2), or None. Its quantization is not looked at: TFLM takes it as input times weights.

    Raises:
      UnsupportedError: if it is computed at run time, not int32, or not one value per channel.
    """
    tensor = source.inputs[2] if len(source.inputs) > 2 else None
    if tensor is None:
        return None
    if tensor.data is None:
        raise UnsupportedError(f"{source.kind} with a computed bias is not supported; it must be constant")
    require_dtype(f"{source.kind} bias", tensor, DType.INT32)
    if tensor.data.size != channels:
        raise UnsupportedError(f"bias has {tensor.data.size} values; there are {channels} output channels")
    return tensor.data.reshape(-1)


def convolution_intermediates(
    weights: np.ndarray, bias: np.ndarray | None, zero_point: int, rescale: Rescale, stored: Stored
) -> tuple[Intermediate, ...]:
    """What a convolution or a fully connected layer computes, per output channel: products from 0 on, then the bias.

    The bias is added last, wrapping (stj_rescale.h): real models have biases of INT32_MAX in channels whose multiplier
    is 0, and whose result is therefore the zero point whatever the accumulator holds.

    Args:
      weights: [channels, taps], any integer type.
      bias: [channels] or None.
      zero_point: of the input.
      stored: what the input can hold.
    """
    low, high = sums_of_products(weights, zero_point, stored)
    start = np.zeros(len(low), np.int64) if bias is None else bias.astype(np.int64)
    scales = rescale.multiplier, rescale.shift
    return (
        intermediate("sum of products", low, high),
        *rescaled("sum of products and bias", low + start, high + start, *scales, rescale.zero_point),
    )
