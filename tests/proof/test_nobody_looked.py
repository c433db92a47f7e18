"""What a verdict says where nothing was asked, not all was decided, or a solver gave no answer: never "proved"."""

from dataclasses import replace
from pathlib import Path

import pytest

import verify.proof.check as checker
from verify.commands import cli
from verify.graph.graph import Graph
from verify.graph.plan import Plan, Schedule
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.certificate import certificate_files
from verify.proof.check import Report, check
from verify.proof.constraints import all_obligations
from verify.proof.layout import Layout
from verify.proof.obligation import Obligation
from verify.proof.smt import decide, decide_all, verdicts_of
from verify.proof.verdict import Proved, Refuted, Unknown
from verify.solvers import Answer, SolverError, open_solvers
from verify.tflm.arena_plan import ArenaPlan, Execution
from verify.tflm.proof import check_tflm

DEMO = Path(__file__).parents[1] / "data" / "demo_model.tflite"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return cli.load_model(DEMO)


@pytest.fixture(scope="module")
def plan(graph: Graph) -> Plan:
    return make_plan(graph, Request())


def obligation(claim: str, denial: str, subject: str = "it") -> Obligation:
    return Obligation(claim, subject, "holds", ("x",), ("(> x 3)",), denial, lambda v: f"x = {v['x']}")


class Scripted:
    """A solver that gives these answers, one after the other, and counts."""

    name, version = "scripted", "0"

    def __init__(self, *answers: Answer | Exception):
        self.answers, self.asked = list(answers), 0

    def solve(self, text: str, timeout_ms: int) -> Answer:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_no_obligations_prove_nothing() -> None:
    with pytest.raises(ValueError, match="not proved by no obligations"):
        Proved(0)
    assert isinstance(verdicts_of(["C1"], [], [])["C1"], Unknown)
    assert not Report({}, 0, 0.0).proved and Report({}, 0, 0.0).verdict == "unknown"


@pytest.mark.parametrize("claim", ["C1", "C2", "C3", "C4", "C5", "C6", "C7"])
def test_a_claim_of_which_nothing_was_asked_is_unknown(
    graph: Graph, plan: Plan, claim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check(graph, plan)[1] is not None
    without = [o for o in all_obligations(Layout(graph, plan)) if o.claim != claim]
    monkeypatch.setattr(checker, "all_obligations", lambda layout: without)
    report, proved = check(graph, plan)
    assert proved is None and report.verdict == "unknown"
    assert report.verdicts[claim] == Unknown("plan", "nothing was asked about this claim")


def test_an_obligation_of_no_claim_is_a_fault(graph: Graph, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was left out without a word."""
    monkeypatch.setattr(checker, "all_obligations", lambda layout: [obligation("C11", "(< x 0)")])
    with pytest.raises(ValueError, match="'C11', which is no claim"):
        check(graph, plan)


def test_what_is_not_decided_is_not_proved() -> None:
    asked = [obligation("C1", "(< x 0)"), obligation("C1", "(< x 1)")]
    decisions = decide_all(asked[:1], open_solvers("z3"))
    assert verdicts_of(["C1"], asked, decisions)["C1"] == Unknown("plan", "1 of 2 obligations are not decided")


@pytest.mark.parametrize("answer", [Answer("unknown", "timeout"), SolverError("it fell over")])
def test_a_solver_without_an_answer_leaves_the_claim_unknown(answer: Answer | Exception) -> None:
    asked = [obligation("C1", "(< x 0)"), obligation("C1", "(< x 1)"), obligation("C2", "(< x 2)")]
    solver = Scripted(Answer("unsat"), answer, Answer("unsat"))
    found = verdicts_of(["C1", "C2"], asked, decide_all(asked, [solver]))
    assert isinstance(found["C1"], Unknown) and found["C2"] == Proved(1)
    assert isinstance(decide(asked[0], []).verdict, Unknown), "no solver at all"


def test_a_solver_that_fails_while_a_counterexample_is_made_smaller_leaves_the_one_found() -> None:
    solver = Scripted(Answer("sat", values={"x": 7}), *[SolverError("it fell over")] * 10)
    verdict = decide(obligation("C1", "(< x 9)"), [solver]).verdict
    assert isinstance(verdict, Refuted) and verdict.values == (("x", 7),)


def test_equal_questions_are_asked_once_and_answered_each() -> None:
    asked = [obligation("C1", "(< x 0)", "a"), obligation("C2", "(< x 0)", "b"), obligation("C1", "(< x 1)", "c")]
    solver = Scripted(Answer("unsat"), Answer("unsat"))
    decisions = decide_all(asked, [solver])
    assert (solver.asked, [d.same_as for d in decisions]) == (2, [None, 0, None])
    assert verdicts_of(["C1", "C2"], asked, decisions) == {"C1": Proved(2), "C2": Proved(1)}
    asked = [obligation("C1", "(< x 9)", "a"), obligation("C2", "(< x 9)", "b")]
    found = verdicts_of(["C1", "C2"], asked, decide_all(asked, open_solvers("z3")))
    assert found == {"C1": Refuted("a", "x = 4", (("x", 4),)), "C2": Refuted("b", "x = 4", (("x", 4),))}


def test_a_plan_asks_many_questions_once(graph: Graph, plan: Plan) -> None:
    report, proved = check(graph, plan)
    assert proved is not None
    questions = {d.obligation.question() for d in report.decisions}
    assert len(questions) == report.questions < report.obligations == len(report.decisions)
    files = certificate_files(proved, "test")
    assert sum(name.endswith(".smt2") for name in files) == report.obligations, "each stands in a file of its own"
    assert files["manifest.json"].count('"same_as"') == report.obligations - report.questions


@pytest.mark.parametrize(("rate", "period", "grain"), [(-1, 1, 1), (1, 0, 1), (1, -1, 1), (1, 1, 0), (1, 1, -2)])
def test_a_schedule_that_goes_back_cannot_be_made(rate: int, period: int, grain: int) -> None:
    """Why C1 need not ask whether a row is computed twice."""
    with pytest.raises(ValueError, match="rate < 0, period < 1 or grain < 1"):
        Schedule(rate, period, 0, grain)


def test_c7_asks_of_every_operator(graph: Graph, plan: Plan) -> None:
    """Also where nothing is padded: the plan has to say so."""
    asked = [o for o in all_obligations(Layout(graph, plan)) if o.claim == "C7"]
    assert {o.subject for o in asked} == {node.label for node in graph.nodes}


def test_a_model_without_tensors_has_no_proved_arena_plan() -> None:
    report = check_tflm(Execution({}, (), (), (), frozenset()), ArenaPlan({}))
    assert not report.proved and report.verdict == "unknown"
    assert all(isinstance(verdict, Unknown) for verdict in report.verdicts.values())


def test_other_claims_than_the_refuted_one_are_unknown(graph: Graph, plan: Plan) -> None:
    report, _ = check(graph, replace(plan, model_sha256="0" * 64))
    assert isinstance(report.verdicts.pop("C1"), Refuted)
    assert all(isinstance(verdict, Unknown) for verdict in report.verdicts.values())
