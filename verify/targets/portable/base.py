"""What all portable kernels have in common."""

from typing import TypeVar

from verify.graph.graph import Node
from verify.targets.kernel import Kernel
from verify.targets.portable.stack import STACK_BYTES

T = TypeVar("T")


class Portable(Kernel[T]):
    """Kernels that compute in registers and on the stack, and read only what their windows cover.

    embedded/eva checks the accesses; tests/kernel_harness puts canaries and garbage around every operand.
    """

    def tiles(self, node: Node) -> bool:
        return False

    def in_place(self, node: Node) -> frozenset[int]:
        return frozenset()

    def scratch_bytes(self, node: Node) -> int:
        return 0

    def reads_past(self, node: Node, operand: int) -> int:
        return 0

    def stack_bytes(self, tile: bool) -> int:
        name = self.tile_name if tile else self.name
        assert name in STACK_BYTES, f"{name} has not been measured: python -m embedded.tools.kernel_stack"
        return STACK_BYTES[name]
