"""Operators on int16 activations, as models of one operator (benchmarks.kernels.single).

conv16:3x3:16:16:w20       CONV_2D, window, input and output channels; s: strides
dw16:3x3:48:w20:m2         DEPTHWISE_CONV_2D, m: output channels per input channel
fc16:640:10                FULLY_CONNECTED
tconv16:3x3:16:8:w10:s2    TRANSPOSE_CONV, to s times the size
add16:48:w20, mul16        ADD, MUL, operands of the result's shape
leaky16:48:w20, tanh16     LEAKY_RELU, TANH
maxpool16:2x2:16:w20:s2    MAX_POOL_2D; avgpool16
softmax16:12:w20           SOFTMAX
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


def _transposed(line: Line, rng: np.random.Generator) -> OperatorSource:
    inputs, outputs = line.channels
    result = (1, *(extent * line.stride for extent in line.image[1:3]), outputs)
    weights = rng.integers(-127, 128, (outputs, *line.kernel, inputs), np.int8)
    options = {"padding": "SAME", "stride_h": line.stride, "stride_w": line.stride}
    found = _weighted("TRANSPOSE_CONV", wide(1, line.image), weights, 0, result, **options)
    x, *others = found.inputs
    operands = (constant(4, np.array(result, np.int32)), others[0], x, others[1])
    return OperatorSource(found.kind, operands, found.outputs, options)


def _pair(kind: str, result: float) -> Callable[[Line, np.random.Generator], OperatorSource]:
    def made(line: Line, rng: np.random.Generator) -> OperatorSource:
        a, b, y = (wide(i, line.image, scale) for i, scale in ((1, SCALE), (2, SCALE / 3), (9, result)))
        return OperatorSource(kind, (a, b), (y,), {})

    return made


def _leaky(line: Line, rng: np.random.Generator) -> OperatorSource:
    return OperatorSource("LEAKY_RELU", (wide(1, line.image),), (wide(9, line.image),), {"alpha": 0.3})


def _tanh(line: Line, rng: np.random.Generator) -> OperatorSource:
    return OperatorSource("TANH", (wide(1, line.image),), (wide(9, line.image, 2**-15),), {})


def _softmax(line: Line, rng: np.random.Generator) -> OperatorSource:
    return OperatorSource("SOFTMAX", (wide(1, line.image),), (wide(9, line.image, 2**-15),), {"beta": 1.0})


def _pool(kind: str) -> Callable[[Line, np.random.Generator], OperatorSource]:
    def made(line: Line, rng: np.random.Generator) -> OperatorSource:
        options: dict[str, object] = {"padding": "SAME", "stride_h": line.stride, "stride_w": line.stride}
        options |= {"filter_height": line.kernel[0], "filter_width": line.kernel[1]}
        x, y = wide(1, line.image), wide(9, _image(line, line.channels[0]))
        return OperatorSource(kind, (x,), (y,), options)

    return made


def _mean(line: Line, rng: np.random.Generator) -> OperatorSource:
    """Over height and width, or over width alone where strides are 2."""
    axes = (1, 2) if line.stride == 1 else (2,)
    shape = tuple(1 if axis in axes else extent for axis, extent in enumerate(line.image))
    listed = constant(2, np.array(axes, np.int32))
    return OperatorSource("MEAN", (wide(1, line.image), listed), (wide(9, shape),), {"keep_dims": True})


WIDE_LAYERS: Mapping[str, tuple[int, Callable[[Line, np.random.Generator], OperatorSource]]] = {
    "add16": (1, _pair("ADD", SCALE)),
    "avgpool16": (1, _pool("AVERAGE_POOL_2D")),
    "conv16": (2, _conv),
    "dw16": (1, _depthwise),
    "fc16": (2, _dense),
    "leaky16": (1, _leaky),
    "maximum16": (1, _pair("MAXIMUM", SCALE)),
    "maxpool16": (1, _pool("MAX_POOL_2D")),
    "mean16": (1, _mean),
    "mul16": (1, _pair("MUL", SCALE)),
    "softmax16": (1, _softmax),
    "tanh16": (1, _tanh),
    "tconv16": (2, _transposed),
}
"""How many counts of channels a line has, and what makes the operator."""
