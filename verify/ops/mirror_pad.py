"""MIRROR_PAD: positions around a tensor that hold what lies as far inside of its border.

REFLECT mirrors at the outermost position, SYMMETRIC behind it, so that it comes twice.

Source: tensorflow/lite/micro/kernels/mirror_pad.cc.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, is_image
from verify.graph.window import Window
from verify.ops.base import OperatorSource
from verify.ops.move import Move, Movement, Route, box_move, check_movable
from verify.ops.operand_checks import constant_integers, operands_of, require_shape, unsupported
from verify.ops.rows import as_rows


@dataclass(frozen=True)
class Piece:
    """Results [begin, begin + extent) along an axis: operand positions from `origin` on, in steps of `step`."""

    begin: int
    extent: int
    origin: int
    step: int


NAMES = ("begin", "extent", "origin")


@dataclass(frozen=True)
class MirrorPad(Movement):
    """Mirrors a tensor at its borders.

    Args:
      before, after: positions added along each axis, less than it has (REFLECT) or at most as many (SYMMETRIC).
      edge: 1 where the outermost position is not repeated, else 0.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    edge: int
    kind: ClassVar[str] = "MIRROR_PAD"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        x, counts = operands_of(source, 2)
        edge = int(str(source.options.get("mode", "REFLECT")) == "REFLECT")
        values = constant_integers(source.kind, "paddings", counts)
        before, after = values[0::2], values[1::2]
        sides = zip(x.shape * 2, before + after, strict=True)
        if len(values) != 2 * len(x.shape) or not all(0 <= count <= extent - edge for extent, count in sides):
            rule = f"there must be two counts per axis, of 0 to its extent{' less 1' * edge}"
            raise unsupported("MIRROR_PAD by these paddings", rule, f"{values} around {x.shape}")
        padded = tuple(b + extent + a for b, extent, a in zip(before, x.shape, after, strict=True))
        require_shape(source.kind, source.outputs[0], padded)
        return cls((x.shape,), (padded,), check_movable(source, (0,)), before, after, edge)

    def frame(self) -> Self | None:
        """Where the leading axis is left alone."""
        if len(self.inputs[0]) < 2 or self.before[0] or self.after[0]:
            return None
        return replace(self, inputs=((1, *self.inputs[0][1:]),), outputs=((1, *self.outputs[0][1:]),))

    def window(self, position: int, axis: Axis) -> Window | None:
        """For images of which only height and width are padded, by less than half of them."""
        place = {Axis.HEIGHT: 1, Axis.WIDTH: 2}.get(axis)
        image = is_image(self.inputs[0]) and is_image(self.outputs[0])
        if place is None or not image or self.before[3] or self.after[3]:
            return None
        before, after = self.before[place], self.after[place]
        # At the beginning a position in the padding lies that far before what it mirrors, at the end behind it.
        ahead = 2 * before - 1 + self.edge if before else 0
        behind = 2 * after - 1 + self.edge if after else 0
        reach = ahead + behind + 1
        return Window(reach, pad_before=before + behind) if reach < self.inputs[0][place] else None

    def pieces(self, axis: int) -> list[Piece]:
        """The results along an axis: mirrored, as they are, mirrored."""
        extent, before, after = self.inputs[0][axis], self.before[axis], self.after[axis]
        pieces = [
            Piece(0, before, before - 1 + self.edge, -1),
            Piece(before, extent, 0, 1),
            Piece(before + extent, after, extent - 1 - self.edge, -1),
        ]
        return [piece for piece in pieces if piece.extent]

    @property
    def moves(self) -> tuple[Move, ...]:
        found = []
        for parts in itertools.product(*(self.pieces(axis) for axis in range(len(self.inputs[0])))):
            routes = [Route(axis, part.step) for axis, part in enumerate(parts)]
            begin, extent, origin = (tuple(getattr(part, name) for part in parts) for name in NAMES)
            found.append(box_move((self.inputs[0], self.outputs[0]), routes, 0, 0, begin, extent, origin))
        return tuple(found)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        around = list(zip(self.before, self.after, strict=True))
        return (as_rows(np.pad(inputs[0], around, mode="reflect" if self.edge else "symmetric"), rows),)
