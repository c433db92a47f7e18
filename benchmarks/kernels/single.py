"""Models of one operator, from a line that says its shape: for measuring a kernel by itself.

    conv:1x1:144:24:w20        CONV_2D, window, input and output channels, width of the input
    dw:3x3:48:w20:s2           DEPTHWISE_CONV_2D, window, channels; s: strides
    fc:640:10                  FULLY_CONNECTED; m7: of seven vectors side by side
    add:48:w20, mul:48:w20     both operands of the result's shape
    maxpool:2x2:16:w20:s2      and avgpool
    mean:128:w5:h5             over height and width
    quantize:3:w20             float32 to int8; dequantize: back
    relu:48:w20                a lookup
    pad:16:w20                 one zero around the image; maximum:48:w20: of two; resize:16:w10: to twice the size
    flip:3:w20                 QUANTIZE of int8 to uint8 of the same scale

and those of benchmarks.kernels.image_layers, arithmetic_layers and wide_layers. More fields, in any order: h8 (height,
12 where nothing is said), valid (no padding), relu (RELU6 and a zero point of -128), mN (depth multiplier), phases (of
a strided dw: behind a 1x1 convolution, its rows in phases), int4 (weights from -8 to 7). Weights are random; scales are
such that results use the stored range.
"""

import math
import re
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.kernels.arithmetic_layers import ARITHMETIC_LAYERS
from benchmarks.kernels.image_layers import IMAGE_LAYERS, Line
from benchmarks.kernels.wide_layers import WIDE_LAYERS
from tests.tiny_model import activation, build_model, constant
from verify.graph.graph import Graph
from verify.graph.tensor import DType, Tensor
from verify.ops.base import OperatorSource
from verify.ops.row_phases import phasable, phased
from verify.tflite import read_model

OTHERS = {**IMAGE_LAYERS, **ARITHMETIC_LAYERS, **WIDE_LAYERS}
HEIGHT, WIDTH = 12, 20
FOUR_BITS = "int4"
INPUT_SCALE, WEIGHT_SCALES = 0.05, (0.005, 0.02)
SPREAD = 0.08
"""Scale of results per root of the count of products: their standard deviation is then about 40 steps."""


class LayerError(Exception):
    """A line that names no layer; the message says what is wrong."""


@dataclass(frozen=True)
class Shape:
    """The fields of a line."""

    kind: str
    kernel: tuple[int, int]
    channels: tuple[int, ...]
    height: int
    width: int
    stride: int
    multiplier: int
    padding: str
    fused: str
    phases: bool = False
    four_bits: bool = False


def parse(line: str) -> Shape:
    """The fields of a line.

    Raises:
      LayerError: it is none that this module knows.
    """
    kind, *fields = line.split(":")
    known = {"conv": 2, "dw": 1, "fc": 2, "add": 1, "mul": 1, "maxpool": 1, "avgpool": 1, "mean": 1}
    known |= {"quantize": 1, "dequantize": 1, "relu": 1, "flip": 1, "pad": 1, "maximum": 1, "resize": 1}
    known |= {name: count for name, (count, _) in OTHERS.items()}
    if kind not in known:
        raise LayerError(f"{line!r}: there is no layer {kind!r}; there are {', '.join(known)}")
    kernel, channels, numbers, words = (1, 1), [], {"h": HEIGHT, "w": WIDTH, "s": 1, "m": 1}, set()
    for field in fields:
        if match := re.fullmatch(r"(\d+)x(\d+)", field):
            kernel = int(match[1]), int(match[2])
        elif field.isdigit():
            channels.append(int(field))
        elif match := re.fullmatch(r"([hwsm])(\d+)", field):
            numbers[match[1]] = int(match[2])
        elif (
            field in ("valid", "relu")
            or field == FOUR_BITS
            and kind in ("conv", "dw", "fc")
            or field == "phases"
            and kind == "dw"
        ):
            words.add(field)
        else:
            raise LayerError(f"{line!r}: {field!r} is no window (3x3), count of channels, h8, w20, s2, m2, valid, relu")
    if len(channels) != known[kind]:
        raise LayerError(f"{line!r}: {kind} takes {known[kind]} counts of channels; found {len(channels)}")
    padding = "VALID" if "valid" in words else "SAME"
    fused = "RELU6" if "relu" in words else "NONE"
    sizes = numbers["h"], numbers["w"], numbers["s"], numbers["m"]
    return Shape(kind, kernel, tuple(channels), *sizes, padding, fused, "phases" in words, FOUR_BITS in words)


def layer_model(line: str, seed: int = 0) -> Graph:
    """A model of the one operator that the line describes; in phases, with the operator in front of it.

    Raises:
      LayerError: it describes none, or one that cannot be in phases.
    """
    shape = parse(line)
    rng = np.random.default_rng(seed)
    image = (1, shape.height, shape.width, shape.channels[0])
    build = {"conv": _conv, "dw": _depthwise, "fc": _dense, "mean": _mean, "quantize": _quantize}
    build |= {
        "dequantize": _dequantize,
        "relu": _relu,
        "flip": _flip,
        "maxpool": _pool,
        "avgpool": _pool,
        "add": _binary,
        "pad": _pad,
        "maximum": _maximum,
        "resize": _resize,
    }
    if shape.kind in OTHERS:
        numbers = Line(image, shape.channels, shape.kernel, shape.stride, shape.multiplier)
        source = OTHERS[shape.kind][1](numbers, rng)
    else:
        source = build.get(shape.kind, _binary)(shape, image, rng)
    if not shape.phases:
        return read_model(build_model([source]), line)
    whole = read_model(build_model([*_behind_a_convolution(shape, image, source, rng)]), line)
    if not (operators := phasable(whole)):
        raise LayerError(
            f"{line!r}: its rows cannot be in phases; a window must be taller than its stride, which is not 1"
        )
    return phased(whole, operators)


def _behind_a_convolution(
    shape: Shape, image: tuple[int, ...], source: OperatorSource, rng: np.random.Generator
) -> tuple[OperatorSource, OperatorSource]:
    plain = replace(shape, kernel=(1, 1), channels=(image[3], image[3]), stride=1)
    front = _conv(plain, image, rng)
    moved = [replace(tensor, index=tensor.index + 10) for tensor in source.inputs[1:] if tensor is not None]
    y = replace(source.outputs[0], index=source.outputs[0].index + 10)
    return front, replace(source, inputs=(front.outputs[0], *moved), outputs=(y,))


def _windows(shape: Shape) -> dict[str, object]:
    options: dict[str, object] = {"padding": shape.padding, "stride_h": shape.stride, "stride_w": shape.stride}
    return options | {"fused_activation_function": shape.fused}


def _output(shape: Shape, channels: int) -> tuple[int, ...]:
    extents = []
    for extent, taps in zip((shape.height, shape.width), shape.kernel, strict=True):
        extents.append(-(-(extent if shape.padding == "SAME" else extent - taps + 1) // shape.stride))
    return (1, *extents, channels)


def _result(shape: Shape, extents: tuple[int, ...], products: int) -> Tensor:
    """Where RELU6 clips, the stored range is that of its results."""
    relu = shape.fused == "RELU6"
    scale = 6 / 255 if relu else SPREAD * math.sqrt(products)
    return activation(9, extents, scale, -128 if relu else 3)


def _weighted(
    kind: str,
    shape: Shape,
    x: Tensor,
    weights: np.ndarray,
    axis: int,
    y: Tensor,
    rng: np.random.Generator,
    **extra: int,
) -> OperatorSource:
    """Per channel, but of a dense layer; the weights' scales fit the result's."""
    channels = 1 if kind == "FULLY_CONNECTED" else weights.shape[axis]
    scales = rng.uniform(*WEIGHT_SCALES, channels)
    if shape.four_bits:
        weights, scales = weights >> 4, scales * 16
    w = constant(2, weights, scales, 0, axis)
    bias = constant(3, rng.integers(-500, 500, weights.shape[axis]).astype(np.int32), scales * INPUT_SCALE)
    dense = {"fused_activation_function": shape.fused}
    options = (dense if kind == "FULLY_CONNECTED" else _windows(shape)) | extra
    return OperatorSource(kind, (x, w, bias), (y,), options)


def _random(rng: np.random.Generator, *extents: int) -> np.ndarray:
    return rng.integers(-127, 128, extents, np.int8)


def _conv(shape: Shape, image: tuple[int, ...], rng: np.random.Generator) -> OperatorSource:
    channels = shape.channels[1]
    y = _result(shape, _output(shape, channels), math.prod(shape.kernel) * image[3])
    weights = _random(rng, channels, *shape.kernel, image[3])
    return _weighted("CONV_2D", shape, activation(1, image, INPUT_SCALE, -3), weights, 0, y, rng)


def _depthwise(shape: Shape, image: tuple[int, ...], rng: np.random.Generator) -> OperatorSource:
    channels = image[3] * shape.multiplier
    y = _result(shape, _output(shape, channels), math.prod(shape.kernel))
    weights = _random(rng, 1, *shape.kernel, channels)
    x = activation(1, image, INPUT_SCALE, -3)
    return _weighted("DEPTHWISE_CONV_2D", shape, x, weights, 3, y, rng, depth_multiplier=shape.multiplier)


def _dense(shape: Shape, image: tuple[int, ...], rng: np.random.Generator) -> OperatorSource:
    inputs, units = shape.channels
    vectors = (1, shape.multiplier) if shape.multiplier > 1 else (1,)
    y = _result(shape, (*vectors, units), inputs)
    x = activation(1, (*vectors, inputs), INPUT_SCALE, -3)
    weights = _random(rng, units, inputs)
    return _weighted("FULLY_CONNECTED", shape, x, weights, 0, y, rng, keep_num_dims=shape.multiplier > 1)


def _binary(shape: Shape, image: tuple[int, ...], rng: np.random.Generator) -> OperatorSource:
    operands = activation(1, image, INPUT_SCALE, -3), activation(2, image, 0.0713, 7)
    y = activation(9, image, 0.0829 if shape.kind == "add" else 0.211, -128 if shape.fused == "RELU6" else 4)
    return OperatorSource(shape.kind.upper(), operands, (y,), {"fused_activation_function": shape.fused})


def _pool(shape: Shape, image: tuple[int, ...], rng: np.random.Generator) -> OperatorSource:
    x, y = (activation(i, e, INPUT_SCALE, -3) for i, e in ((1, image), (9, _output(shape, image[3]))))
    options = _windows(shape) | {"filter_height": shape.kernel[0], "filter_width": shape.kernel[1]}
    kind = {"maxpool": "MAX_POOL_2D", "avgpool": "AVERAGE_POOL_2D"}[shape.kind]
    return OperatorSource(kind, (x,), (y,), options)


def _mean(shape: Shape, image: tuple[int, ...], rng: np.random.Generator) -> OperatorSource:
    x, y = activation(1, image, INPUT_SCALE, -3), activation(9, (1, image[3]), 0.02, 5)
    return OperatorSource("MEAN", (x, constant(2, np.array([1, 2], np.int32))), (y,), {"keep_dims": False})


def _quantize(shape: Shape, image: tuple[int, ...], rng: np.random.Generator) -> OperatorSource:
    x, y = activation(1, image, dtype=DType.FLOAT32), activation(9, image, 0.02, -3)
    return OperatorSource("QUANTIZE", (x,), (y,), {})


def _dequantize(shape: Shape, image: tuple[int, ...], rng: np.random.Generator) -> OperatorSource:
    x, y = activation(1, image, 0.02, -3), activation(9, image, dtype=DType.FLOAT32)
    return OperatorSource("DEQUANTIZE", (x,), (y,), {})


def _relu(shape: Shape, image: tuple[int, ...], rng: np.random.Generator) -> OperatorSource:
    x, y = activation(1, image, INPUT_SCALE, -3), activation(9, image, 0.03, -128)
    return OperatorSource("RELU", (x,), (y,), {})


def _flip(shape: Shape, image: tuple[int, ...], rng: np.random.Generator) -> OperatorSource:
    x, y = activation(1, image, 0.02, -3), activation(9, image, 0.02, 125, DType.UINT8)
    return OperatorSource("QUANTIZE", (x,), (y,), {})


def _pad(shape: Shape, image: tuple[int, ...], rng: np.random.Generator) -> OperatorSource:
    extents = (1, image[1] + 2, image[2] + 2, image[3])
    x, y = activation(1, image, INPUT_SCALE, -3), activation(9, extents, INPUT_SCALE, -3)
    around = constant(2, np.array([[0, 0], [1, 1], [1, 1], [0, 0]], np.int32))
    return OperatorSource("PAD", (x, around), (y,), {})


def _maximum(shape: Shape, image: tuple[int, ...], rng: np.random.Generator) -> OperatorSource:
    a, b, y = (activation(i, image, INPUT_SCALE, -3) for i in (1, 2, 9))
    return OperatorSource("MAXIMUM", (a, b), (y,), {})


def _resize(shape: Shape, image: tuple[int, ...], rng: np.random.Generator) -> OperatorSource:
    size = 2 * image[1], 2 * image[2]
    x, y = activation(1, image, INPUT_SCALE, -3), activation(9, (1, *size, image[3]), INPUT_SCALE, -3)
    options = {"align_corners": False, "half_pixel_centers": False}
    return OperatorSource("RESIZE_NEAREST_NEIGHBOR", (x, constant(2, np.array(size, np.int32))), (y,), options)
