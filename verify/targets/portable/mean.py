"""MEAN and SUM: by stj_mean_inner_s8 over elements that lie side by side, else by stj_mean_s8."""

import math
from collections.abc import Mapping, Sequence

from verify.graph.graph import Node
from verify.graph.tensor import row_count
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.mean import Reduction, Summing
from verify.ops.rows import five_axes, place_of_axis
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class MeanInnerKernel(Portable[Reduction]):
    """Sums over the last axes, as far as they are within a row."""

    name = "stj_mean_inner_s8"
    operator = Reduction
    params_type = "stj_mean_inner_params"

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, Reduction) and not node.op.frames and inner(node.op) is not None

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """The zero points go first, all at once."""
        less, (low, high) = self.params(node)["less"], stored[0]
        assert isinstance(less, int)
        count = inner(self.op(node)) or (0, 0)
        ends = min(low, 0) * count[0] - less, max(high, 0) * count[0] - less
        return (intermediate("sum that begins with all zero points", *ends),)

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        found = inner(op)
        assert found is not None, f"{self.name} does not compute {node.label}"
        return {
            "count": found[0],
            "per_row": found[1],
            "row_elements": row_elements(op),
            "less": found[0] * op.input_zero_point,
            "multiplier": op.multiplier,
            "shift": op.shift,
            "out_zero_point": op.output_zero_point,
        }


def inner(op: Reduction) -> tuple[int, int] | None:
    """Elements that lie side by side and make one result, and how many results a row makes; None for other axes."""
    *leading, width, channels = five_axes(op.input_shape)
    reduced = {place_of_axis(len(op.input_shape), axis) for axis in op.axes}
    if any(place in reduced and extent > 1 for place, extent in enumerate(leading)):
        return None
    if 3 in reduced and width > 1:
        return (width * channels, 1) if 4 in reduced or channels == 1 else None
    return (channels, width) if 4 in reduced else None


def row_elements(op: Summing) -> int:
    """Results of one output row."""
    return math.prod(op.output_shape) // row_count(op.output_shape)


class MeanKernel(Portable[Reduction]):
    """Sums over any axes.

    Over frames, it adds up all slots of a ring that holds just the frames of one window, so it need not know at which
    of them the window starts: what it sums is the same from every row.
    """

    name = "stj_mean_s8"
    operator = Reduction
    params_type = "stj_mean_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        return sum_fields(self.op(node))


def sum_fields(op: Summing) -> Mapping[str, Field]:
    """Of the parameter struct stj_mean_params."""
    rank = len(op.input_shape)
    reduced = {place_of_axis(rank, axis) for axis in op.axes}
    return {
        "extent": five_axes(op.summed_shape),
        "reduced": tuple(int(axis in reduced) for axis in range(5)),
        "row_elements": row_elements(op),
        "multiplier": op.multiplier,
        "shift": op.shift,
        "in_zero_point": op.input_zero_point,
        "out_zero_point": op.output_zero_point,
    }
