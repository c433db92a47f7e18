"""What a solver is asked and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable


class SolverError(Exception):
    """A solver is missing, or was given text that it does not understand."""


@dataclass(frozen=True)
class Answer:
    """`values` is a solution where the result is "sat"; a variable that is absent may have any value."""

    result: Literal["unsat", "sat", "unknown"]
    reason: str = ""
    values: Mapping[str, int] = field(default_factory=dict)


class Solver(Protocol):
    """A solver that may be asked again and again; answers do not depend on earlier questions."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def solve(self, text: str, timeout_ms: int) -> Answer:
        """Decides one SMT-LIB 2 text with integers, one `check-sat`, no other commands that answer.

        Raises:
          SolverError: the text is not understood.
        """
        ...


@runtime_checkable
class Batch(Protocol):
    """A solver that is asked many short questions together in less time."""

    def unsatisfiable(self, texts: Sequence[str], timeout_ms: int) -> list[bool]:
        """Which of the texts, each as for `Solver.solve`, have no solution; False for all that this does not decide."""
        ...
