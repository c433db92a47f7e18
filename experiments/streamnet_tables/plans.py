"""Real plans of the ten networks: searched, checked, and run on the host against TFLM, bit for bit."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from experiments.bit_exact.run import Case, measure
from experiments.streamnet_tables.published import msf_cnn_points, printed
from verify.channels.reduced import reduced
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.graph.plan_json import plan_to_json
from verify.graph.tensor import Axis
from verify.ops.regions import computed_macs, stage_regions
from verify.ops.streaming import extent
from verify.plan.bound import live_bytes_bound
from verify.plan.bursts import searched
from verify.plan.left_out import constant_channels
from verify.plan.published import Scheme
from verify.plan.request import Patches, Request
from verify.plan.search import make_plan, pareto
from verify.plan.uses import Uses
from verify.proof.check import ProvedPlan, check
from verify.proof.verdict import Refuted
from verify.report import accounting
from verify.targets.choice import kernels_of
from verify.targets.cost import instructions_of

EXACT = ("patch", "stream-1d", "stream-2d", "streamnet")
"""Schemes made with the parameters of Table 2. `patch-bypass` is `patch`: our kernels never compute padding."""

PAPER = ("patch", "stream-1d", "stream-2d")
"""Those of which the paper's padding rule is checked as well."""

X_LEVEL = 4
"""Of `streamnet`: the paper gives none for the configurations of Table 2."""

RULE = " paper"
"""Ends the kind of a plan with the paper's padding rule."""

MOST = 8
"""Points of a network's front."""

ONCE, LEAST, _ = OURS = ("nothing twice", "least", "least at 1.10")
"""Plans of `auto`: no rows computed again; no more MACs than the model file has layer by layer; 1.10 times those."""

MSF = "msf-CNN "
"""Begins the kind of a plan for a point of msf-CNN's that no plan of the front is below: as many MACs, its input with
the caller, which msf-CNN does not count."""


@dataclass(frozen=True)
class Planned:
    """One plan and what came of it. Bytes; seconds of processor time.

    Args:
      kind: one of `OURS`, "front", `MSF` with the MACs, or a scheme, with " paper" behind it for the paper's padding
        rule.
      bound: bytes that live at once in the plan's own order (verify.plan.bound); None for refuted plans.
      least: bytes of arena below which no choice of stages that was searched lies (verify.plan.search); None where
        nothing was searched.
      streamnet, msf, msf_in_use: the plan in those papers' counts.
      macs, ratio: multiply-accumulates, a sum's elements counted as the paper does; and without them, over those of the
        model file layer by layer.
      instructions: estimated ones of the plan's target.
      why: the counterexample of a refuted claim.
      wrong: output bytes that differ from those of `oracle` where the firmware ran on the host.
      emulated: the same on an emulated Cortex-M7.
    """

    model: str
    kind: str
    sram: int
    arena: int
    bound: int | None
    streamnet: int
    msf: int
    msf_in_use: int
    macs: int
    ratio: float
    verdict: str
    obligations: int
    plan_seconds: float
    proof_seconds: float
    instructions: int | None = None
    why: str = ""
    oracle: str = ""
    wrong: int | None = None
    emulated: int | None = None
    least: int | None = None


Made = tuple[Graph, Plan, int | None]
"""A network, a plan for it, and `Planned.least`."""

Runner = Callable[[ProvedPlan, Planned], Planned]
"""Runs a proved plan's firmware and notes the result."""


def plans(model: str, graph: Graph, run: Runner) -> Iterator[Planned]:
    """All plans of one network that the tables show."""
    less = reduced(graph, constant_channels(graph))
    for kind, request in zip(OURS, (Request(once=True), Request(), Request(max_macs=1.1)), strict=True):
        yield examine(model, kind, lambda request=request: _searched(less, request), run)
    start = time.process_time()
    front = pareto(graph, most=MOST)
    seconds = (time.process_time() - start) / len(front)
    points: list[Planned] = []
    for plan in front:
        found = examine(model, "front", lambda plan=plan: (graph, plan, None), run)
        points.append(replace(found, plan_seconds=seconds))
    yield from points
    published = [entry["points"] for entry in msf_cnn_points().values() if entry["zoo"] == model]
    for size, factor in itertools.chain(*published):
        if not any(row.msf < size and row.ratio <= factor for row in points):
            request = Request(mode=InputMode.PATCHES, max_macs=factor)
            yield examine(model, f"{MSF}{factor}", lambda request=request: _searched(less, request), run)
    second = next(figure for figure in printed(model) if figure.table == 2 and figure.scheme is Scheme.STREAM_2D)
    for paper, schemes in ((False, EXACT), (True, PAPER)):
        for scheme in schemes:
            place = Patches(second.parameters.n_patch, second.parameters.split, X_LEVEL, paper)
            request = Request(scheme, InputMode.PATCHES, patches=place)
            made = lambda request=request: (graph, make_plan(graph, request), None)  # noqa: E731
            yield examine(model, scheme + (RULE if paper else ""), made, run)


def _searched(graph: Graph, request: Request) -> Made:
    search, plan = searched(graph, request)
    return search.uses.graph, plan, search.bound()


def examine(model: str, kind: str, make: Callable[[], Made], run: Runner) -> Planned:
    """Makes one plan, with the network that it is for, checks it and, if it is proved, runs it."""
    start = time.process_time()
    graph, plan, least = make()
    planned = time.process_time()
    report, proved = check(graph, plan)
    proving = time.process_time() - planned
    msf = accounting.msf_cnn(graph, plan)
    refuted = [verdict for verdict in report.verdicts.values() if isinstance(verdict, Refuted)]
    found = Planned(
        model=model,
        kind=kind,
        sram=plan.sram_bytes,
        arena=plan.arena_bytes,
        bound=live_bytes_bound(Uses(graph), plan) if proved else None,
        streamnet=accounting.streamnet(graph, plan).total,
        msf=msf.total,
        msf_in_use=msf.in_use,
        macs=paper_macs(graph, plan),
        ratio=sum(computed_macs(graph, plan).values()) / sum(node.macs for node in (graph.whole or graph).nodes),
        verdict=report.verdict,
        obligations=report.obligations,
        plan_seconds=planned - start,
        proof_seconds=proving,
        instructions=instructions_of(graph, plan, kernels_of(graph, plan)),
        why="; ".join(f"{verdict.subject}: {verdict.counterexample}" for verdict in refuted),
        least=least,
    )
    return run(proved, found) if proved else found


def paper_macs(graph: Graph, plan: Plan) -> int:
    """Multiply-accumulates of a plan as StreamNet counts them: one for each element of a sum, too."""
    total = sum(computed_macs(graph, plan).values())
    for stage in plan.stages:
        regions = {axis: stage_regions(graph, stage, axis) for axis in (Axis.HEIGHT, Axis.WIDTH)}
        for firing in stage.firings:
            node = graph.by_index[firing.op]
            if node.op.kind != "ADD":
                continue
            elements = graph.tensors[node.outputs[0]].size_bytes
            for axis in firing.demand:
                computed = regions[axis][firing.op]
                positions = int(np.maximum(0, computed[:, 1] - computed[:, 0]).sum())
                elements = elements * positions // extent(node, axis)
            total += elements
    return total


def runner(case: Case, work: Path, schemes: bool, emulated: bool) -> Runner:
    """Runs plans on the host: all that `auto` makes and, if asked for, the published schemes; on a board `OURS`, and
    the schemes if they are to be `emulated`."""
    known: dict[str, Planned] = {}

    def run(proved: ProvedPlan, found: Planned) -> Planned:
        scheme = found.kind in EXACT
        if found.kind.endswith(RULE) or (scheme and not schemes):
            return found
        text = plan_to_json(proved.plan)
        if text not in known:
            board = found.kind in OURS or (scheme and emulated)
            known[text] = _measured(case, proved, found, work / str(len(known)), board)
        seen = known[text]
        return replace(found, oracle=seen.oracle, wrong=seen.wrong, emulated=seen.emulated)

    return run


def _measured(case: Case, proved: ProvedPlan, found: Planned, work: Path, emulated: bool) -> Planned:
    row = measure(case, proved, "host", work, 1)
    oracle = "references" if row.wrong_tflm is None else "TFLM"
    found = replace(found, oracle=oracle, wrong=row.wrong_reference + (row.wrong_tflm or 0))
    if emulated:
        row = measure(case, proved, "mps2-an500", work, 1)
        found = replace(found, emulated=row.wrong_reference + (row.wrong_tflm or 0))
    return found
