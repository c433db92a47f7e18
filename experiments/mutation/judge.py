"""The checker's verdict on many plans of one model, without asking the solver the same question twice.

A mutant shares nearly all obligations with the plan that it was made from. An obligation's text is all that the solver
sees, so equal texts have equal answers. The verdict is that of verify.proof.check without the smallest counterexamples;
`confirm` asks that one.
"""

from dataclasses import dataclass

from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.program.lower import lower
from verify.program.refuse import NotExpressibleError
from verify.proof.check import by_frame, check
from verify.proof.constraints import all_obligations
from verify.proof.layout import Layout
from verify.proof.smt import TIMEOUT_MS
from verify.solvers import open_solvers


@dataclass(frozen=True)
class Judgement:
    """`result` is "proved", "refuted" or "unknown"; `claim`, `subject` and `sentence` say what failed first."""

    result: str
    claim: str = ""
    subject: str = ""
    sentence: str = ""


class Judge:
    """All plans of one graph."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.solver = open_solvers("z3")[0]
        self.answers: dict[str, str] = {}

    def __call__(self, plan: Plan) -> Judgement:
        layout = Layout(self.graph, plan)
        if layout.faults:
            fault = layout.faults[0]
            return Judgement("refuted", fault.claim, fault.subject, fault.text)
        undecided = Judgement("proved")
        for obligation in all_obligations(layout):
            if obligation.claim == "C8" and not by_frame(self.graph, plan):
                continue
            answer = self._answer(obligation.smtlib())
            if answer != "unsat":
                found = obligation.claim, obligation.subject, obligation.sentence
                if answer == "sat":
                    return Judgement("refuted", *found)
                undecided = Judgement("unknown", *found)
        return undecided if undecided.result == "unknown" else self._expressible(plan)

    def _expressible(self, plan: Plan) -> Judgement:
        """The checker also refutes what no program can do."""
        try:
            lower(self.graph, plan)
        except NotExpressibleError as error:
            return Judgement("refuted", error.claim, error.subject, error.text)
        return Judgement("proved")

    def confirm(self, plan: Plan) -> str:
        """The checker's own verdict: "proved", "refuted" or "unknown"."""
        return check(self.graph, plan)[0].verdict

    def _answer(self, text: str) -> str:
        question = text.split("\n", 2)[2]  # without the comments, which name tensors
        if question not in self.answers:
            self.answers[question] = self.solver.solve(text, TIMEOUT_MS).result
        return self.answers[question]
