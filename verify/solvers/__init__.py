"""SMT solvers behind one question: is this SMT-LIB 2 text unsatisfiable? Imports nothing else of this project.

One file per solver. z3 comes with the project; cvc5 is an extra, because it is needed for a second opinion only.
"""

import importlib

from verify.solvers.answer import Answer, Batch, Solver, SolverError

CHOICES = {"z3": ("z3",), "cvc5": ("cvc5",), "both": ("z3", "cvc5")}
TIMEOUT_MS = 10_000

__all__ = ["CHOICES", "TIMEOUT_MS", "Answer", "Batch", "Solver", "SolverError", "open_solvers"]


def open_solvers(choice: str) -> tuple[Solver, ...]:
    """The solvers of a choice: "z3", "cvc5" or "both".

    Raises:
      SolverError: a solver is not installed.
    """
    return tuple(_open(name) for name in CHOICES[choice])


def _open(name: str) -> Solver:
    try:
        return importlib.import_module(f"verify.solvers.{name}_solver").open_solver()
    except ImportError as error:
        raise SolverError(f"the solver {name} is not installed ({error}); pip install 'stjax[{name}]'") from None
