"""SOFTMAX by stj_softmax_s8."""

import math
from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.graph.tensor import DType
from verify.ops.rows import row_shape
from verify.ops.softmax import Softmax
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class SoftmaxKernel(Portable[Softmax]):
    """Rows; a position is read twice before it is written."""

    name = "stj_softmax_s8"
    operator = Softmax
    params_type = "stj_softmax_params"

    def in_place(self, node: Node) -> frozenset[int]:
        return frozenset({0} if self.op(node).target is DType.INT8 else ())

    def params(self, node: Node) -> Mapping[str, Field]:
        *positions, classes = row_shape(self.op(node).shape)
        return {"width": math.prod(positions), "classes": classes, "exponentials": "exponentials"} | {
            "out_bytes": self.op(node).target.size_bytes
        }

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        return {"exponentials": self.op(node).table}
