"""CONV_2D one output position at a time (embedded/kernels/stj_conv_2d_single_s8_dsp.c): little working memory."""

from collections.abc import Iterator

from verify.graph.graph import Node
from verify.targets.cortex_m_dsp.conv_2d import ConvProduct, packed_plans, pointwise
from verify.targets.cortex_m_dsp.weighted import Plan
from verify.targets.kernel import Work

GROUP = 4
"""Output channels at a time."""


class SingleConv2D(ConvProduct):
    """Flash as in the file: two weights in a halfword, which takes accumulators below 2^23."""

    name = "stj_conv_2d_single_s8_dsp"

    def plans(self, node: Node) -> Iterator[Plan]:
        return packed_plans(self.op(node), GROUP)

    def scratch_bytes(self, node: Node) -> int:
        """The window as two words for each unit."""
        return 8 * self.plan(node).matrix.units

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        """Windows, the units that each is made into, once, and those of each four channels."""
        op, plan = self.op(node), self.plan(node)
        positions = rows * (op.geometry.output_shape[2] if columns is None else columns)
        units, groups = plan.matrix.units, -(-plan.channels // GROUP)
        taps = 0 if pointwise(op) else op.geometry.kernel[0]
        done = {"call": 1.0, "run": float(rows), "position": positions, "row of taps": positions * taps}
        done |= {"unit": positions * units, "four": positions * groups, "value": positions * plan.channels}
        return done | {"unit of four": positions * groups * units}
