"""Decides obligations by one solver, or by several that must agree (verify.solvers).

A refuted obligation is solved again and again for its smallest solution, variable by variable in the obligation's
order. What is not decided, by every solver asked and alike, is Unknown, never Proved.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from verify.proof.obligation import Obligation, num
from verify.proof.verdict import Proved, Refuted, Unknown, Verdict
from verify.solvers import TIMEOUT_MS, Answer, Batch, Solver, SolverError

__all__ = ["TIMEOUT_MS", "Decision", "Opinion", "decide", "decide_all", "verdicts_of"]


TOGETHER = 200
"""Questions that a solver is asked at a time."""


@dataclass(frozen=True)
class Opinion:
    """What one solver said about one obligation, and how long it took."""

    solver: str
    answer: Answer
    seconds: float


@dataclass(frozen=True)
class Decision:
    """An obligation with its verdict and what that rests on.

    `same_as` is the place, among the decisions that it belongs to, of the one that asked the same question before:
    solvers were not asked again. None: this one asked.
    """

    obligation: Obligation
    verdict: Verdict
    opinions: tuple[Opinion, ...]
    same_as: int | None = None


def decide(obligation: Obligation, solvers: Sequence[Solver], timeout_ms: int = TIMEOUT_MS) -> Decision:
    """Proved(1), Refuted with the smallest counterexample found, or Unknown."""
    text = obligation.smtlib()
    opinions = tuple(_opinion(solver, text, timeout_ms) for solver in solvers)
    return Decision(obligation, _verdict(obligation, solvers, opinions, timeout_ms), opinions)


def decide_all(
    obligations: Sequence[Obligation],
    solvers: Sequence[Solver],
    timeout_ms: int = TIMEOUT_MS,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Decision, ...]:
    """Decides all of each claim, or up to the first that is not proved. What asks the same is asked once.

    Questions go to the solvers many at a time; what is not proved so is asked again by itself.
    """
    decisions: list[Decision] = []
    asked: dict[str, int] = {}
    failed: set[str] = set()
    known: dict[str, tuple[Opinion, ...]] = {}
    for number, obligation in enumerate(obligations):
        if obligation.claim not in failed:
            question = obligation.question()
            first = asked.setdefault(question, len(decisions))
            if first == len(decisions) and question not in known:
                known |= _together(_next(obligations[number:], known, failed), solvers, timeout_ms)
            if first < len(decisions):
                opinions = decisions[first].opinions
                verdict = _verdict(obligation, solvers, opinions, timeout_ms)
                decisions.append(Decision(obligation, verdict, opinions, first))
            elif opinions := known[question]:
                decisions.append(Decision(obligation, Proved(1), opinions))
            else:
                decisions.append(decide(obligation, solvers, timeout_ms))
            if not isinstance(decisions[-1].verdict, Proved):
                failed.add(obligation.claim)
        progress(number + 1, len(obligations))
    return tuple(decisions)


def _next(obligations: Sequence[Obligation], known: Mapping[str, object], failed: set[str]) -> list[str]:
    """The next questions that have not been asked."""
    found: dict[str, None] = {}
    for obligation in obligations:
        question = obligation.question() if obligation.claim not in failed else ""
        if question and question not in known:
            found[question] = None
        if len(found) == TOGETHER:
            break
    return list(found)


def _together(questions: Sequence[str], solvers: Sequence[Solver], timeout_ms: int) -> dict[str, tuple[Opinion, ...]]:
    """What the solvers say about questions that all of them prove when they are asked many at a time; () for others."""
    opinions: dict[str, tuple[Opinion, ...]] = dict.fromkeys(questions, ())
    for number, solver in enumerate(solvers):
        asked = [question for question, said in opinions.items() if len(said) == number]
        start = time.perf_counter()
        proved = solver.unsatisfiable(asked, timeout_ms) if isinstance(solver, Batch) else [False] * len(asked)
        each = (time.perf_counter() - start) / max(1, len(asked))
        for question, unsatisfiable in zip(asked, proved, strict=True):
            opinions[question] += (Opinion(solver.name, Answer("unsat"), each),) if unsatisfiable else ()
    return {question: said if len(said) == len(solvers) else () for question, said in opinions.items()}


def verdicts_of(
    claims: Iterable[str], obligations: Sequence[Obligation], decisions: Sequence[Decision]
) -> dict[str, Verdict]:
    """The verdict of each claim: the first decision that is no proof, or that all its obligations are proved.

    A claim about which nothing was asked, or not everything was decided, is Unknown.
    """
    owed = Counter(obligation.claim for obligation in obligations)
    found: dict[str, Verdict] = {}
    for claim in claims:
        own = [decision.verdict for decision in decisions if decision.obligation.claim == claim]
        failed = next((verdict for verdict in own if not isinstance(verdict, Proved)), None)
        if failed is not None:
            found[claim] = failed
        elif not owed[claim]:
            found[claim] = Unknown("plan", "nothing was asked about this claim")
        elif len(own) < owed[claim]:
            found[claim] = Unknown("plan", f"{owed[claim] - len(own)} of {owed[claim]} obligations are not decided")
        else:
            found[claim] = Proved(len(own))
    return found


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
            answer = _opinion(solver, obligation.smtlib((*fixed, f"(<= {name} {num(bound)})")), timeout_ms).answer
            if answer.result == "sat":
                values = {other: answer.values.get(other, 0) for other in obligation.variables}
                step *= 2
            else:
                below = bound
        fixed.append(f"(= {name} {num(values[name])})")
    return values
