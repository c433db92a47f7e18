"""What a build and a run found out, as data: memory, flash, stack, instructions. All sizes are bytes.

Parts of SRAM have the names of `verify.graph.sram`. On this computer only those parts are known that a computer with
64-bit pointers shares with a device: arena, history, kernel scratch, static data. Its frames and its model struct are
not those that the plan speaks of, so they are not measured.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from embedded.tools.board import Board
from embedded.tools.counts import OperatorCounts
from embedded.tools.stack import StackBound
from verify.graph.sram import Sram


@dataclass(frozen=True)
class Proved:
    """What the plan proved and was asked for, as the generated header states it.

    Args:
      sram: each part; the stack is the reserve.
      weights: constants of the model.
      flash_budget: for weights and code together; None where none was asked for.
    """

    sram: Sram
    weights: int
    flash_budget: int | None


@dataclass(frozen=True)
class Flash:
    """Read-only memory; None on this computer, where constants hold pointers of 64 bits.

    Args:
      weights: all constants of the generated files: weights, biases, multipliers, parameters.
      code: kernels, generated code and the C library's routines that they call.
      harness: code and constants of the app around the model, which a product replaces.
    """

    weights: int | None
    code: int | None
    harness: int | None

    @property
    def total(self) -> int | None:
        """The model's: without the harness."""
        return None if self.weights is None or self.code is None else self.weights + self.code


@dataclass(frozen=True, eq=False)
class Built:
    """A linked image.

    Args:
      board: what it is for.
      sram: without the harness (its buffers, files and console); the stack is the compiler's bound.
      flash: the image's.
      proved: what the plan proved.
      stack_bound: the compiler's upper bound of the stack, and along which calls.
    """

    board: Board
    sram: Sram
    flash: Flash
    proved: Proved
    stack_bound: StackBound

    stack_is: ClassVar[str] = "compiler's bound"
    """What the stack's figure says."""

    @property
    def problems(self) -> tuple[str, ...]:
        """Where the image breaks what the plan proved, one sentence each; none is expected."""
        return (*self.stack_problems(), *self.other_problems())

    def stack_problems(self) -> Iterator[str]:
        """Only of devices: frames of this computer are not those that the plan reserves."""
        bound, reserve = self.stack_bound, self.proved.sram.stack or 0
        if not self.board.is_device:
            return
        if bound.size_bytes is None:
            yield f"the stack has no bound to compare with the {reserve} bytes that the plan reserves: {bound.reason}"
        elif bound.size_bytes > reserve:
            yield (
                f"the compiler's bound of the stack is {bound.size_bytes} bytes, but the plan reserves "
                f"{reserve}; deepest chain: {' > '.join(bound.chain)}"
            )

    def other_problems(self) -> Iterator[str]:
        state, proved = self.sram.state, self.proved.sram.state or 0
        if state is not None and state > proved:
            yield f"the model struct has {state} bytes, but the plan proved {proved}"
        if self.sram.static:
            yield f"generated code and kernels have {self.sram.static} bytes of static data; none is allowed"
        flash, budget = self.flash, self.proved.flash_budget
        if budget is not None and flash.total is not None and flash.total > budget:
            yield (
                f"weights ({flash.weights}) and code ({flash.code}) take {flash.total} bytes of flash, "
                f"but the plan's flash budget is {budget}"
            )

    def as_dict(self) -> dict[str, Any]:
        """All figures as JSON values."""
        return {
            "board": self.board.name,
            "sram_bytes": self.sram.as_dict(),
            "flash_bytes": {"total": self.flash.total, **dataclasses.asdict(self.flash)},
            "proved": {
                "sram_bytes": self.proved.sram.as_dict(),
                "flash_bytes": {"weights": self.proved.weights, "budget": self.proved.flash_budget},
            },
            "stack_bound": dataclasses.asdict(self.stack_bound),
            "problems": self.problems,
        }


@dataclass(frozen=True, eq=False)
class RunResult(Built):
    """One run of a firmware over some samples.

    Args:
      sram: of this run: the stack is the deepest use by the model's calls that the painted stack showed; None where
        sanitizers add to it.
      outputs: one array per output, [samples, ...].
      instructions: executed per sample, or None on this computer.
      profile: executed per function, all samples together, or None.
      operators: executed by the kernel of each operator, all samples together, by its index in the model file; or None.
      addresses: executions of each instruction, all samples together, by its address; or None.
      early: which samples ended with an early output.
    """

    outputs: list[np.ndarray]
    instructions: tuple[int, ...] | None
    profile: Mapping[str, int] | None
    operators: Mapping[int, OperatorCounts] | None
    addresses: Mapping[int, int] | None
    early: tuple[bool, ...] = ()

    stack_is: ClassVar[str] = "deepest use"

    @property
    def stack(self) -> int | None:
        """Stack in use by the model's calls at its deepest, as painted."""
        return self.sram.stack

    def stack_problems(self) -> Iterator[str]:
        used, reserve, bound = self.sram.stack, self.proved.sram.stack or 0, self.stack_bound.size_bytes
        if used is not None and used > reserve:
            yield (
                f"the model used {used} bytes of stack, but the plan reserves {reserve}: "
                f"the SRAM total of the plan does not hold"
            )
        yield from super().stack_problems()
        if used is not None and bound is not None and used > bound:
            yield f"the model used {used} bytes of stack, more than the bound of {bound}"

    def as_dict(self) -> dict[str, Any]:
        """All figures as JSON values, without the outputs and the counts by address."""
        operators = self.operators and {op: dataclasses.asdict(counts) for op, counts in self.operators.items()}
        run = {"instructions": self.instructions, "profile": self.profile, "operators": operators}
        return super().as_dict() | run
