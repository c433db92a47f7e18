"""Kernels whose use of the stack has been measured: a table in `stack.py` beside them, which a tool writes.

python -m embedded.tools.kernel_stack
"""

import importlib
from typing import TypeVar

from verify.targets.kernel import Kernel

T = TypeVar("T")

LEVELS = ("-O1", "-O2", "-O3", "-Os")
"""Optimisation levels of GCC that are measured; another compiler may need more (docs/SOUNDNESS.md)."""


class Measured(Kernel[T]):
    """A kernel that has a line in `STACK_BYTES` of the `stack` module of its package: one per function."""

    def stack_bytes(self, tile: bool) -> int:
        name, package = self.tile_name if tile else self.name, package_of(self)
        table: dict[str, int] = importlib.import_module(f"{package}.stack").STACK_BYTES
        assert name in table, f"{name} has not been measured: python -m embedded.tools.kernel_stack"
        return table[name]


def package_of(kernel: Kernel[T]) -> str:
    """The package that a kernel's class stands in."""
    return type(kernel).__module__.rpartition(".")[0]
