"""Tensors as data: element type, shape, quantization, constant contents.

Layout is TFLite's: row-major, the last axis fastest; images are `batch height width channels`.
Sizes are bytes. A **row** is the unit in which plans stream: the last two axes of a tensor of rank 3 or more
(`width channels`), the last axis of a matrix, everything of a vector or scalar.
"""

import enum
import math
from dataclasses import dataclass, field

import numpy as np


class DType(enum.Enum):
    """Element types that the reader knows by name; kernels support fewer (see each op)."""

    INT8 = "int8"
    UINT8 = "uint8"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    FLOAT32 = "float32"
    BOOL = "bool"

    @property
    def numpy(self) -> np.dtype:
        return np.dtype(self.value)

    @property
    def size_bytes(self) -> int:
        return self.numpy.itemsize


class Axis(enum.Enum):
    """Axes along which work can be streamed."""

    TIME = "time"
    HEIGHT = "height"
    WIDTH = "width"


@dataclass(frozen=True)
class Quantization:
    """Affine quantization: real = scale * (stored - zero_point).

    `scale` and `zero_point` have one entry (per tensor) or one per slice of `axis` (per channel).
    Scales are float32 values held in Python floats, as the model file stores them.
    """

    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    axis: int = 0

    @property
    def per_channel(self) -> bool:
        return len(self.scale) > 1


@dataclass(frozen=True, eq=False)
class Tensor:
    """One tensor of a model. `data` holds the contents of a constant and is None for an activation."""

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: DType
    quantization: Quantization | None = None
    data: np.ndarray | None = field(default=None, repr=False)

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    @property
    def size_bytes(self) -> int:
        return self.elements * self.dtype.size_bytes

    @property
    def rows(self) -> int:
        return row_count(self.shape)

    @property
    def row_bytes(self) -> int:
        return self.size_bytes // self.rows if self.rows else 0


def row_count(shape: tuple[int, ...]) -> int:
    """How many rows (module docstring) a tensor of this shape has."""
    if len(shape) < 2:
        return 1
    return shape[0] if len(shape) == 2 else math.prod(shape[:-2])


def is_image(shape: tuple[int, ...]) -> bool:
    """Whether rows of this shape are positions along one height axis: `1 height width channels`."""
    return len(shape) == 4 and shape[0] == 1
