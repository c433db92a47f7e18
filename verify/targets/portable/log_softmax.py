"""LOG_SOFTMAX by stj_log_softmax_s8."""

import math
from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.ops.log_softmax import LogSoftmax
from verify.ops.rows import row_shape
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class LogSoftmaxKernel(Portable[LogSoftmax]):
    """Rows; a position is read three times before it is written."""

    name = "stj_log_softmax_s8"
    operator = LogSoftmax
    params_type = "stj_log_softmax_params"

    def in_place(self, node: Node) -> frozenset[int]:
        return frozenset({0})

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        *positions, classes = row_shape(op.shape)
        multiplier, shift = op.backwards
        sizes: dict[str, Field] = {"width": math.prod(positions), "classes": classes, "lowest": max(op.lowest, -256)}
        tables: dict[str, Field] = {"differences": "differences", "exponentials": "exponentials"}
        return sizes | {"multiplier": multiplier, "shift": shift} | tables

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        return {"differences": op.differences, "exponentials": op.exponentials}
