"""PAD and PADV2 by stj_pad_s8."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.pad import Pad
from verify.ops.rows import five_axes, place_of_axis
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class PadKernel(Portable[Pad]):
    """Copies between runs of the value."""

    name = "stj_pad_s8"
    operator = Pad
    params_type = "stj_pad_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        rank = len(op.input_shape)
        before = [0] * 5
        for axis, count in enumerate(op.before):
            before[place_of_axis(rank, axis)] = count
        return {
            "in_extent": five_axes(op.input_shape),
            "out_extent": five_axes(op.output_shape),
            "before": tuple(before),
            "value": op.value,
        }
