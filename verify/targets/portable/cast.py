"""CAST by stj_cast."""

import math
from collections.abc import Mapping

from verify.graph.graph import Node
from verify.graph.tensor import DType
from verify.ops.cast import Cast
from verify.ops.rows import row_shape
from verify.targets.call import Field
from verify.targets.kernel import Work
from verify.targets.portable.base import Portable

NUMBERS = {DType.INT8: 0, DType.INT16: 1, DType.INT32: 2, DType.FLOAT32: 3, DType.BOOL: 4}
"""Of element types in stj_cast.h."""


class CastKernel(Portable[Cast]):
    """Rows. Elements may become larger, so nothing is done in place."""

    name = "stj_cast"
    operator = Cast
    params_type = "stj_cast_params"

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        """Reals are cut off, or made, by the processor or by a library."""
        op = self.op(node)
        values = rows * math.prod(row_shape(op.shape))
        real = [dtype is DType.FLOAT32 for dtype in (op.source, op.target)]
        cut, made = real == [True, False], real == [False, True]
        return {"call": 1, "row": rows, "value": values, "real cut off": values * cut, "real made": values * made}

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        elements = math.prod(row_shape(op.shape))
        return {"row_elements": elements, "from": NUMBERS[op.source], "to": NUMBERS[op.target]}
