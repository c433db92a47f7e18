"""MEAN and SUM over height and width by stj_mean_s8_dsp."""

from collections.abc import Mapping, Sequence

from verify.graph.graph import Node
from verify.graph.tensor import row_count
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.mean import Reduction
from verify.ops.rows import five_axes, place_of_axis
from verify.targets.call import Field
from verify.targets.cortex_m_dsp.pooling import GROUP, INT16, MOST_TAPS
from verify.targets.portable.base import Portable


class MeanDspKernel(Portable[Reduction]):
    """All positions of one image; sums are halfwords."""

    name = "stj_mean_s8_dsp"
    operator = Reduction
    params_type = "stj_mean_dsp_params"
    features = frozenset({"dsp"})

    def runs(self, node: Node) -> bool:
        op = node.op
        if not isinstance(op, Reduction) or op.frames or row_count(op.output_shape) != 1:
            return False
        rank, (*leading, rows, width, channels) = len(op.input_shape), five_axes(op.input_shape)
        reduced = {place_of_axis(rank, axis) for axis in op.axes}
        kept = {place for place, extent in enumerate(five_axes(op.input_shape)) if extent > 1 and place not in reduced}
        return (
            kept <= {4} and 4 not in reduced and channels >= GROUP and rows * width <= MOST_TAPS and leading == [1, 1]
        )

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        _, _, rows, width, _ = five_axes(self.op(node).input_shape)
        low, high = stored[0]
        found = min(low, 0) * rows * width, max(high, 0) * rows * width
        return (intermediate("sum of stored values in a halfword", *found, INT16),)

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        _, _, rows, width, channels = five_axes(op.input_shape)
        return {
            "rows": rows,
            "width": width,
            "channels": channels,
            "less": rows * width * op.input_zero_point,
            "multiplier": op.multiplier,
            "shift": op.shift,
            "out_zero_point": op.output_zero_point,
        }
