"""What the two poolings share: all but what becomes of the values in one window."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import DType
from verify.ops.activation import activation_range
from verify.ops.arithmetic import Stored, stored_range
from verify.ops.base import Defaults, OperatorSource, PadsNothing, UnsupportedError
from verify.ops.channels import Channels, Gone, Leaving, together
from verify.ops.geometry import ImageWindow
from verify.ops.operand_checks import activation_option, integer_option, operands_of, per_tensor, require_dtype
from verify.ops.windowed import Windowed


@dataclass(frozen=True)
class Pool(PadsNothing, Windowed, Defaults):
    """One value of each window and channel.

    Args:
      geometry: window and padding.
      low, high: the stored range that the fused activation leaves.
    """

    low: int
    high: int
    dtype: ClassVar[DType] = DType.INT8

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        return cls(*read_pool(source, cls.dtype))

    @property
    def channel_wise(self) -> bool:
        return True

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return self.low, self.high

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels:
        """Padding is left out, so what becomes of a window lies where the values of the channel do."""
        low, high = (np.clip(x, self.low, self.high) for x in (operands[0].low, operands[0].high))
        return Channels(low, high)

    def leaving(self, operands: Sequence[Gone], results: Set[int]) -> Leaving:
        return together(operands, results)

    def without(self, operands: Sequence[Gone], results: Set[int]) -> Self | None:
        if operands[0].keys() != results:
            return None
        return replace(self, geometry=self.geometry.without(results, results))

    def of_window(self, window: np.ndarray) -> np.ndarray:
        """The values, by channel, of the part [rows, columns, channels] of the image that a window covers."""
        raise NotImplementedError

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        g = self.geometry
        images = inputs[0].reshape(g.input_shape)
        result = np.empty((len(rows), *g.output_shape[2:]), np.int64)
        for place, row in enumerate(rows):
            n, oy = divmod(row, g.output_shape[1])
            lines = covered(oy, g.stride[0], g.top, g.kernel[0], g.input_shape[1])
            for ox in range(g.output_shape[2]):
                columns = covered(ox, g.stride[1], g.left, g.kernel[1], g.input_shape[2])
                result[place, ox] = self.of_window(images[n, lines, columns])
        return (np.clip(result, self.low, self.high).astype(self.dtype.numpy),)


def read_pool(source: OperatorSource, dtype: DType) -> tuple[ImageWindow, int, int]:
    """Geometry and activation range of a pooling.

    Raises:
      UnsupportedError: if an end has another type, the ends' quantizations differ, or the window does not fit.
    """
    (image,), (result,) = operands_of(source, 1), source.outputs
    for tensor in (image, result):
        require_dtype(source.kind, tensor, dtype)
    ends = per_tensor(source.kind, image), per_tensor(source.kind, result)
    if ends[0] != ends[1]:
        raise UnsupportedError(
            f"{source.kind} with (scale, zero point) {ends[0]} in and {ends[1]} out is unsupported; they must be equal"
        )
    kernel = (integer_option(source, "filter_height"), integer_option(source, "filter_width"))
    geometry = ImageWindow.from_options(source, image.shape[-1] if image.shape else 0, kernel)
    assert result.quantization is not None, "per_tensor has looked"
    return geometry, *activation_range(activation_option(source), result.quantization, stored_range(dtype))


def covered(output: int, stride: int, before: int, kernel: int, extent: int) -> slice:
    """Positions of the image, along one axis, that the window of position `output` covers; never empty."""
    first = output * stride - before
    return slice(max(first, 0), min(first + kernel, extent))
