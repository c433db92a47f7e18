"""Both poolings, eight channels at a time (stj_pool_2d_dsp.h)."""

from collections.abc import Sequence

from verify.graph.graph import Node
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.average_pool_2d import AveragePool2D
from verify.ops.max_pool_2d import MaxPool2D
from verify.ops.pooling import Pool
from verify.targets.portable.pooling import PortablePool

GROUP = 8
"""STJ_POOL_GROUP in the C source."""
INT16: Stored = (-(2**15), 2**15 - 1)
MOST_TAPS = 2**15 // 128


def in_groups(node: Node) -> bool:
    return isinstance(node.op, Pool) and node.op.geometry.input_shape[3] >= GROUP


class AveragePoolDspKernel(PortablePool[AveragePool2D]):
    """Rows and regions; sums are halfwords."""

    name = "stj_average_pool_2d_s8_dsp"
    operator = AveragePool2D
    features = frozenset({"dsp"})

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, AveragePool2D) and in_groups(node) and taps_of(node.op) <= MOST_TAPS

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        taps, (low, high) = taps_of(self.op(node)), stored[0]
        return (intermediate("sum of a window in a halfword", min(low, 0) * taps, max(high, 0) * taps, INT16),)


class MaxPoolDspKernel(PortablePool[MaxPool2D]):
    """Rows and regions."""

    name = "stj_max_pool_2d_s8_dsp"
    operator = MaxPool2D
    features = frozenset({"dsp"})

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, MaxPool2D) and in_groups(node)


def taps_of(op: AveragePool2D) -> int:
    """Positions that a window covers at most."""
    g = op.geometry
    return min(g.kernel[0], g.input_shape[1]) * min(g.kernel[1], g.input_shape[2])
