"""z3. The only file that imports it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

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

    def unsatisfiable(self, texts: Sequence[str], timeout_ms: int) -> list[bool]:
        """One script for all, each text in a scope of its own: what there is to do for a question apart from answering
        it is done once. Answers that are not one per text count for nothing."""
        scopes = "".join(f"(push 1)\n{text.removeprefix(LOGIC)}\n(pop 1)\n" for text in texts)
        script, context = f"(set-option :timeout {timeout_ms})\n{scopes}", z3.Context()
        try:
            said = z3.Z3_eval_smtlib2_string(context.ref(), script).split()
        except z3.Z3Exception:
            said = []
        return [answer == "unsat" for answer in said] if _one_each(said, len(texts)) else [False] * len(texts)


LOGIC = "(set-logic ALL)"
"""With which texts begin, and which a scope cannot say."""


def _one_each(said: Sequence[str], count: int) -> bool:
    return len(said) == count and {*said} <= {"unsat", "sat", "unknown"}


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


PLACING = 4_000_000
"""Resource limit of one question about places: at most about half a second, and the same on every computer."""


GIVING_UP = 3
"""Questions about one case that reach the limit."""


class Apart(NamedTuple):
    """Of two things, `one` starts at least `below` under the start of `other`, or at least `above` over it."""

    one: int
    other: int
    below: int
    above: int


def _number(value: int) -> str:
    """As SMT-LIB has it."""
    return str(value) if value >= 0 else f"(- {-value})"


def lowest_end(
    sizes: Sequence[int], apart: Sequence[Apart], low: int, high: int, enough: int = 0, effort: int = PLACING
) -> tuple[list[int] | None, int]:
    """Starts >= 0 of things whose highest end is the lowest there is, or as low as is found; sizes > 0.

    Args:
      low: there is none below.
      high: such starts are known.
      enough: an end that will do, or 0. Then nothing but whether there is one is found out.
      effort: resource limit of one question.

    Returns:
      The starts, None where none end below `high`; and an end that none go below.
    """
    context = z3.Context()
    solver = z3.SolverFor("QF_IDL", context)
    solver.set("rlimit", effort)
    # As text: an expression by an expression takes longer than the answer.
    text = ["(declare-const origin Int)", "(declare-const top Int)"]
    for k, size in enumerate(sizes):
        text.append(f"(declare-const s{k} Int)(assert (>= (- s{k} origin) 0))(assert (<= (- s{k} top) (- {size})))")
    for one, other, below, above in apart:
        text.append(
            f"(assert (or (<= (- s{one} s{other}) {_number(-below)}) (<= (- s{other} s{one}) {_number(-above)})))"
        )
    solver.from_string("".join(text))
    origin: Any = z3.Int("origin", context)
    top: Any = z3.Int("top", context)
    starts: list[Any] = [z3.Int(f"s{k}", context) for k in range(len(sizes))]
    best, missed = None, 0
    asked = floor = max(low, min(enough, high - 1))  # the bound comes first: where it can be met, nothing else is asked
    while asked < high and missed < GIVING_UP:
        solver.push()
        solver.add(top - origin <= asked)
        answer = solver.check()
        if answer == z3.sat:
            values: Any = solver.model()
            best = [values.eval(start - origin, model_completion=True).as_long() for start in starts]
            high = max(start + size for start, size in zip(best, sizes, strict=True))
        else:
            missed += answer == z3.unknown
            low = asked + 1 if answer == z3.unsat else low
            floor = asked + 1
        solver.pop()
        if enough:
            break
        asked = (floor + high) // 2
    return best, low
