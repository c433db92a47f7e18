"""GATHER_ND at constant places: slices of the operand along its first axes, in an order that the model fixes.

Source: tensorflow/lite/micro/kernels/gather_nd.cc.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import DType
from verify.ops.base import OperatorSource
from verify.ops.gather import check_places
from verify.ops.move import Move, Movement, Route, box_move, check_movable
from verify.ops.operand_checks import constant_integers, operands_of, require_dtype, require_shape, unsupported
from verify.ops.rows import Shape, as_rows, check_shape


@dataclass(frozen=True)
class GatherNd(Movement):
    """Slices at places along the first axes.

    Args:
      places: of the operand, one tuple per slice, in reading order.
      taken: the extents of the axes that take the places' place.
    """

    places: tuple[tuple[int, ...], ...]
    taken: Shape
    kind: ClassVar[str] = "GATHER_ND"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        x, at = operands_of(source, 2)
        require_dtype(f"{source.kind} (places)", at, DType.INT32)
        depth = at.shape[-1] if at.shape else 0
        if not 1 <= depth <= len(x.shape):
            raise unsupported("GATHER_ND at these places", f"they have 1 to {len(x.shape)} coordinates", depth)
        values = constant_integers(source.kind, "places", at)
        for axis in range(depth):
            check_places(source.kind, values[axis::depth], x.shape[axis])
        places = tuple(values[first : first + depth] for first in range(0, len(values), depth))
        result = (*at.shape[:-1], *x.shape[depth:])
        check_shape(source.kind, result)
        require_shape(source.kind, source.outputs[0], result)
        return cls((x.shape,), (result,), check_movable(source, (0,)), places, at.shape[:-1])

    @property
    def moves(self) -> tuple[Move, ...]:
        (operand,), (result,) = self.inputs, self.outputs
        rest = range(len(self.places[0]), len(operand))
        inner = (0,) * len(rest)
        routes = [Route(None)] * len(self.taken) + [Route(axis) for axis in rest]
        extent = (1,) * len(self.taken) + operand[rest.start :]
        positions = itertools.product(*map(range, self.taken))
        return tuple(
            box_move((operand, result), routes, begin=(*at, *inner), extent=extent, origin=(*place, *inner))
            for at, place in zip(positions, self.places, strict=True)
        )

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        slices = [inputs[0][place] for place in self.places]
        return (as_rows(np.array(slices).reshape(self.outputs[0]), rows),)
