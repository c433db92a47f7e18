"""Proofs in a format that other checkers read."""

import importlib
from collections.abc import Callable

from verify.solvers.answer import SolverError


def alethe(timeout_ms: int) -> Callable[[str], str | None]:
    """cvc5's Alethe proof of a text's unsatisfiability, as a function; None where it has none.

    Raises:
      SolverError: cvc5 is not installed.
    """
    try:
        solver = importlib.import_module("verify.solvers.cvc5_solver").Cvc5()
    except ImportError as error:
        raise SolverError(f"proofs are cvc5's, which is not installed ({error}); pip install 'stjax[cvc5]'") from None
    return lambda text: solver.proof(text, timeout_ms)
