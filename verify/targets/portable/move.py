"""Any operator that only moves elements, by stj_move: one box after the other."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.ops.move import Move, Movement
from verify.ops.rows import five_axes
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class MoveKernel(Portable[Movement]):
    """Copies boxes, elements of any size."""

    name = "stj_move"
    operator = Movement
    params_type = "stj_move_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        return {"element_bytes": op.dtype.size_bytes, "count": len(op.moves), "boxes": "boxes"}

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        rows = [box_fields(move, op.views[move.target], op.dtype.size_bytes) for move in op.moves]
        return {"boxes": np.array(rows, np.int32)}


def joined(move: Move, channels: int) -> Move:
    """The move with width and channels as one axis, where its box spans all `channels` of the result and the operand
    holds its elements of a row without gaps."""
    *leading, width, depth = move.extent
    dense = depth == 1 or move.element_steps[4] == 1
    gapless = dense and move.element_steps[3] == depth and move.row_steps[3:] == (0, 0)
    if width == 1 or depth < channels or not gapless:
        return move
    return dataclasses.replace(move, extent=(*leading, 1, width * depth), element_steps=(*move.element_steps[:3], 0, 1))


def box_fields(move: Move, result: tuple[int, ...], size: int) -> list[int]:
    """The fields of stj_move_box in order, for elements of `size` bytes and a result of this shape."""
    _, *leading, _, channels = five_axes(result)
    box = joined(move, channels)
    first = move.begin[3] * channels + move.begin[4]
    return [
        *(box.source, box.target, *leading, *box.begin[:3], *box.extent),
        *(first * size, channels * size, box.row, box.element * size),
        *(*box.row_steps, *(step * size for step in box.element_steps)),
    ]
