"""What operators with int8 weights on int16 activations have in common: constants, windows, reading the file.

Sources: as verify.ops.weights has them; the bias is int64, and added to sums of 64 bits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Self

import numpy as np

from verify.graph.tensor import DType, Quantization
from verify.graph.window import Padding
from verify.ops.arithmetic import Intermediate, Stored, intermediate, sums_of_products
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.operand_checks import require_dtype
from verify.ops.wide.rescale import SUMS, Rescale64, fused_range, rescale_64, symmetric
from verify.ops.windowed import Windowed


class WideWeighted:
    """An operator that multiplies int16 by int8 weights: its constants, and what it computes. Zero points are 0."""

    weights: np.ndarray
    bias: np.ndarray | None
    rescale: Rescale64

    @property
    def taps(self) -> np.ndarray:
        """The weights as [output channels, products of one output]."""
        return self.weights.reshape(len(self.weights), -1)

    @property
    def padding_zero(self) -> int:
        return 0

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return self.rescale.low, self.rescale.high

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        low, high = sums_of_products(self.taps, 0, operands[0])
        bias = np.zeros(len(low), np.int64) if self.bias is None else np.clip(self.bias, -(2**48), 2**48)
        products = intermediate("sum of products, in 64 bits", low, high, SUMS)
        return (products, *self.rescale.intermediates(low + bias, high + bias))

    @property
    def constants(self) -> Mapping[str, np.ndarray]:
        """Weights and bias in the file's own order, multipliers and shifts as derived from its scales."""
        found = {"weights": self.weights, "bias": self.bias}
        found |= {"multiplier": self.rescale.multiplier, "shift": self.rescale.shift}
        return {name: values for name, values in found.items() if values is not None}


class WideConvolution(WideWeighted, Windowed):
    """A sum of products over each window; padding is 0."""

    @property
    def padding(self) -> Padding | None:
        return self.geometry.padding(0)

    def absorb_padding(self, padding: Padding) -> Self | None:
        return None if padding.value else replace(self, geometry=self.geometry.absorbing(padding))


def convolution_rescale(source: OperatorSource, weights: Quantization, channels: int, position: int = 0) -> Rescale64:
    """Input scale * weight scale / output scale, in double precision; `position` is the input's among the operands."""
    scale, result = symmetric(source, source.inputs[position]), symmetric(source, source.outputs[0])
    scales = weights.scale if weights.per_channel else weights.scale * channels
    return rescale_64(source, [scale * each / result for each in scales], fused_range(source))


def read_bias(source: OperatorSource, channels: int, position: int = 2) -> np.ndarray | None:
    """The int64 bias, or None.

    Raises:
      UnsupportedError: if it is computed at run time, of another type, or not one value per channel.
    """
    tensor = source.inputs[position] if len(source.inputs) > position else None
    if tensor is None:
        return None
    if tensor.data is None:
        raise UnsupportedError(f"{source.kind} with a computed bias is not supported; it must be constant")
    require_dtype(f"{source.kind} on int16 with a bias", tensor, DType.INT64)
    if tensor.data.size != channels:
        raise UnsupportedError(f"bias has {tensor.data.size} values; there are {channels} output channels")
    return tensor.data.reshape(-1)
