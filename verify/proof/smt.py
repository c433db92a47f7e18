"""Decides obligations by one solver, or by several that must agree (verify.solvers).

A refuted obligation is solved again and again for its smallest solution, variable by variable in the obligation's
order. What is not decided, by every solver asked and alike, is Unknown, never Proved.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from verify.proof.obligation import Obligation, num
from verify.proof.verdict import Proved, Refuted, Unknown, Verdict
from verify.solvers import TIMEOUT_MS, Answer, Solver, SolverError

__all__ = ["TIMEOUT_MS", "Decision", "Opinion", "decide", "decide_all"]


@dataclass(frozen=True)
class Opinion:
    """What one solver said about one obligation, and how long it took."""

    solver: str
    answer: Answer
    seconds: float


@dataclass(frozen=True)
class Decision:
    """An obligation with its verdict and what that rests on."""

    obligation: Obligation
    verdict: Verdict
    opinions: tuple[Opinion, ...]


def decide(obligation: Obligation, solvers: Sequence[Solver], timeout_ms: int = TIMEOUT_MS) -> Decision:
    """Proved(1), Refuted with the smallest counterexample found, or Unknown."""
    text = obligation.smtlib()
    opinions = tuple(_opinion(solver, text, timeout_ms) for solver in solvers)
    return Decision(obligation, _verdict(obligation, solvers, opinions, timeout_ms), opinions)


def decide_all(
    obligations: Sequence[Obligation],
    verdicts: dict[str, Verdict],
    solvers: Sequence[Solver],
    timeout_ms: int = TIMEOUT_MS,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Decision, ...]:
    """Decides what belongs to claims in `verdicts`, and updates those; the first that fails names a claim's verdict."""
    decisions = []
    for number, obligation in enumerate(obligations):
        so_far = verdicts[obligation.claim]
        if isinstance(so_far, Proved):
            decisions.append(decide(obligation, solvers, timeout_ms))
            verdict = decisions[-1].verdict
            verdicts[obligation.claim] = Proved(so_far.obligations + 1) if isinstance(verdict, Proved) else verdict
        progress(number + 1, len(obligations))
    return tuple(decisions)


def _opinion(solver: Solver, text: str, timeout_ms: int) -> Opinion:
    start = time.perf_counter()
    try:
        answer = solver.solve(text, timeout_ms)
    except SolverError as error:
        answer = Answer("unknown", str(error))
    return Opinion(solver.name, answer, time.perf_counter() - start)


def _verdict(
    obligation: Obligation, solvers: Sequence[Solver], opinions: Sequence[Opinion], timeout_ms: int
) -> Verdict:
    results = {opinion.answer.result for opinion in opinions}
    if results == {"unsat"}:
        return Proved(1)
    if results == {"sat"}:
        values = _smallest(obligation, solvers[0], opinions[0].answer.values, timeout_ms)
        return Refuted(obligation.subject, obligation.explain(values), tuple(values.items()))
    said = [(o.solver, o.answer.result, f" ({o.answer.reason})" if o.answer.reason else "") for o in opinions]
    return Unknown(obligation.subject, ", ".join(f"{solver} answered {result}{why}" for solver, result, why in said))


def _smallest(obligation: Obligation, solver: Solver, first: Mapping[str, int], timeout_ms: int) -> dict[str, int]:
    """The lexicographically smallest solution, or the smallest one found within the time limit."""
    values = {name: first.get(name, 0) for name in obligation.variables}
    fixed: list[str] = []
    deadline = time.monotonic() + timeout_ms / 1000
    for name in obligation.variables:
        below, step = None, 1  # no solution has `name` at or below `below`
        while (below is None or values[name] - below > 1) and time.monotonic() < deadline:
            bound = values[name] - step if below is None else (below + values[name]) // 2
            answer = solver.solve(obligation.smtlib((*fixed, f"(<= {name} {num(bound)})")), timeout_ms)
            if answer.result == "sat":
                values = {other: answer.values.get(other, 0) for other in obligation.variables}
                step *= 2
            else:
                below = bound
        fixed.append(f"(= {name} {num(values[name])})")
    return values
