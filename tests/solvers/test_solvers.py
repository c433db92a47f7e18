"""Both solvers answer the same questions alike, and say so when they cannot; several must agree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from verify import solvers
from verify.proof.obligation import Obligation, between
from verify.proof.smt import decide, decide_all
from verify.proof.verdict import Proved, Refuted, Unknown
from verify.solvers import Answer, Batch, Solver, SolverError, open_solvers

HEAD = "(set-logic ALL)(declare-const x Int)"
CUBES = "(declare-const y Int)(declare-const z Int)"
CUBES += "(assert (and (> x 2) (> y 2) (> z 2) (= (+ (* x x x) (* y y y)) (* z z z))))"


@pytest.fixture(params=["z3", "cvc5"])
def solver(request: pytest.FixtureRequest) -> Solver:
    if request.param == "cvc5":
        pytest.importorskip("cvc5", reason="cvc5 is an extra")
    return open_solvers(request.param)[0]


def test_answers(solver: Solver) -> None:
    assert solver.solve(f"{HEAD}(assert (and (< 1 x) (< x 2)))(check-sat)", 1000) == Answer("unsat")
    found = solver.solve(f"{HEAD}(assert (and (= (mod x 7) 3) (< 100 x) (< x 110)))(check-sat)", 1000)
    assert found.result == "sat" and found.values["x"] == 101


def test_definitions_and_negative_values(solver: Solver) -> None:
    text = f"{HEAD}(define-fun half ((n Int)) Int (div n 2))(assert (= (half x) (- 3)))(assert (< x (- 5)))(check-sat)"
    assert solver.solve(text, 1000).values["x"] == -6


def test_one_question_does_not_leak_into_the_next(solver: Solver) -> None:
    assert solver.solve(f"{HEAD}(assert (= x 1))(check-sat)", 1000).result == "sat"
    assert solver.solve(f"{HEAD}(assert (= x 2))(check-sat)", 1000).values["x"] == 2
    assert solver.solve(f"{HEAD}(assert false)(check-sat)", 1000).result == "unsat"
    assert solver.solve(f"{HEAD}(assert (= x 3))(check-sat)", 1000).result == "sat"


def test_running_out_of_time_is_unknown(solver: Solver) -> None:
    answer = solver.solve(f"{HEAD}{CUBES}(check-sat)", 200)
    assert answer.result == "unknown" and answer.reason


@pytest.mark.parametrize("text", ["(assert (= x 1))(check-sat)", f"{HEAD}(assert (> x 1)", "garbage"])
def test_text_that_is_not_understood(solver: Solver, text: str) -> None:
    with pytest.raises(SolverError):
        solver.solve(text, 1000)


def test_a_missing_solver_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(f"No module named {name}")

    monkeypatch.setattr(solvers.importlib, "import_module", absent)
    with pytest.raises(SolverError, match=r"cvc5 is not installed.*pip install 'stjax\[cvc5\]'"):
        open_solvers("cvc5")


@dataclass
class Scripted:
    """Says what it is told to say."""

    name: str
    answers: Iterator[Answer] = field(repr=False)
    version = "0"

    def solve(self, text: str, timeout_ms: int) -> Answer:
        return next(self.answers)


def scripted(*results: str) -> list[Solver]:
    return [Scripted(f"s{k}", iter([Answer(r, "why" if r == "unknown" else "")])) for k, r in enumerate(results)]  # type: ignore[arg-type]


def obligation(low: int = 5, variables: tuple[str, ...] = ("a", "b")) -> Obligation:
    return Obligation(
        "C1", "it", "holds", variables, (between(low, "a", 1000),), "(= (+ a b) 700)", lambda v: f"{v['a']} {v['b']}"
    )


@pytest.mark.parametrize(
    ("results", "kind"),
    [
        (("unsat",), Proved),
        (("unsat", "unsat"), Proved),
        (("unknown",), Unknown),
        (("unsat", "unknown"), Unknown),
        (("unsat", "sat"), Unknown),
        (("sat", "unsat"), Unknown),
        (("sat", "unknown"), Unknown),
    ],
)
def test_only_agreement_proves(results: tuple[str, ...], kind: type) -> None:
    verdict = decide(obligation(), scripted(*results)).verdict
    assert isinstance(verdict, kind)
    if isinstance(verdict, Unknown):
        assert all(f"s{k} answered {result}" in verdict.reason for k, result in enumerate(results))


def test_a_solver_that_fails_proves_nothing() -> None:
    class Broken(Scripted):
        def solve(self, text: str, timeout_ms: int) -> Answer:
            raise SolverError("cannot read this")

    verdict = decide(obligation(), [*scripted("unsat"), Broken("broken", iter(()))]).verdict
    assert isinstance(verdict, Unknown) and "cannot read this" in verdict.reason


@pytest.mark.parametrize("low", [5, -7, 0, 699])
def test_the_counterexample_is_the_smallest(solver: Solver, low: int) -> None:
    verdict = decide(obligation(low), [solver]).verdict
    assert isinstance(verdict, Refuted) and verdict.counterexample == f"{low} {700 - low}"


FALSE, TRUE = (f"{HEAD}\n(assert (and (< {low} x) (< x 3)))\n(check-sat)\n" for low in (2, 1))


def test_questions_that_are_asked_together_have_an_answer_each() -> None:
    (z3,) = open_solvers("z3")
    assert isinstance(z3, Batch)
    assert z3.unsatisfiable([FALSE, TRUE, FALSE], 1000) == [True, False, True]
    assert z3.unsatisfiable([], 1000) == []
    # One text that is not understood, or has an answer too many, makes those of the others count for nothing.
    for wrong in (f"{HEAD}(assert (= y 1))(check-sat)", FALSE + "(check-sat)", FALSE.replace("(check-sat)", "")):
        assert z3.unsatisfiable([FALSE, wrong, FALSE], 1000) == [False, False, False]


def test_what_is_decided_together_is_what_is_decided_one_by_one(solver: Solver) -> None:
    """Verdicts, counterexamples, and which obligations are decided at all."""
    claims = ("C1", "C2", "C3")
    some = [replace(obligation(low), claim=claims[low % 3]) for low in (1000, 1001, 5, 1002, 8, 11, 1000, 1003)]
    together = decide_all(some, [solver])
    alone = [decide(decision.obligation, [solver]).verdict for decision in together]
    assert [decision.verdict for decision in together] == alone
    assert [some.index(decision.obligation) for decision in together] == [0, 1, 2, 3, 6, 7]
    assert sum(isinstance(verdict, Refuted) for verdict in alone) == 1
    assert together[4].same_as == 0


def test_two_solvers_must_agree_on_what_is_asked_together() -> None:
    class Sure(Scripted):
        def unsatisfiable(self, texts: Sequence[str], timeout_ms: int) -> list[bool]:
            return [True] * len(texts)

    unsure = Scripted("unsure", iter([Answer("unknown", "why")]))
    sure = Sure("sure", iter([Answer("unsat")]))
    assert isinstance(decide_all([obligation()], [sure])[0].verdict, Proved)
    assert isinstance(decide_all([obligation()], [sure, unsure])[0].verdict, Unknown)
