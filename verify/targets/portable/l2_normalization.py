"""L2_NORMALIZATION by stj_l2_normalization_s8."""

import math
from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.l2_normalization import L2Normalization
from verify.ops.rows import row_shape
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class L2NormalizationKernel(Portable[L2Normalization]):
    """Rows; a position is read twice before it is written."""

    name = "stj_l2_normalization_s8"
    operator = L2Normalization
    params_type = "stj_l2_normalization_params"

    def in_place(self, node: Node) -> frozenset[int]:
        return frozenset({0})

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        *positions, channels = row_shape(op.shape)
        return {"width": math.prod(positions), "channels": channels, "zero_point": op.zero_point}
