"""MEAN and SUM on int16 by stj_mean_s16."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.wide.mean import WideReduction
from verify.targets.call import Field
from verify.targets.portable.base import Portable
from verify.targets.portable.mean import sum_fields


class WideMeanKernel(Portable[WideReduction]):
    """Sums over any axes; over frames as stj_mean_s8 does."""

    name = "stj_mean_s16"
    operator = WideReduction
    params_type = "stj_mean_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        return sum_fields(self.op(node))
