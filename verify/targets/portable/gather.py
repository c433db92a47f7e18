"""GATHER at computed places by stj_gather_s8; at constant ones stj_move does it."""

import math
from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.gathered import Gathered
from verify.ops.rows import row_shape
from verify.targets.call import Field
from verify.targets.kernel import Work
from verify.targets.portable.base import Portable


class GatherKernel(Portable[Gathered]):
    """Rows."""

    name = "stj_gather_s8"
    operator = Gathered
    params_type = "stj_gather_params"

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        op = self.op(node)
        values, inner = rows * math.prod(row_shape(op.result)), math.prod(op.shapes[0][op.axis + 1 :])
        return {"call": 1, "row": rows, "slice": max(rows, values / inner), "value": values}

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        operand, places = op.shapes
        return {
            "row_elements": math.prod(row_shape(op.result)),
            "extent": operand[op.axis],
            "places": math.prod(places),
            "inner": math.prod(operand[op.axis + 1 :]),
        }
