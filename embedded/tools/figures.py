"""What a run found out, as data: memory, flash, stack, instructions. All sizes are bytes."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from embedded.tools.board import Board
from embedded.tools.stack import StackBound


@dataclass(frozen=True)
class Proved:
    """What the plan proved, as the generated header states it."""

    arena: int
    state: int
    scratch: int
    stack: int
    sram: int
    weights: int


@dataclass(frozen=True)
class Sram:
    """Working memory of the model, without the harness (its buffers, files and console).

    Args:
      arena: the arena's buffer.
      state: the model struct.
      scratch: the kernels' working memory; it lies in the arena or on the stack, so `total` does not add it.
      stack: deepest use by the model's calls that the painted stack showed; None where it cannot be painted.
      static: initialised and zeroed data of generated code, kernels and the C library's routines that they call; None
        where sanitizers add their own.
    """

    arena: int
    state: int
    scratch: int
    stack: int | None
    static: int | None

    @property
    def total(self) -> int | None:
        """None where a part is not known."""
        if self.stack is None or self.static is None:
            return None
        return self.arena + self.state + self.stack + self.static


@dataclass(frozen=True)
class Flash:
    """Read-only memory.

    Args:
      code: kernels, generated code and the C library's routines that they call; None on this computer.
      weights: all constants of the generated files: weights, biases, multipliers, parameters; None where sanitizers
        pad them.
      harness: code and constants of the app around the model, which a product replaces; None on this computer.
    """

    code: int | None
    weights: int | None
    harness: int | None


@dataclass(frozen=True, eq=False)
class RunResult:
    """One run of a firmware over some samples.

    Args:
      board: where it ran.
      outputs: one array per output, [samples, ...].
      sram, flash, proved: sizes measured, and proved by the plan.
      stack_bound: the compiler's upper bound of the stack.
      instructions: executed per sample, or None on this computer.
      profile: executed per function, all samples together, or None.
    """

    board: Board
    outputs: list[np.ndarray]
    sram: Sram
    flash: Flash
    proved: Proved
    stack_bound: StackBound
    instructions: tuple[int, ...] | None
    profile: Mapping[str, int] | None

    @property
    def stack(self) -> int | None:
        """Stack in use by the model's calls at its deepest, as painted."""
        return self.sram.stack

    @property
    def problems(self) -> tuple[str, ...]:
        """Where the firmware breaks what the plan proved, one sentence each; none is expected.

        Frames and pointers of this computer are not those of a 32-bit device, so only devices are judged.
        """
        if not self.board.is_device:
            return ()
        found = []
        if self.sram.stack is not None and self.sram.stack > self.proved.stack:
            found.append(
                f"the model used {self.sram.stack} bytes of stack, but the plan reserves {self.proved.stack}: "
                f"the SRAM total of the plan does not hold"
            )
        bound = self.stack_bound
        if bound.size_bytes is not None and bound.size_bytes > self.proved.stack:
            found.append(
                f"the compiler's bound of the stack is {bound.size_bytes} bytes, but the plan reserves "
                f"{self.proved.stack}; deepest chain: {' > '.join(bound.chain)}"
            )
        if bound.size_bytes is not None and self.sram.stack is not None and self.sram.stack > bound.size_bytes:
            found.append(f"the model used {self.sram.stack} bytes of stack, more than the bound of {bound.size_bytes}")
        if self.sram.state > self.proved.state:
            found.append(f"the model struct has {self.sram.state} bytes, but the plan proved {self.proved.state}")
        if self.sram.static:
            found.append(f"generated code and kernels have {self.sram.static} bytes of static data; none is allowed")
        return tuple(found)

    def as_dict(self) -> dict[str, Any]:
        """All figures as JSON values, without the outputs."""
        return {
            "board": self.board.name,
            "sram": {**dataclasses.asdict(self.sram), "total": self.sram.total},
            "flash": dataclasses.asdict(self.flash),
            "proved": dataclasses.asdict(self.proved),
            "stack_bound": dataclasses.asdict(self.stack_bound),
            "instructions": self.instructions,
            "profile": self.profile,
            "problems": self.problems,
        }
