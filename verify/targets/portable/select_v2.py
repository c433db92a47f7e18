"""SELECT_V2 by stj_select_s8."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.broadcast import broadcast_strides
from verify.ops.rows import five_axes
from verify.ops.select_v2 import SelectV2
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class SelectKernel(Portable[SelectV2]):
    """Rows; element i of each operand is read before element i of the result is written."""

    name = "stj_select_s8"
    operator = SelectV2
    params_type = "stj_select_params"

    def in_place(self, node: Node) -> frozenset[int]:
        op = self.op(node)
        return frozenset(position for position in (1, 2) if op.shapes[position] == op.result)

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        _, *leading, width, channels = five_axes(op.result)
        strides = [broadcast_strides(shape, op.result) for shape in op.shapes]
        return {
            "result": (tuple(leading), width, channels),
            "operands": tuple((s.rows[:4], s.elements[3:]) for s in strides),
        }
