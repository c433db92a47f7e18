"""Tables 1 and 2 reproduced, and the published searches compared with the parameters that the paper prints."""

from dataclasses import dataclass

from experiments.streamnet_tables.published import Printed, printed
from verify.plan.published import Network, PaddingRule, Parameters, Scheme, parameters, select
from verify.plan.published.select import Costed, evaluate

KIB = 1024


@dataclass(frozen=True)
class Reproduced:
    """A printed figure beside ours, both as digits; `exact` is what it is when counted as it should be.

    For MACs that is with every skipped padding skipped (where the scheme skips any), for memory with the paper's slips
    put right.
    """

    printed: Printed
    ours: str
    exact: str

    @property
    def agrees(self) -> bool:
        return self.printed.digits == self.ours

    @property
    def place(self) -> str:
        p = self.printed
        return f"Table {p.table}, {p.model}, {p.scheme.value}, {p.quantity}"


def reproduce(model: str, network: Network) -> list[Reproduced]:
    """Every figure of Tables 1 and 2 for one network."""
    found = []
    for figure in printed(model):
        paper = evaluate(network, figure.parameters, figure.scheme)
        exact = evaluate(network, figure.parameters, figure.scheme, PaddingRule.EXACT, slips=False)
        found.append(Reproduced(figure, _digits(figure, paper), _digits(figure, exact, finer=1)))
    return found


def _digits(figure: Printed, choice: Costed, finer: int = 0) -> str:
    """A figure as the paper rounds it, or with more digits."""
    if figure.quantity == "memory":
        return f"{choice.memory_bytes / KIB:.{finer}f}"
    return f"{choice.macs / 1e6:.{max(finer, figure.table - 1)}f}"


@dataclass(frozen=True)
class Searched:
    """What a search finds beside what the paper prints; memory in bytes."""

    model: str
    question: str
    paper: Parameters
    paper_bytes: int
    ours: Parameters
    our_bytes: int

    @property
    def outcome(self) -> str:
        """ "agrees" for the same parameters, "ties" for the same memory in the KiB that the paper prints."""
        if self.paper == self.ours:
            return "agrees"
        return "ties" if round(self.paper_bytes / KIB) == round(self.our_bytes / KIB) else "differs"


def searches(model: str, network: Network) -> list[Searched]:
    """Whether the paper's parameters are what its searches, as far as it describes them, choose on these figures."""
    by_place = {(figure.table, figure.scheme): figure.parameters for figure in printed(model)}
    second, baseline = by_place[2, Scheme.STREAM_2D], by_place[1, Scheme.PATCH]
    target = evaluate(network, by_place[1, Scheme.STREAM_2D], Scheme.STREAM_2D).memory_bytes
    candidates = [evaluate(network, chosen, Scheme.PATCH) for chosen in parameters(network)]
    closest = min(candidates, key=lambda choice: (abs(choice.memory_bytes - target), choice.macs))
    return [
        _searched(model, "Table 2: least memory of stream-2d", network, second, Scheme.STREAM_2D),
        _searched(model, "Table 2 as the text has it: least memory of patch", network, second, Scheme.PATCH),
        _searched(model, "Table 1: patch closest to stream-2d's memory", network, baseline, Scheme.PATCH, closest),
    ]


def _searched(
    model: str, question: str, network: Network, paper: Parameters, scheme: Scheme, found: Costed | None = None
) -> Searched:
    found = found or select(network, scheme)
    assert found is not None
    ours = Parameters(found.parameters.n_patch, found.parameters.split)
    return Searched(model, question, paper, evaluate(network, paper, scheme).memory_bytes, ours, found.memory_bytes)
