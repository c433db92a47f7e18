"""Checks a plan against its model: the one way to a `ProvedPlan`, which is what the emitter takes."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from verify.channels.reduced import NotReducibleError, reduced
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.identities.run import fault_of_program
from verify.program.lower import lower
from verify.program.refuse import NotExpressibleError
from verify.proof.arithmetic import silent
from verify.proof.claims import CLAIMS
from verify.proof.constraints import all_obligations
from verify.proof.layout import Layout
from verify.proof.obligation import Obligation
from verify.proof.smt import TIMEOUT_MS, Decision, decide_all, verdicts_of
from verify.proof.verdict import Proved, Refuted, Unknown, Verdict
from verify.solvers import Solver, open_solvers
from verify.targets.choice import kernels_of

IDENTITIES = ("C1", "C2", "C3", "C4", "C7", "C8")
"""Claims that a run of identities decides, too: proved means that both agree."""


@dataclass(frozen=True)
class Report:
    """The verdict per claim, and how long it took.

    `obligations` is their number. `solvers` are name and version of each, `decisions` what they said about each
    obligation that was decided; `questions` of these differ. `confirmed` are the claims that a run of identities has
    decided too, and found no fault.
    """

    verdicts: dict[str, Verdict]
    obligations: int
    seconds: float
    solvers: tuple[tuple[str, str], ...] = ()
    decisions: tuple[Decision, ...] = ()
    confirmed: tuple[str, ...] = ()

    @property
    def proved(self) -> bool:
        return bool(self.verdicts) and all(isinstance(verdict, Proved) for verdict in self.verdicts.values())

    @property
    def questions(self) -> int:
        """Decisions for which solvers were asked; the others ask what one of these does."""
        return sum(decision.same_as is None for decision in self.decisions)

    @property
    def verdict(self) -> str:
        """ "proved", "refuted" or "unknown" for the plan as a whole."""
        kinds = {type(verdict) for verdict in self.verdicts.values()}
        return "refuted" if Refuted in kinds else "proved" if kinds == {Proved} else "unknown"


UNDECIDED = Unknown("plan", "not decided: another claim is refuted before obligations are made")

_TOKEN = object()


class ProvedPlan:
    """A plan with what it is about, the model or what is left of it, all claims proved. Only `check` makes one."""

    def __init__(self, graph: Graph, plan: Plan, report: Report, token: object):
        if token is not _TOKEN:
            raise TypeError("ProvedPlan is made by verify.proof.check.check only")
        self.graph, self.plan, self.report = graph, plan, report


def check(
    graph: Graph,
    plan: Plan,
    timeout_ms: int = TIMEOUT_MS,
    progress: Callable[[int, int], None] = lambda done, total: None,
    solver: str = "z3",
) -> tuple[Report, ProvedPlan | None]:
    """Proves or refutes every claim about `plan` on `graph`.

    Args:
      graph: the model, read from its file, or what is left of it (verify.channels.reduced), which is made again here.
      plan: the plan, read from its file; nothing in it is believed.
      timeout_ms: time limit per obligation.
      progress: called with (decided, all) obligations.
      solver: "z3", "cvc5", or "both", which then must agree.

    Returns:
      The report, and the proved plan if every claim is proved.

    Raises:
      SolverError: a solver is not installed.
    """
    start, solvers = time.monotonic(), open_solvers(solver)
    # C8 is about time: an image's plan makes no such claim. Nor is there C9 where no channels are left out, or C10
    # without a camera.
    made = {"C8": by_frame(graph, plan), "C9": bool(plan.left_out), "C10": plan.camera is not None}
    claims = [claim for claim in CLAIMS if made.get(claim, True)]
    obligations: list[Obligation] = []
    decisions: tuple[Decision, ...] = ()
    confirmed: tuple[str, ...] = ()
    verdicts: dict[str, Verdict] = dict.fromkeys(claims, UNDECIDED)
    left = _what_is_left(graph, plan)
    if plan.model_sha256 != graph.sha256:
        text = f"the plan is for the model {plan.model_sha256[:16]}..., this one is {graph.sha256[:16]}..."
        verdicts["C1"] = Refuted("plan file", text)
    elif plan.subgraph != graph.subgraph:
        text = f"the plan is for subgraph {plan.subgraph} of the file, number {graph.subgraph} was read"
        verdicts["C1"] = Refuted("plan file", text)
    elif plan.upright != graph.upright:
        seen = ("as they lie", "upright")
        text = f"the plan sees signals along width {seen[plan.upright]}, the network was read {seen[graph.upright]}"
        verdicts["C1"] = Refuted("plan file", text)
    elif plan.phased != graph.phased:
        text = (
            f"the plan has operators {[*plan.phased]} read rows in phases, the network was read with {[*graph.phased]}"
        )
        verdicts["C1"] = Refuted("plan file", text)
    elif (plan.learning is None) != (graph.readout is None):
        seen = ("whole", "without its last layer, for a head that learns")
        found = f"{seen[plan.learning is not None]}; it was read {seen[graph.readout is not None]}"
        verdicts["C1"] = Refuted("plan file", f"the plan is for the network {found}")
    elif isinstance(left, Refuted):
        verdicts["C9"] = left
    elif unanswered := silent(left):
        verdicts = dict.fromkeys(claims, unanswered)
    elif (layout := Layout(left, plan)).faults:
        for fault in reversed(layout.faults):
            verdicts[fault.claim] = Refuted(fault.subject, fault.text)
    else:
        obligations = [obligation for obligation in all_obligations(layout) if _is_made(obligation, claims)]
        decisions = decide_all(obligations, solvers, timeout_ms, progress)
        verdicts = verdicts_of(claims, obligations, decisions)
        changes, confirmed = _run(left, plan, verdicts)
        verdicts |= changes
    report = Report(verdicts, len(obligations), time.monotonic() - start, named(solvers), decisions, confirmed)
    return report, ProvedPlan(left, plan, report, _TOKEN) if report.proved and isinstance(left, Graph) else None


def _what_is_left(graph: Graph, plan: Plan) -> Graph | Refuted:
    """The network that a plan is about, made here of the whole one."""
    try:
        return reduced(graph, plan.left_out)
    except NotReducibleError as error:
        return Refuted(error.subject, error.text)


def _is_made(obligation: Obligation, claims: Sequence[str]) -> bool:
    """Whether an obligation belongs to a claim that is made here. One of no claim at all would never be missed."""
    if obligation.claim not in CLAIMS:
        raise ValueError(f"an obligation of {obligation.claim!r}, which is no claim")
    return obligation.claim in claims


def _run(graph: Graph, plan: Plan, verdicts: Mapping[str, Verdict]) -> tuple[dict[str, Verdict], tuple[str, ...]]:
    """What changes of the solvers' verdicts when the plan's program is run on identities, and which it confirms.

    What no program does is not proved, but refuted. Where the solvers prove what a run sees to be wrong, one of the two
    is at fault, and nobody knows which.
    """
    try:
        program = lower(graph, plan)
    except NotExpressibleError as error:
        known = isinstance(verdicts.get(error.claim), Refuted)
        return {} if known else {error.claim: Refuted(error.subject, error.text)}, ()
    ours = tuple(claim for claim in IDENTITIES if claim in verdicts)
    if not all(isinstance(verdicts[claim], Proved) for claim in ours):
        return {}, ()
    fault = fault_of_program(graph, kernels_of(graph, plan), program)
    text = f"the solver proves this, but a run of identities finds a fault: {fault}"
    return (dict.fromkeys(ours, Unknown("plan", text)), ()) if fault else ({}, ours)


def named(solvers: Sequence[Solver]) -> tuple[tuple[str, str], ...]:
    """Name and version of each."""
    return tuple((solver.name, solver.version) for solver in solvers)


def by_frame(graph: Graph, plan: Plan) -> bool:
    """Whether this is about the program of one frame of a clip, or of one call of a model with states."""
    return graph.goes_on or plan.goes_on
