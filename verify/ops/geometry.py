"""Where TFLite's SAME and VALID windows lie on an image.

Source: tensorflow/lite/kernels/padding.h (ComputeOutSize, ComputePaddingWithOffset): SAME puts the odd position of an
uneven padding after the image.
"""

import math
from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Self

from verify.graph.tensor import Axis
from verify.graph.window import Padding, Window
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.channels import fewer
from verify.ops.operand_checks import integer_option, require_shape

MOST_POSITIONS = 1 << 16
"""Of an image along one axis, and of padding around it. Plans take a tick for each row of both."""


@dataclass(frozen=True)
class Placement:
    """Output positions of a window along one axis and the padding it reaches into, before and after the image.

    `stride` is the file's, or less where there is one output only and the file's leads out of the image.
    """

    output: int
    before: int
    after: int
    stride: int


def place(extent: int, kernel: int, stride: int, dilation: int, padding: str) -> Placement:
    """Places a window of `kernel` taps over `extent` input positions.

    Args:
      extent: input positions, >= 1.
      kernel, stride, dilation: as in verify.graph.window, >= 1.
      padding: "SAME" or "VALID".

    Raises:
      UnsupportedError: if a VALID window does not fit once, a size is below 1, the padding is another one, or there
        is more padding than MOST_POSITIONS.
    """
    for name, value in (("kernel", kernel), ("stride", stride), ("dilation", dilation)):
        if value < 1:
            raise UnsupportedError(f"{name} (={value}) must be at least 1")
    reach = (kernel - 1) * dilation + 1
    if padding == "VALID":
        if extent < reach:
            raise UnsupportedError(f"a window reaching over {reach} positions does not fit into {extent} (VALID)")
        return Placement((extent - reach) // stride + 1, 0, 0, min(stride, extent))
    if padding != "SAME":
        raise UnsupportedError(f"padding {padding} is not supported; we do SAME, VALID")
    output = -(-extent // stride)
    total = max(0, (output - 1) * stride + reach - extent)
    if total > MOST_POSITIONS:
        raise UnsupportedError(
            f"a window reaching over {reach} positions puts {total} of padding around {extent} (SAME); at most "
            f"{MOST_POSITIONS} are done"
        )
    return Placement(output, total // 2, total - total // 2, min(stride, extent))


@dataclass(frozen=True)
class ImageWindow:
    """A window that slides over images `batch height width channels`, all its geometry resolved.

    Pairs are (height, width). `top`, `bottom`, `left`, `right` are positions of padding around the image; windows may
    end before the last of them. Below 0, `top` is how many rows the first window leaves out.
    """

    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0

    @classmethod
    def from_options(cls, source: OperatorSource, channels: int, kernel: tuple[int, int]) -> Self:
        """Places a window over operand 0 as TFLite does, with the strides, dilations and padding of `source`.

        Raises:
          UnsupportedError: as `place`, or if operand 0 is no image or the output is not what the window makes of it.
        """
        image, output = source.inputs[0], source.outputs[0]
        if image is None or len(image.shape) != 4 or min(image.shape) < 1:
            found = "none" if image is None else image.shape
            raise UnsupportedError(f"{source.kind} takes an image `batch height width channels`; found {found}")
        batch, height, width, _ = image.shape
        stride = (integer_option(source, "stride_h", 1), integer_option(source, "stride_w", 1))
        dilation = (integer_option(source, "dilation_h_factor", 1), integer_option(source, "dilation_w_factor", 1))
        padding = str(source.options.get("padding", "SAME"))
        y = place(height, kernel[0], stride[0], dilation[0], padding)
        x = place(width, kernel[1], stride[1], dilation[1], padding)
        output_shape = (batch, y.output, x.output, channels)
        require_shape(source.kind, output, output_shape)
        steps = (y.stride, x.stride)
        return cls(image.shape, output_shape, kernel, steps, dilation, y.before, y.after, x.before, x.after)

    def along(self, axis: Axis) -> Window | None:
        """The window along one axis; None along time, and where several images follow each other in the rows."""
        if axis is Axis.TIME or self.input_shape[0] != 1:
            return None
        i, before = (0, self.top) if axis is Axis.HEIGHT else (1, self.left)
        return Window(self.kernel[i], self.stride[i], self.dilation[i], before)

    @property
    def taps(self) -> int:
        """Window positions per output element, padding included, times output positions of all channels."""
        return math.prod(self.output_shape) * math.prod(self.kernel)

    def padding(self, value: int) -> Padding | None:
        """The padding around the image, holding `value`; None where there is none."""
        sides = max(0, self.top), self.bottom, self.left, self.right
        return Padding(*sides, value) if any(sides) else None

    def absorbing(self, padding: Padding) -> Self:
        """The same windows over the image before `padding` was put around it."""
        batch, height, width, channels = self.input_shape
        inner = (batch, height - padding.top - padding.bottom, width - padding.left - padding.right, channels)
        return replace(
            self,
            input_shape=inner,
            top=self.top + padding.top,
            bottom=self.bottom + padding.bottom,
            left=self.left + padding.left,
            right=self.right + padding.right,
        )

    def spread(
        self, block: tuple[int, int], before: tuple[int, int], image: tuple[int, ...], result: tuple[int, ...]
    ) -> Self | None:
        """Windows over parts of images as windows over the whole images (`Op.spread`); None with strides."""
        padding = [b + n * own for b, n, own in zip(before, block, (self.top, self.left), strict=True)]
        ends = (self.input_shape[3], self.output_shape[3]) == (image[3], result[3]) and image[0] == result[0]
        if self.stride != (1, 1) or min(padding) < 0 or not ends:
            return None
        dilation = (self.dilation[0] * block[0], self.dilation[1] * block[1])
        behind = [
            max(0, result[1 + i] + (self.kernel[i] - 1) * dilation[i] - padding[i] - image[1 + i]) for i in (0, 1)
        ]
        sides = {"top": padding[0], "bottom": behind[0], "left": padding[1], "right": behind[1]}
        return replace(self, input_shape=image, output_shape=result, dilation=dilation, **sides)

    def without(self, inputs: Set[int], outputs: Set[int]) -> Self:
        """The same windows over images without these channels."""
        shapes = fewer(self.input_shape, inputs), fewer(self.output_shape, outputs)
        return replace(self, input_shape=shapes[0], output_shape=shapes[1])

    def frame(self) -> Self:
        """The same windows over one image of the batch."""
        return replace(self, input_shape=(1, *self.input_shape[1:]), output_shape=(1, *self.output_shape[1:]))

    def alone(self) -> Self:
        """The window of a single row, over an image of just the rows that it reaches: no padding above or below."""
        reach = (self.kernel[0] - 1) * self.dilation[0] + 1
        shapes = ((shape[0], rows, *shape[2:]) for shape, rows in ((self.input_shape, reach), (self.output_shape, 1)))
        image, row = shapes
        return replace(self, input_shape=image, output_shape=row, stride=(1, self.stride[1]), top=0, bottom=0)

    def row_phase(self, phase: int, count: int) -> Self:
        """The windows of output rows `phase`, `phase` + `count`, ..."""
        batch, height, width, channels = self.output_shape
        output, stride = (
            (batch, -(-(height - phase) // count), width, channels),
            (self.stride[0] * count, self.stride[1]),
        )
        return replace(self, output_shape=output, stride=stride, top=self.top - phase * self.stride[0])

    def turned(self) -> Self:
        """The same windows over the image with rows and columns exchanged."""
        image, output = ((n, width, height, c) for n, height, width, c in (self.input_shape, self.output_shape))
        pairs = {name: getattr(self, name)[::-1] for name in ("kernel", "stride", "dilation")}
        sides = {"top": self.left, "bottom": self.right, "left": self.top, "right": self.bottom}
        return replace(self, input_shape=image, output_shape=output, **pairs, **sides)

    def tall(self, rows: int) -> Self | None:
        """The same windows over images of `rows` rows; None with padding above or below, or rows left over.

        The stride along height is then 1, as it may be called where there is one window only.
        """
        reach = (self.kernel[0] - 1) * self.dilation[0] + 1
        if self.top or self.bottom or (self.stride[0] != 1 and self.output_shape[1] > 1) or rows < reach:
            return None
        batch, _, width, channels = self.input_shape
        height = rows - reach + 1
        output = (self.output_shape[0], height, *self.output_shape[2:])
        stride = (1, self.stride[1])
        return replace(self, input_shape=(batch, rows, width, channels), output_shape=output, stride=stride)
