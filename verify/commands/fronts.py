"""`python -m verify.plan --pareto`: the whole front of SRAM against multiply-accumulates, every plan of it proved."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verify import __version__
from verify.commands import cli, pages, proving
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.graph.plan_json import plan_to_json
from verify.plan.bound import live_bytes_bound
from verify.plan.bursts import fronts
from verify.plan.request import PlanningError, Request
from verify.plan.search import make_plan
from verify.plan.uses import Uses
from verify.proof.check import Report
from verify.report.page import Extras
from verify.report.scatter import OURS, Point
from verify.report.summary import plan_value, report_value
from verify.report.tables import console, print_front


@dataclass(frozen=True)
class _Found:
    graph: Graph
    plan: Plan
    report: Report
    value: dict[str, Any]


def run(options: argparse.Namespace, model: Graph, graph: Graph, points: tuple[Point, ...], command: str) -> int:
    """Searches the front of `graph`, the model or its program of one frame; proves, writes and prints it."""
    try:
        with cli.progress("searching") as progress:
            request = Request(mode=options.input, time_step=options.time_step, target=options.target)
            plans = fronts(graph, request, progress)
    except PlanningError as error:
        raise cli.InputError(str(error)) from None
    found = []
    with cli.progress("proving") as progress:
        for number, (read, plan) in enumerate(plans, 1):
            report, _ = proving.prove(read, plan, options, lambda done, total: None)
            found.append(_Found(read, plan, report, _value(read, plan, report)))
            progress(number, len(plans))
    written = _write_plans(options.output, found) if options.output else []
    layer = make_plan(model, Request("layer", InputMode.WHOLE)).sram_bytes
    written += _write_page(options, model, found, layer, points, command)
    if options.json:
        print(json.dumps([item.value for item in found], indent=1))
    else:
        out = console(highlight=False)
        print_front(out, [item.value for item in found], layer)
        for path in written:
            out.print(f"wrote {path}", markup=False, soft_wrap=True)
    return cli.PROVED if all(item.report.proved for item in found) else cli.NOT_PROVED


def _value(graph: Graph, plan: Plan, report: Report) -> dict[str, Any]:
    value = plan_value(graph, plan)
    return (
        value
        | {"macs_ratio": round(value["macs"] / max(1, value["macs_layerwise"]), 6)}
        | {"arena_bytes": plan.arena_bytes, "lower_bound_bytes": live_bytes_bound(Uses(graph), plan)}
        | report_value(report)
    )


def _write_plans(folder: Path, found: list[_Found]) -> list[Path]:
    """plan-1.json recomputes nothing; from number to number there is less SRAM and more work. Only proved ones."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise cli.InputError(f"-o {folder}: with --pareto it is a folder for the plans: {error.strerror}") from None
    written = []
    for number, item in enumerate(found, 1):
        path = folder / f"plan-{number}.json"
        if item.report.proved:
            cli.write_beside(path, plan_to_json(item.plan))
            item.value["file"] = str(path)
            written.append(path)
    return written


def _write_page(
    options: argparse.Namespace,
    model: Graph,
    found: list[_Found],
    layerwise_bytes: int,
    points: tuple[Point, ...],
    command: str,
) -> list[Path]:
    """The page and the picture of the plan of least SRAM, with the others as points beside it."""
    last, others = found[-1], enumerate(found[:-1], 1)
    front = tuple(Point(f"plan {k}", item.plan.sram_bytes, item.value["macs"], OURS) for k, item in others)
    extras = Extras(
        command=command,
        version=__version__,
        explanation=f"Plan {len(found)} of a front of {len(found)}, the one of least SRAM.",
        bound_bytes=last.value["lower_bound_bytes"],
        layerwise_bytes=layerwise_bytes,
        layerwise_macs=sum(node.macs for node in model.nodes),
        points=front + points,
    )
    return pages.write(options, last.graph, last.plan, last.report, extras)
