"""ADD and SUB for Helium."""

from verify.graph.graph import Node
from verify.ops.add import Add
from verify.targets.portable.add import AddKernel


class AddMve(AddKernel):
    """Four elements at a time; the result's shift has to be to the right."""

    name = "stj_add_s8_mve"
    features = frozenset({"mve"})

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, Add) and node.op.multipliers[-1][1] < 0
