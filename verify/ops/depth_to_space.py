"""DEPTH_TO_SPACE and SPACE_TO_DEPTH: blocks of `block` by `block` pixels become channels of one pixel, or the reverse.

Channel (dy * block + dx) * channels + c of the deep image is channel c of the pixel (dy, dx) of the block.

Sources: tensorflow/lite/kernels/internal/reference/depth_to_space.h, space_to_depth.h.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, is_image
from verify.graph.window import Window
from verify.ops.base import OperatorSource
from verify.ops.move import Move, Movement, check_movable
from verify.ops.operand_checks import integer_option, operands_of, require_shape, unsupported
from verify.ops.rows import Shape, as_rows


@dataclass(frozen=True)
class DepthToSpace(Movement):
    """Pixels from channels.

    Args:
      block: extent of a block.
    """

    block: int
    kind: ClassVar[str] = "DEPTH_TO_SPACE"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        (x,) = operands_of(source, 1)
        block = integer_option(source, "block_size")
        if len(x.shape) != 4 or block < 1:
            raise unsupported(f"{source.kind} like this", "an image must fall into blocks", f"{x.shape}, block {block}")
        result = cls.result_of(source.kind, x.shape, block)
        require_shape(source.kind, source.outputs[0], result)
        return cls((x.shape,), (result,), check_movable(source, (0,)), block)

    @classmethod
    def result_of(cls, kind: str, shape: Shape, block: int) -> Shape:
        """Raises UnsupportedError if the operand does not fall into blocks."""
        n, height, width, depth = shape
        if depth % block**2:
            raise unsupported(f"{kind} of these channels", f"they must divide by {block}^2", depth)
        return n, height * block, width * block, depth // block**2

    def frame(self) -> Self:
        return replace(self, inputs=((1, *self.inputs[0][1:]),), outputs=((1, *self.outputs[0][1:]),))

    def window(self, position: int, axis: Axis) -> Window | None:
        return Window(upsample=self.block) if axis is not Axis.TIME and is_image(self.inputs[0]) else None

    @property
    def views(self) -> tuple[Shape, ...]:
        """Rows of the result by height and place in the block; a row by pixels of the operand."""
        (n, height, width, depth), block = self.inputs[0], self.block
        return ((n, height, block, width, depth // block),)

    @property
    def moves(self) -> tuple[Move, ...]:
        """Of a pixel of the operand, one row of the block's pixels lies as it does in the result."""
        (n, height, width, depth), block = self.inputs[0], self.block
        part = depth // block
        steps = (height, 1, 0, 0, 0), (0, 0, part, depth, 1)
        return (Move(0, 0, (0,) * 5, (n, height, block, width, part), 0, 0, *steps),)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        (n, height, width, _), block = self.inputs[0], self.block
        blocks = inputs[0].reshape(n, height, width, block, block, -1)
        return (as_rows(blocks.transpose(0, 1, 3, 2, 4, 5).reshape(self.outputs[0]), rows),)


@dataclass(frozen=True)
class SpaceToDepth(DepthToSpace):
    """Channels from pixels."""

    kind: ClassVar[str] = "SPACE_TO_DEPTH"

    @classmethod
    def result_of(cls, kind: str, shape: Shape, block: int) -> Shape:
        n, height, width, depth = shape
        if height % block or width % block:
            raise unsupported(f"{kind} of this size", f"height and width must divide by {block}", (height, width))
        return n, height // block, width // block, depth * block**2

    def window(self, position: int, axis: Axis) -> Window | None:
        return Window(self.block, self.block) if axis is not Axis.TIME and is_image(self.inputs[0]) else None

    @property
    def views(self) -> tuple[Shape, ...]:
        return self.outputs

    @property
    def moves(self) -> tuple[Move, ...]:
        """Of each row of a block, the pixels lie side by side in the operand and in the result."""
        n, height, width, depth = self.outputs[0]
        block, part = self.block, depth // self.block
        extent, steps = (1, n, height, width, part), ((0, height * block, block, 0, 0), (0, 0, 0, part, 1))
        return tuple(Move(0, 0, (0, 0, 0, 0, dy * part), extent, dy, 0, *steps) for dy in range(block))

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        (n, height, width, _), block = self.outputs[0], self.block
        blocks = inputs[0].reshape(n, height, block, width, block, -1)
        return (as_rows(blocks.transpose(0, 1, 3, 2, 4, 5).reshape(self.outputs[0]), rows),)
