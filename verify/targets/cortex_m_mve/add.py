"""ADD and SUB for Helium."""

from collections.abc import Sequence

from verify.graph.graph import Node
from verify.ops.add import Add
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.targets.cortex_m_dsp.add import AddDspKernel
from verify.targets.cortex_m_dsp.lines import SHIFT
from verify.targets.cortex_m_mve.rescaling import holds
from verify.targets.portable.add import AddKernel

ROUNDINGS = 2**15 + 2 ** (SHIFT - 1)
"""What the kernel takes off the addend, as stj_add_s8_mve.c has it."""
INT8: Stored = (-128, 127)


class AddMve(AddDspKernel):
    """Sixteen elements at a time, by the line of the DSP kernel."""

    name = "stj_add_s8_mve"
    features = frozenset({"mve"})

    def runs(self, node: Node) -> bool:
        return super().runs(node) and holds(self.intermediates(node, [INT8, INT8]))

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        sums, *others = super().intermediates(node, stored)
        ends = sums.low - ROUNDINGS, sums.high
        return (intermediate("sum before its shift, with and without what rounds", *ends), *others)


class AddAnyMve(AddKernel):
    """Four elements at a time, with TFLM's own steps; the result's shift has to be to the right."""

    name = "stj_add_any_s8_mve"
    features = frozenset({"mve"})

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, Add) and node.op.multipliers[-1][1] < 0
