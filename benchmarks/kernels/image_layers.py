"""The operators on images that few networks have, as models of one operator (benchmarks.kernels.single).

bilinear:16:w10:m2         RESIZE_BILINEAR to m times the size; s2: to half of it
    tconv:3x3:16:8:w10:s2      TRANSPOSE_CONV, window, input and output channels, to s times the size
    prelu:48:w20               PRELU, alpha per channel; m2: per element
    reducemax:64:w8:h8         REDUCE_MAX over height and width; s2: over channels
    argmax:21:w20              ARG_MAX over channels; s2: over height
    l2norm:64:w8               L2_NORMALIZATION
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tests.tiny_model import activation, constant
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource

SCALE = 0.05


@dataclass(frozen=True)
class Line:
    """What a line says: the input's shape, all counts of channels, window, stride and multiplier."""

    image: tuple[int, ...]
    channels: tuple[int, ...]
    kernel: tuple[int, int]
    stride: int
    multiplier: int


def _bilinear(line: Line, rng: np.random.Generator) -> OperatorSource:
    size = [extent * line.multiplier // line.stride for extent in line.image[1:3]]
    x, y = activation(1, line.image, SCALE, -3), activation(9, (1, *size, line.image[3]), SCALE, -3)
    options = {"align_corners": False, "half_pixel_centers": True}
    return OperatorSource("RESIZE_BILINEAR", (x, constant(2, np.array(size, np.int32))), (y,), options)


def _transposed(line: Line, rng: np.random.Generator) -> OperatorSource:
    inputs, outputs = line.channels
    result = (1, *(extent * line.stride for extent in line.image[1:3]), outputs)
    scales = rng.uniform(0.005, 0.02, outputs)
    weights = constant(2, rng.integers(-127, 128, (outputs, *line.kernel, inputs), np.int8), scales)
    bias = constant(3, rng.integers(-500, 500, outputs).astype(np.int32), scales * SCALE)
    spread = 0.08 * math.sqrt(math.prod(line.kernel) * inputs) / line.stride
    x, y = activation(1, line.image, SCALE, -3), activation(9, result, spread, 3)
    options = {"padding": "SAME", "stride_h": line.stride, "stride_w": line.stride}
    return OperatorSource("TRANSPOSE_CONV", (constant(4, np.array(result, np.int32)), weights, x, bias), (y,), options)


def _prelu(line: Line, rng: np.random.Generator) -> OperatorSource:
    shape = line.image if line.multiplier > 1 else line.image[-1:]
    alpha = constant(2, rng.integers(-128, 128, shape).astype(np.int8), 0.01, -7)
    x, y = activation(1, line.image, SCALE, -3), activation(9, line.image, SCALE, 3)
    return OperatorSource("PRELU", (x, alpha), (y,), {})


def _reduce_max(line: Line, rng: np.random.Generator) -> OperatorSource:
    axes = (1, 2) if line.stride == 1 else (3,)
    shape = [1 if axis in axes else extent for axis, extent in enumerate(line.image)]
    x, y = activation(1, line.image, SCALE, -3), activation(9, shape, SCALE, -3)
    return OperatorSource("REDUCE_MAX", (x, constant(2, np.array(axes, np.int32))), (y,), {"keep_dims": True})


def _arg_max(line: Line, rng: np.random.Generator) -> OperatorSource:
    axis = 3 if line.stride == 1 else 1
    shape = (*line.image[:axis], *line.image[axis + 1 :])
    x, y = activation(1, line.image, SCALE, -3), activation(9, shape, dtype=DType.INT32)
    return OperatorSource("ARG_MAX", (x, constant(2, np.array([axis], np.int32))), (y,), {"output_type": 2})


def _l2_normalization(line: Line, rng: np.random.Generator) -> OperatorSource:
    x, y = activation(1, line.image, SCALE, -3), activation(9, line.image, 1 / 128)
    return OperatorSource("L2_NORMALIZATION", (x,), (y,), {})


IMAGE_LAYERS: Mapping[str, tuple[int, Callable[[Line, np.random.Generator], OperatorSource]]] = {
    "bilinear": (1, _bilinear),
    "tconv": (2, _transposed),
    "prelu": (1, _prelu),
    "reducemax": (1, _reduce_max),
    "argmax": (1, _arg_max),
    "l2norm": (1, _l2_normalization),
}
"""How many counts of channels a line has, and what makes the operator."""
