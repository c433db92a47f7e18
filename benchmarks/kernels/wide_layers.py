"""Operators on int16 activations, as models of one operator (benchmarks.kernels.single).

conv16:3x3:16:16:w20       CONV_2D, window, input and output channels; s: strides
dw16:3x3:48:w20:m2         DEPTHWISE_CONV_2D, m: output channels per input channel
fc16:640:10                FULLY_CONNECTED
"""

import math
from collections.abc import Callable, Mapping

import numpy as np

from benchmarks.kernels.image_layers import Line
from tests.tiny_model import activation, constant
from verify.graph.tensor import DType, Tensor
from verify.ops.base import OperatorSource

SCALE = 0.001


def wide(index: int, shape: tuple[int, ...], scale: float = SCALE) -> Tensor:
    return activation(index, shape, scale, 0, DType.INT16)


def _weighted(
    kind: str, x: Tensor, weights: np.ndarray, axis: int, result: tuple[int, ...], **options: object
) -> OperatorSource:
    rng = np.random.default_rng(0)
    channels = weights.shape[axis]
    scales = rng.uniform(0.005, 0.02, channels)
    bias = constant(3, rng.integers(-(2**20), 2**20, channels), scales * SCALE)
    y = wide(9, result, 2 * SCALE * math.sqrt(weights.size / channels))
    return OperatorSource(kind, (x, constant(2, weights, scales, axis=axis), bias), (y,), options)


def _image(line: Line, channels: int) -> tuple[int, ...]:
    return (1, *(-(-extent // line.stride) for extent in line.image[1:3]), channels)


def _conv(line: Line, rng: np.random.Generator) -> OperatorSource:
    inputs, outputs = line.channels
    weights = rng.integers(-127, 128, (outputs, *line.kernel, inputs), np.int8)
    options = {"padding": "SAME", "stride_h": line.stride, "stride_w": line.stride}
    return _weighted("CONV_2D", wide(1, line.image), weights, 0, _image(line, outputs), **options)


def _depthwise(line: Line, rng: np.random.Generator) -> OperatorSource:
    channels = line.channels[0] * line.multiplier
    weights = rng.integers(-127, 128, (1, *line.kernel, channels), np.int8)
    options = {"padding": "SAME", "stride_h": line.stride, "stride_w": line.stride}
    options |= {"depth_multiplier": line.multiplier}
    return _weighted("DEPTHWISE_CONV_2D", wide(1, line.image), weights, 3, _image(line, channels), **options)


def _dense(line: Line, rng: np.random.Generator) -> OperatorSource:
    inputs, outputs = line.channels
    weights = rng.integers(-127, 128, (outputs, inputs), np.int8)
    x = wide(1, (line.multiplier, inputs))
    return _weighted("FULLY_CONNECTED", x, weights, 0, (line.multiplier, outputs))


WIDE_LAYERS: Mapping[str, tuple[int, Callable[[Line, np.random.Generator], OperatorSource]]] = {
    "conv16": (2, _conv),
    "dw16": (1, _depthwise),
    "fc16": (2, _dense),
}
"""How many counts of channels a line has, and what makes the operator."""
