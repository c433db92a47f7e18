"""Decides obligations with z3. The only file that imports a solver.

Each obligation gets a fresh solver and a time limit; what the solver cannot decide is Unknown, never Proved. A
refuted obligation is solved again for its smallest solution, variable by variable in the obligation's order.
"""

import z3

from verify.proof.obligation import Obligation
from verify.proof.verdict import Proved, Refuted, Unknown, Verdict

TIMEOUT_MS = 10_000


def decide(obligation: Obligation, timeout_ms: int = TIMEOUT_MS) -> Verdict:
    """Proved(1), Refuted with the smallest counterexample, or Unknown."""
    solver = z3.SolverFor("QF_LIA")
    solver.set("timeout", timeout_ms)
    solver.from_string(obligation.smtlib())
    answer = solver.check()
    if answer == z3.unsat:
        return Proved(1)
    if answer == z3.sat:
        return Refuted(obligation.subject, obligation.explain(_smallest(obligation, solver.model(), timeout_ms)))
    return Unknown(obligation.subject, f"z3 answered unknown: {solver.reason_unknown()}")


def _smallest(obligation: Obligation, model: z3.ModelRef, timeout_ms: int) -> dict[str, int]:
    """The lexicographically smallest solution, or the first one found where minimising takes too long."""
    optimizer = z3.Optimize()
    optimizer.set("timeout", timeout_ms)
    optimizer.set("priority", "lex")
    optimizer.from_string(obligation.smtlib())
    for name in obligation.variables:
        optimizer.minimize(z3.Int(name))
    if optimizer.check() == z3.sat:
        model = optimizer.model()
    return {name: _value(model, name) for name in obligation.variables}


def _value(model: z3.ModelRef, name: str) -> int:
    value = model.eval(z3.Int(name), model_completion=True)
    assert isinstance(value, z3.IntNumRef), "every variable of an obligation is an integer"
    return value.as_long()
