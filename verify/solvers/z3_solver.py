"""z3. The only file that imports it."""

import z3

from verify.solvers.answer import Answer, Solver, SolverError


def open_solver() -> Solver:
    return Z3()


class Z3:
    """One incremental solver for all questions: building a fresh one takes longer than most of them.

    Each question's text is parsed by itself and stands in a scope of its own, which is popped after it. What that
    solver does not decide, a fresh one with the tactics for linear arithmetic is asked.
    """

    name = "z3"

    def __init__(self) -> None:
        self.version = z3.get_version_string()
        self._solver = z3.SimpleSolver()

    def solve(self, text: str, timeout_ms: int) -> Answer:
        try:
            assertions = z3.parse_smt2_string(text)
            self._solver.push()
            try:
                answer = _ask(self._solver, assertions, timeout_ms)
            finally:
                self._solver.pop()
            return _ask(z3.SolverFor("QF_LIA"), assertions, timeout_ms) if answer.result == "unknown" else answer
        except z3.Z3Exception as error:
            raise SolverError(f"z3: {error}") from None


def _ask(solver: z3.Solver, assertions: z3.AstVector, timeout_ms: int) -> Answer:
    solver.set("timeout", timeout_ms)
    solver.add(assertions)
    result = solver.check()
    if result == z3.unsat:
        return Answer("unsat")
    if result == z3.sat:
        return Answer("sat", values=_values(solver.model()))
    return Answer("unknown", solver.reason_unknown())


def _values(model: z3.ModelRef) -> dict[str, int]:
    constants = [declaration for declaration in model.decls() if declaration.arity() == 0]
    values = {str(constant): model[constant] for constant in constants}
    return {name: value.as_long() for name, value in values.items() if isinstance(value, z3.IntNumRef)}
