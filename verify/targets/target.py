"""A target: which features a machine has, and its kernels in order of preference."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from verify.graph.graph import Node
from verify.targets.kernel import Kernel


class NoKernelError(Exception):
    """A target that cannot compute an operator, or has no such kernel; the message says which."""


@dataclass(frozen=True, eq=False)
class Target:
    """A set of kernels. Of those that run a node, the first one whose features the target has is chosen.

    `features` and the kernels' are words that the target's folder chooses ("dsp"). `about` says in a few words which
    machines it is for. `channels` is how many channels its kernels compute in one go: one more than a multiple of that
    costs as much as so many, and addresses of pixels that are no multiple of it may cost more still.
    """

    name: str
    features: frozenset[str]
    kernels: tuple[Kernel[Any], ...]
    about: str = ""
    channels: int = 1

    def fits(self, kernel: Kernel[Any], node: Node) -> bool:
        """Whether a kernel can be used for a node here."""
        return kernel.features <= self.features and kernel.runs(node)

    def choose(self, node: Node, ends: Collection[int] = (), packed: bool = False) -> Kernel[Any]:
        """The preferred kernel of a node.

        Args:
          node: the operator.
          ends: operands behind which there is nothing that may be read.
          packed: whether kernels that pack their weights are preferred to all others.

        Raises:
          NoKernelError: there is none.
        """
        for kernel in sorted(self.kernels, key=lambda kernel: not kernel.packed) if packed else self.kernels:
            if self.fits(kernel, node) and not any(kernel.reads_past(node, operand) for operand in ends):
                return kernel
        raise NoKernelError(f"{node.label}: target {self.name} has no kernel for it")

    def alternatives(self, node: Node, ends: Collection[int] = (), packed: bool = False) -> tuple[Kernel[Any], ...]:
        """The preferred kernel of a node, and those that can take its place in any plan, in the order of preference:
        they give regions if it does, and may write over the same operands.

        Raises:
          NoKernelError: there is none.
        """
        first = self.choose(node, ends, packed)
        same = first.tiles(node), first.in_place(node)
        others = (k for k in self.kernels[self.kernels.index(first) + 1 :] if self.fits(k, node))
        return first, *(
            kernel
            for kernel in others
            if (kernel.tiles(node), kernel.in_place(node)) == same
            and not any(kernel.reads_past(node, operand) for operand in ends)
        )

    def kernel(self, called: str) -> Kernel[Any] | None:
        """The kernel that plans call so, or None."""
        return next((kernel for kernel in self.kernels if kernel.called == called), None)
