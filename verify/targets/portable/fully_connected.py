"""FULLY_CONNECTED by stj_fully_connected_s8."""

import math
from collections.abc import Mapping

from verify.graph.graph import Node
from verify.graph.tensor import row_count
from verify.ops.fully_connected import FullyConnected
from verify.targets.call import Field
from verify.targets.portable.weights import PortableWeights


class FullyConnectedKernel(PortableWeights[FullyConnected]):
    """Rows of vectors, either rounding; a multiplier for all outputs is stored as one for each."""

    name = "stj_fully_connected_s8"
    operator = FullyConnected
    params_type = "stj_fully_connected_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        out_depth, in_depth = op.weights.shape
        fields: dict[str, Field] = {name: name for name in ("weights", "whole_bias", "multiplier", "shift")}
        fields |= {"single_rounding": int(op.rounding == "single"), "in_depth": in_depth, "out_depth": out_depth}
        fields["vectors_per_row"] = math.prod(op.output_shape) // out_depth // row_count(op.output_shape)
        scalars = self.scalars(node)
        return fields | {name: scalars[name] for name in ("out_zero_point", "out_min", "out_max")}
