"""FULLY_CONNECTED by stj_fully_connected_s8."""

import math
from collections.abc import Mapping

from verify.graph.graph import Node
from verify.graph.tensor import row_count
from verify.ops.fully_connected import FullyConnected
from verify.targets.call import Field
from verify.targets.portable.weights import PortableWeights, rescale_fields


class FullyConnectedKernel(PortableWeights[FullyConnected]):
    """Rows of vectors; one multiplier or one per output, either rounding."""

    name = "stj_fully_connected_s8"
    operator = FullyConnected
    params_type = "stj_fully_connected_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        out_depth, in_depth = op.weights.shape
        fields = self.pointers(node)
        fields |= {"per_channel": int(op.rescale.multiplier.size > 1), "single_rounding": int(op.rounding == "single")}
        fields |= {"in_depth": in_depth, "out_depth": out_depth}
        fields["vectors_per_row"] = math.prod(op.output_shape) // out_depth // row_count(op.output_shape)
        return fields | rescale_fields(op.input_zero_point, op.rescale)
