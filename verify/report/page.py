"""One plan as one page: HTML that needs no network, with the memory map, the operators and the verdicts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jinja2

from verify.graph.accounting import history_bytes
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.graph.sram import PARTS, SHARES, Sram, sram_rows
from verify.proof.check import Report
from verify.proof.claims import CLAIMS, title
from verify.proof.layout import Layout
from verify.proof.verdict import Proved, Refuted, Verdict
from verify.report.costs import Costs, costs_of
from verify.report.drawing import NARROW, WIDE, Drawing, draw
from verify.report.failure import Picture, picture
from verify.report.fits import CODE_BYTES, Fit, fits_of, unit
from verify.report.memory_map import MemoryMap, memory_map
from verify.report.names import about, gap, printable, thousands
from verify.report.operators import OperatorRow, operator_rows
from verify.report.row_work import RowWork, row_work
from verify.report.scatter import OURS, PAPERS, Point, scatter
from verify.report.summary import plan_value

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("verify.report"),
    undefined=jinja2.StrictUndefined,
    autoescape=True,  # names come from model files that are not trusted
    trim_blocks=True,
    lstrip_blocks=True,
)
HEADS = (
    ("op", True),
    ("stage", True),
    ("kind", False),
    ("name", False),
    ("result", False),
    ("receptive field", False),
    ("kept", False),
    ("ring rows", True),
    ("recompute", True),
    ("schedule", False),
)
COST_HEADS = (
    ("op", True),
    ("kind", False),
    ("name", False),
    ("kernel", False),
    ("MACs", True),
    ("instructions", True),
    ("of all", True),
    ("per MAC", True),
    ("flash", True),
)


@dataclass(frozen=True)
class Extras:
    """What a page tells besides the plan and its proof; None and empty where the program does not know it.

    Args:
      command: the command line that made the page.
      version: of this project.
      headline: the outcome in place of the proof's verdict, such as "does not fit"; `explanation` follows it.
      bound_bytes: lower bound for the arena in the plan's own order.
      layerwise_bytes, layerwise_macs: SRAM with every tensor whole, and the multiply-accumulates of that.
      budget_bytes: the SRAM that was asked for, where the plan was made for another.
      points: other plans, ours or published, for the picture of SRAM against multiply-accumulates.
    """

    command: str
    version: str
    headline: str = ""
    explanation: str = ""
    bound_bytes: int | None = None
    layerwise_bytes: int | None = None
    layerwise_macs: int | None = None
    budget_bytes: int | None = None
    points: Sequence[Point] = ()


def page(graph: Graph, plan: Plan, report: Report, extras: Extras) -> str:
    """The page of a plan, proved or not; one that does not name its model's operators has no map and no table."""
    layout = Layout(graph, plan)
    budget = plan.sram_budget if extras.budget_bytes is None else extras.budget_bytes
    memory = None if layout.faults else replace(memory_map(layout, extras.bound_bytes), budget_bytes=budget)
    operators = [] if layout.faults else operator_rows(layout)
    pictures = {} if layout.faults else _pictures(layout, report)
    points = _points(graph, plan, operators, extras)
    parts = _parts(graph, plan, memory)
    drawings = [] if memory is None else [draw(memory, sheet) for sheet in (WIDE, NARROW)]
    costs = costs_of(graph, plan) if operators else None
    rows = row_work(graph, plan) if operators else None
    fits = [] if costs is None else fits_of(plan, costs.flash_bytes, costs.instructions)
    return TEMPLATES.get_template("plan.html.j2").render(
        model=printable(plan.model_name),
        scheme=printable(plan.scheme),
        input=plan.input_mode.value,
        clip_frames=plan.clip_frames,
        headline=extras.headline or report.verdict,
        explanation=printable(extras.explanation),
        cards=_cards(graph, plan, costs, rows, fits, memory, extras, report.proved),
        drawings=drawings,
        steps=[f"step {s.number}, {s.label}; {thousands(s.used_bytes)} B in use" for s in memory.steps]
        if memory
        else [],
        points_at=[_marked(drawing, pictures.values()) for drawing in drawings],
        parts=parts,
        parts_text=", ".join(f"{name} {thousands(size)} B" for name, size in memory.parts) if memory else "",
        total=plan.sram_bytes,
        budget_text="" if budget is None else f"budget {thousands(budget)}",
        obligations=report.obligations,
        seconds=report.seconds,
        claims=[_claim(claim, verdict, report, pictures.get(claim)) for claim, verdict in report.verdicts.items()],
        costs=costs,
        cost_heads=COST_HEADS,
        code_bytes=CODE_BYTES,
        row_work=rows,
        fits=fits,
        unit=unit(graph),
        target=printable(plan.target),
        proved=report.proved,
        sections=[
            (anchor, text)
            for anchor, text, shown in (
                ("h-map", "memory", True),
                ("h-sram", "SRAM", True),
                ("h-boards", "boards", bool(fits)),
                ("h-rows", "rows", rows is not None),
                ("h-costs", "operators", costs is not None),
                ("h-proof", "proof", True),
                ("h-ops", "streaming", bool(operators)),
                ("h-pareto", "other plans", bool(points)),
            )
            if shown
        ],
        heads=HEADS,
        operators=operators,
        scatters=[scatter(points, paper) for paper in PAPERS] if points else [],
        points=points,
        command=printable(extras.command),
        version=extras.version,
        sha256=graph.sha256,
    )


def map_svg(memory: MemoryMap) -> str:
    """The memory map alone, as an SVG file in light colours; titles take the place of what the page shows on hover."""
    return TEMPLATES.get_template("map.svg.j2").render(drawing=draw(memory), alone=True, point=None, steps=[])


def _pictures(layout: Layout, report: Report) -> dict[str, Picture]:
    refuted = {claim: v for claim, v in report.verdicts.items() if isinstance(v, Refuted)}
    found = {claim: picture(layout, claim, verdict) for claim, verdict in refuted.items()}
    return {claim: drawn for claim, drawn in found.items() if drawn is not None}


def _marked(drawing: Drawing, pictures: Iterable[Picture]) -> tuple[float, float] | None:
    """Where on the sheet two buffers meet, of the first counterexample that says so."""
    point = next((drawn.point for drawn in pictures if drawn.point is not None), None)
    return None if point is None else drawing.place(point[0] + 0.5, point[1])


def _parts(graph: Graph, plan: Plan, memory: MemoryMap | None) -> list[tuple[str, int, str, bool]]:
    """The plan's own account, each part with whether it is a share of another one.

    The history, a share of the arena, is named with it where it is known.
    """
    history = history_bytes(graph, plan) if memory else 0
    share = f"; {thousands(history)} B of it history, frames that later frames read" if history else ""
    notes = {"arena": PARTS["arena"][1] + share, "stack": "a reserve (see below)"}
    parts = (plan.arena_bytes, 0, plan.scratch_bytes, plan.state_bytes, plan.stack_bytes)
    sizes = Sram(*parts, fifo=plan.fifo_bytes, head=plan.head_bytes).as_dict()
    of_arena = {PARTS[part][0] for part in SHARES}
    return [(name, size or 0, note, name in of_arena) for name, size, note in sram_rows(sizes, notes)]


def _cards(
    graph: Graph,
    plan: Plan,
    costs: Costs | None,
    rows: RowWork | None,
    fits: Sequence[Fit],
    memory: MemoryMap | None,
    extras: Extras,
    proved: bool,
) -> list[tuple[str, str, str]]:
    total, layer = plan.sram_bytes, extras.layerwise_bytes
    share = f"{total / layer:.2f} × layer by layer, {thousands(layer)} B" if layer else "all parts"  # noqa: RUF001
    cards = [("SRAM", f"{thousands(total)} B", share)]
    if costs is not None:
        value = plan_value(graph, plan)
        macs = value["macs"]
        cards.append(("flash", f"{thousands(costs.flash_bytes)} B", "weights and tables; the build adds the code"))
        if costs.instructions is not None:
            cards.append(("instructions", f"about {about(costs.instructions)}", f"target {plan.target}, an estimate"))
        if rows is not None and rows.frames:
            cards.append(("frames per second", *rows.frames))
        if proved:
            fitting = sum(fit.state == "fits" for fit in fits)
            cards.append(("boards", f"{fitting} of {len(fits)} fit", "with room for code, see below"))
        again = macs - value["macs_layerwise"]
        share = f", {thousands(again)} recomputed" if again > 0 else ""
        cards.append(("MACs", about(macs), f"{len(costs.operators)} operators in {len(plan.stages)} stages{share}"))
    if memory is not None and memory.peak is not None:
        peak = memory.peak
        where = "before the first step" if peak.stage < 0 else f"at step {peak.number}"
        cards.append(
            ("fullest", f"{thousands(peak.used_bytes)} B", f"{where}, of the arena's {thousands(plan.arena_bytes)}")
        )
    if extras.bound_bytes:
        above = f"the arena is {gap(plan.arena_bytes, extras.bound_bytes)}"
        cards.append(("lower bound, this order", f"{thousands(extras.bound_bytes)} B", above))
    return cards


def _points(graph: Graph, plan: Plan, operators: list[OperatorRow], extras: Extras) -> list[Point]:
    """None of them where there are no other plans: two points say nothing that the cards do not."""
    if not operators or not extras.points:
        return []
    macs = plan_value(graph, plan)["macs"]
    points = [Point("this plan", plan.sram_bytes, macs, OURS)]
    if extras.layerwise_bytes and extras.layerwise_macs is not None:
        points.append(Point("layer by layer", extras.layerwise_bytes, extras.layerwise_macs, "layer by layer"))
    return points + [replace(p, label=printable(p.label), group=printable(p.group)) for p in extras.points]


def _claim(claim: str, verdict: Verdict, report: Report, drawn: Picture | None) -> dict[str, Any]:
    asked = [d for d in report.decisions if d.obligation.claim == claim and d.same_as is None]
    spent = [opinion.seconds for decision in asked for opinion in decision.opinions]
    text = (
        ""
        if isinstance(verdict, Proved)
        else (verdict.counterexample if isinstance(verdict, Refuted) else verdict.reason)
    )
    return {
        "title": title(claim),
        "sentence": CLAIMS[claim][1],
        "verdict": type(verdict).__name__.lower(),
        "obligations": thousands(verdict.obligations) if isinstance(verdict, Proved) else "",
        "seconds": f"{sum(spent):.2f} s" if spent else "",
        "subject": "" if isinstance(verdict, Proved) else printable(verdict.subject),
        "text": printable(text),
        "picture": drawn,
    }
