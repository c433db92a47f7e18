"""Checks a plan against its model: the one way to a `ProvedPlan`, which is what the emitter takes."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.proof.claims import CLAIMS
from verify.proof.constraints import all_obligations
from verify.proof.layout import Layout
from verify.proof.smt import TIMEOUT_MS, decide
from verify.proof.verdict import Proved, Refuted, Verdict


@dataclass(frozen=True)
class Report:
    """The verdict per claim, and how long it took."""

    verdicts: dict[str, Verdict]
    obligations: int
    seconds: float

    @property
    def proved(self) -> bool:
        return all(isinstance(verdict, Proved) for verdict in self.verdicts.values())

    @property
    def verdict(self) -> str:
        """ "proved", "refuted" or "unknown" for the plan as a whole."""
        kinds = {type(verdict) for verdict in self.verdicts.values()}
        return "refuted" if Refuted in kinds else "proved" if kinds == {Proved} else "unknown"


_TOKEN = object()


class ProvedPlan:
    """A plan with its model, all claims proved. Only `check` makes one."""

    def __init__(self, graph: Graph, plan: Plan, report: Report, token: object):
        if token is not _TOKEN:
            raise TypeError("ProvedPlan is made by verify.proof.check.check only")
        self.graph, self.plan, self.report = graph, plan, report


def check(
    graph: Graph,
    plan: Plan,
    timeout_ms: int = TIMEOUT_MS,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Report, ProvedPlan | None]:
    """Proves or refutes every claim about `plan` on `graph`.

    Args:
      graph: the model, read from its file.
      plan: the plan, read from its file; nothing in it is believed.
      timeout_ms: time limit per obligation.
      progress: called with (decided, all) obligations.

    Returns:
      The report, and the proved plan if every claim is proved.
    """
    start = time.monotonic()
    # C8 is about time: an image's plan makes no such claim.
    verdicts: dict[str, Verdict] = {claim: Proved(0) for claim in CLAIMS if claim != "C8" or per_frame(graph, plan)}
    count = 0
    if plan.model_sha256 != graph.sha256:
        text = f"the plan is for the model {plan.model_sha256[:16]}..., this one is {graph.sha256[:16]}..."
        verdicts["C1"] = Refuted("plan file", text)
    else:
        layout = Layout(graph, plan)
        for fault in reversed(layout.faults):
            verdicts[fault.claim] = Refuted(fault.subject, fault.text)
        if not layout.faults:
            count = _decide_all(layout, verdicts, timeout_ms, progress)
    report = Report(verdicts, count, time.monotonic() - start)
    return report, ProvedPlan(graph, plan, report, _TOKEN) if report.proved else None


def per_frame(graph: Graph, plan: Plan) -> bool:
    """Whether this is about the program of one frame of a clip."""
    return max(graph.clip_frames, plan.clip_frames) > 1 or any(buffer.frames > 1 for buffer in plan.buffers)


def _decide_all(
    layout: Layout, verdicts: dict[str, Verdict], timeout_ms: int, progress: Callable[[int, int], None]
) -> int:
    obligations = [o for o in all_obligations(layout) if o.claim in verdicts]
    for number, obligation in enumerate(obligations):
        so_far = verdicts[obligation.claim]
        if isinstance(so_far, Proved):  # the first obligation that fails names the claim's verdict
            verdict = decide(obligation, timeout_ms)
            verdicts[obligation.claim] = Proved(so_far.obligations + 1) if isinstance(verdict, Proved) else verdict
        progress(number + 1, len(obligations))
    return len(obligations)
