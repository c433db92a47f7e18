"""MUL for Helium."""

from verify.graph.graph import Node
from verify.ops.mul import Mul
from verify.targets.portable.mul import MulKernel


class MulMve(MulKernel):
    """Four elements at a time; without shifts to the left."""

    name = "stj_mul_s8_mve"
    features = frozenset({"mve"})

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, Mul) and node.op.multiplier[1] <= 0
