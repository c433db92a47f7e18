"""What all portable kernels have in common."""

from collections.abc import Sequence
from typing import TypeVar

from verify.graph.graph import Node
from verify.ops.arithmetic import Intermediate, Stored
from verify.targets.measured import Measured

T = TypeVar("T")


class Portable(Measured[T]):
    """Kernels that compute in registers and on the stack, and read only what their windows cover.

    embedded/eva checks the accesses; tests/kernel_harness puts canaries and garbage around every operand.
    """

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        return ()  # they compute what their operators name

    def tiles(self, node: Node) -> bool:
        return False

    def in_place(self, node: Node) -> frozenset[int]:
        return frozenset()

    def scratch_bytes(self, node: Node) -> int:
        return 0

    def reads_past(self, node: Node, operand: int) -> int:
        return 0
