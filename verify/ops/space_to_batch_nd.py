"""SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: images taken apart into every block-th pixel, and put together again.

Part (dy * block_w + dx) * batch + n holds the pixels (i * block_h + dy, j * block_w + dx) of padded image n. Around a
convolution, as Keras writes a dilated one, the pair is gone once the model is read (verify/tflite/batches.py). Only
there paddings and crops are done, and the file may record one image where the batch was open. Elsewhere pixels move.
Padding holds the zero point, as in LiteRT; TFLM never sets what it pads with.

Sources: tensorflow/lite/kernels/internal/reference/space_to_batch_nd.h, batch_to_space_nd.h.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops.base import Apart, OperatorSource
from verify.ops.move import Move, Movement, Route, box_move, check_movable
from verify.ops.operand_checks import constant_integers, operands_of, require_shape, unsupported
from verify.ops.rows import Shape, as_rows


@dataclass(frozen=True)
class SpaceToBatchNd(Movement):
    """Parts of images, as a batch.

    Args:
      apart: the whole images, their blocks, and what is added around them.
      recorded: how many images the file records for the operand and the result.
    """

    apart: Apart
    recorded: tuple[int, int]
    kind: ClassVar[str] = "SPACE_TO_BATCH_ND"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        (x, y), block, (before, after) = (source.inputs[0], source.outputs[0]), *read_blocks(source)
        assert x is not None, "read_blocks has looked"
        padded = [e + b + a for e, b, a in zip(x.shape[1:-1], before, after, strict=False)]
        if any(extent % b for extent, b in zip(padded, block, strict=False)):
            raise unsupported(f"{source.kind} of this size", f"padded extents must divide by {block}", padded)
        parts = tuple(extent // b for extent, b in zip(padded, block, strict=False))
        result = (x.shape[0] * block[0] * block[1], *parts, x.shape[-1])
        require_shape(source.kind, y, (y.shape[0], *result[1:]))
        value = y.quantization.zero_point[0] if y.quantization and y.quantization.zero_point else 0
        apart = Apart(as_image(x.shape), block, before, after, value)
        return cls((x.shape,), (result,), check_movable(source, (0,)), apart, (x.shape[0], y.shape[0]))

    @property
    def taken_apart(self) -> Apart | None:
        return self.apart

    @property
    def unfolded(self) -> str | None:
        real = self.inputs[0][0], self.outputs[0][0]
        if self.recorded != real:
            return f"the file records {self.recorded} images for its ends, as of an open batch; there are {real}"
        if any(self.apart.before + self.apart.after) or len(self.inputs[0]) != 4:
            return "paddings, crops and three axes are done only in a pair around a convolution of stride 1"
        return None

    @property
    def assumed(self) -> str | None:
        recorded, real = self.recorded[1], self.outputs[0][0]
        rule = "all are computed, as LiteRT does, while TFLM leaves those that are not recorded as memory was"
        return None if recorded == real else f"the file records {recorded} image for {real} parts; {rule}"

    @property
    def moves(self) -> tuple[Move, ...]:
        """A box for each part."""
        shapes, (height, width) = (self.inputs[0], self.outputs[0]), self.apart.block
        extent = (self.inputs[0][0], *self.outputs[0][1:])
        routes = [Route(0), Route(1, height), Route(2, width), Route(3)]
        places = itertools.product(range(height), range(width))
        return tuple(
            box_move(shapes, routes, begin=(k * extent[0], 0, 0, 0), extent=extent, origin=(0, dy, dx, 0))
            for k, (dy, dx) in enumerate(places)
        )

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        (batch, _, _, depth), (height, width), (_, h, w, _) = self.inputs[0], self.apart.block, self.outputs[0]
        pixels = inputs[0].reshape(batch, h, height, w, width, depth).transpose(2, 4, 0, 1, 3, 5)
        return (as_rows(pixels.reshape(self.outputs[0]), rows),)


@dataclass(frozen=True)
class BatchToSpaceNd(SpaceToBatchNd):
    """Images from their parts. `apart` has what is cut off around them."""

    kind: ClassVar[str] = "BATCH_TO_SPACE_ND"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        (x, y), block, (before, after) = (source.inputs[0], source.outputs[0]), *read_blocks(source)
        assert x is not None, "read_blocks has looked"
        size = [e * n - b - a for e, n, b, a in zip(x.shape[1:-1], block, before, after, strict=False)]
        require_shape(source.kind, y, (y.shape[0], *size, x.shape[-1]))
        operand = (y.shape[0] * block[0] * block[1], *x.shape[1:])
        apart = Apart(as_image(y.shape), block, before, after, 0)
        return cls((operand,), (y.shape,), check_movable(source, (0,)), apart, (x.shape[0], y.shape[0]))

    @property
    def taken_apart(self) -> Apart | None:
        return None

    @property
    def put_together(self) -> Apart | None:
        return self.apart

    @property
    def views(self) -> tuple[Shape, ...]:
        """Rows of the result by the parts' rows and place in the block; a row by the parts' columns."""
        (batch, *_, depth), (height, width), (_, h, w, _) = self.outputs[0], self.apart.block, self.inputs[0]
        return ((batch, h, height, w, width * depth),)

    @property
    def moves(self) -> tuple[Move, ...]:
        """A box for the parts of each place along width."""
        (batch, *_, depth), (height, width), (_, h, w, _) = self.outputs[0], self.apart.block, self.inputs[0]
        extent, steps = (batch, h, height, w, depth), ((h, 1, width * batch * h, 0, 0), (0, 0, 0, depth, 1))
        return tuple(Move(0, 0, (0, 0, 0, 0, dx * depth), extent, dx * batch * h, 0, *steps) for dx in range(width))

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        (height, width), (_, h, w, depth) = self.apart.block, self.inputs[0]
        pixels = inputs[0].reshape(height, width, -1, h, w, depth).transpose(2, 3, 0, 4, 1, 5)
        return (as_rows(pixels.reshape(self.outputs[0]), rows),)


def as_image(shape: Shape) -> Shape:
    """Of three axes, an image of one column."""
    return shape if len(shape) == 4 else (*shape[:2], 1, *shape[2:])


def read_blocks(source: OperatorSource) -> tuple[tuple[int, int], tuple[tuple[int, int], tuple[int, int]]]:
    """Blocks, and the counts before and after, along height and width; of three axes, 1 and 0 along width.

    Raises:
      UnsupportedError: if they are computed at run time, or are none of an operand of three or four axes.
    """
    x, blocks, around = operands_of(source, 3)
    block = constant_integers(source.kind, "block", blocks)
    sides = constant_integers(source.kind, "counts", around)
    axes = len(x.shape) - 2
    if axes not in (1, 2) or (len(block), len(sides)) != (axes, 2 * axes) or min(block) < 1 or min(sides) < 0:
        rule = "of three or four axes, those between batch and channels have a block and two counts each"
        raise unsupported(f"{source.kind} like this", rule, f"{x.shape}, blocks {block}, counts {sides}")
    (height, width), sides = (*block, 1)[:2], (*sides, 0, 0)[:4]
    return (height, width), ((sides[0], sides[2]), (sides[1], sides[3]))
