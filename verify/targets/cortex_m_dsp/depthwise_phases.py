"""DEPTHWISE_CONV_2D of images whose rows come in two phases, by squares of 3, 5 or 7 taps at strides of 2: as
depthwise_conv_2d.py, but for where rows are found."""

from collections.abc import Sequence

from verify.graph.graph import Node
from verify.ops.arithmetic import Intermediate, Stored
from verify.ops.depthwise_conv_2d import DepthwiseConv2D, DepthwisePhases
from verify.targets.cortex_m_dsp.depthwise_conv_2d import DepthwiseSquare


class SquareInPhases(DepthwiseSquare):
    """A square window of `size` taps a side; tables and working memory are those of the whole image's kernel."""

    operator = DepthwisePhases
    stride = 2

    def op(self, node: Node) -> DepthwiseConv2D:
        """The convolution over the whole image."""
        assert isinstance(node.op, DepthwisePhases), f"{self.name} does not compute {node.label}"
        return node.op.whole

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, DepthwisePhases) and node.op.phases == 2 and super().runs(node)

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        lows, highs = zip(*stored, strict=True)
        return super().intermediates(node, [(min(lows), max(highs))])


class Phases3x3(SquareInPhases):
    name, size = "stj_depthwise_conv_2d_3x3_phases_s8_dsp", 3


class Phases5x5(SquareInPhases):
    name, size = "stj_depthwise_conv_2d_5x5_phases_s8_dsp", 5


class Phases7x7(SquareInPhases):
    name, size = "stj_depthwise_conv_2d_7x7_phases_s8_dsp", 7
