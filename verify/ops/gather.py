"""GATHER at constant places: slices of the operand along one axis, in an order that the model fixes.

Places that are computed make it another operator, which stands in gathered.py.

Source: tensorflow/lite/micro/kernels/gather.cc.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, DType, is_image
from verify.graph.window import POINTWISE, Window
from verify.ops.base import OperatorSource
from verify.ops.gathered import Gathered
from verify.ops.move import Move, Movement, Route, box_move, check_movable
from verify.ops.operand_checks import (
    constant_integers,
    integer_option,
    operands_of,
    positive_axis,
    require_dtype,
    require_shape,
    unsupported,
)
from verify.ops.rows import Shape, as_rows, check_shape

MOST_RUNS = 1024
"""Of places in even steps; each is a box that the kernel goes through."""


@dataclass(frozen=True)
class Gather(Movement):
    """Slices along one axis.

    Args:
      axis: along which places are taken.
      places: of the operand, one per result position of the axes that take its place, in reading order.
      taken: the extents of these axes.
    """

    axis: int
    places: tuple[int, ...]
    taken: Shape
    kind: ClassVar[str] = "GATHER"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> "Self | Gathered":
        x, at = operands_of(source, 2)
        require_dtype(f"{source.kind} (places)", at, DType.INT32)
        axis = positive_axis(source.kind, integer_option(source, "axis"), len(x.shape))
        if integer_option(source, "batch_dims"):
            found = integer_option(source, "batch_dims")
            raise unsupported("GATHER with batch_dims", "places must be the same for the whole batch", found)
        if at.data is None:
            return Gathered.of(source, x, at, axis)
        places = constant_integers(source.kind, "places", at)
        check_places(source.kind, places, x.shape[axis])
        result = (*x.shape[:axis], *at.shape, *x.shape[axis + 1 :])
        check_shape(source.kind, result)
        require_shape(source.kind, source.outputs[0], result)
        return cls((x.shape,), (result,), check_movable(source, (0,)), axis, places, at.shape)

    def window(self, position: int, axis: Axis) -> Window | None:
        """For images of which places along width or channels are taken, as many axes as there were."""
        place = {Axis.HEIGHT: 1, Axis.WIDTH: 2}.get(axis)
        ends = is_image(self.inputs[0]) and is_image(self.outputs[0]) and len(self.taken) == 1
        return POINTWISE if place is not None and ends and self.axis not in (0, place) else None

    @property
    def moves(self) -> tuple[Move, ...]:
        """Runs of places in even steps along the last of the taken axes."""
        (operand,), (result,) = self.inputs, self.outputs
        last = self.taken[-1] if self.taken else 1
        found = []
        for begin in itertools.product(*(range(extent) for extent in self.taken[:-1])):
            first = sum(b * math.prod(self.taken[i + 1 :]) for i, b in enumerate(begin))
            for start, count, step in runs(self.places[first : first + last]):
                at, extent = ((*begin, start), (*(1 for _ in begin), count)) if self.taken else ((), ())
                routes = [Route(axis) for axis in range(self.axis)]
                routes += [Route(None)] * (len(self.taken) - 1) + [Route(self.axis, step)] * bool(self.taken)
                routes += [Route(axis) for axis in range(self.axis + 1, len(operand))]
                around = (0,) * self.axis, (0,) * (len(operand) - self.axis - 1)
                found.append(
                    box_move(
                        (operand, result),
                        routes,
                        begin=(*around[0], *at, *around[1]),
                        extent=(*operand[: self.axis], *extent, *operand[self.axis + 1 :]),
                        origin=(*around[0], self.places[first + start], *around[1]),
                    )
                )
        return tuple(found)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        places = np.array(self.places, np.int64).reshape(self.taken)
        return (as_rows(np.take(inputs[0], places, axis=self.axis), rows),)


def check_places(kind: str, places: Sequence[int], extent: int) -> None:
    """Raises UnsupportedError if one lies outside of an axis, or there are more runs of them than are done."""
    if outside := [place for place in places if not 0 <= place < extent]:
        raise unsupported(f"{kind} at these places", f"they must be in [0, {extent})", outside[0])
    if len(places) > MOST_RUNS and len(runs(places)) > MOST_RUNS:
        raise unsupported(f"{kind} at these places", f"at most {MOST_RUNS} runs of them are done", len(runs(places)))


def runs(places: Sequence[int]) -> list[tuple[int, int, int]]:
    """Where places go on in even steps: number of the first of a run, how many, and the step."""
    found, start = [], 0
    while start < len(places):
        step = places[start + 1] - places[start] if start + 1 < len(places) else 1
        end = start + 1
        while end < len(places) and places[end] - places[end - 1] == step:
            end += 1
        found.append((start, end - start, step))
        start = end
    return found
