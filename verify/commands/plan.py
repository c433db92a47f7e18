"""`python -m verify.plan MODEL.tflite`: searches a streaming plan, proves it, reports it, and writes it if proved."""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from verify import __version__
from verify.clip import NotAClipError, by_call, per_frame, time_axis
from verify.commands import camera, cli, fronts, learn, pages, proving, tflm_emit
from verify.commands.plan_network import better, in_time, network, search, with_exit
from verify.commands.plan_options import check_search, parse, require_only_tflm
from verify.graph.answers import answers_text
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.graph.plan_json import plan_to_json
from verify.plan.bound import live_bytes_bound
from verify.plan.request import PUBLISHED, Request
from verify.plan.search import make_plan
from verify.plan.uses import Uses
from verify.report.accounting import accounting_value
from verify.report.figures import figures_value
from verify.report.page import Extras
from verify.report.summary import plan_value, report_value
from verify.report.tables import console, print_accounting, print_plan, print_report
from verify.targets.choice import chosen, kernels_of
from verify.targets.flash import constant_bytes

SRAM, FLASH = "SRAM", "flash"

WORTH_PACKING = 0.9
"""Of the flash: what is worth a note."""


def run(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    if options.emit_tflm is not None:
        require_only_tflm(options)
        return tflm_emit.run(options, options.emit_tflm)
    points = pages.check_arguments(options)
    check_search(options)
    camera.check_options(options)
    if not options.pareto:  # else -o is a folder
        cli.check_targets(options.output)
    start = time.monotonic()
    model = cli.load_model(options.model, options.subgraph if options.signature is None else options.signature)
    model = learn.headless(model, options)
    learning = learn.learning_of(model, options)
    within = learn.with_room(options, learning)
    if options.pareto:
        return fronts.run(options, model, network(model, options), points, pages.command_line("verify.plan", arguments))
    graph, cut = with_exit(network(model, options), options)
    with cli.progress("searching") as progress:
        graph, plan, bounds = better(graph, within, cut, progress)
    if within.sram is not None and plan.sram_bytes > within.sram:
        graph, plan, bounds = search(graph, within, cut, plan.sram_bytes)
    feed: dict[str, Any] = {}
    if options.camera is not None:
        graph, plan, bounds, feed = in_time(graph, within, cut, plan, bounds)
    plan = replace(plan, learning=learning)
    needs = {SRAM: plan.sram_bytes, FLASH: constant_bytes(graph, kernels_of(graph, plan))}
    misfit = _misfit(options, needs)
    # What is reported as the least budget is proved all the same.
    sram, flash = _enough(options.sram, needs[SRAM]), _enough(options.flash, needs[FLASH])
    plan = replace(plan, sram_budget=sram, flash_budget=flash)
    with cli.progress("proving") as progress:
        report, proved = proving.prove(graph, plan, options, progress)
    value: dict[str, Any] = (
        {"notes": [*model.notes, *_packable(graph, options, needs[FLASH])]}
        | _value(model, graph, plan, options.accounting)
        | _whole_clip(model, graph, options)
        | bounds
        | report_value(report)
        | {"seconds": round(time.monotonic() - start, 3)}
    )
    if feed and not feed["camera"]["held"]:
        misfit = misfit or {"verdict": "does not keep up"}
    value |= feed | misfit
    if options.json:
        value |= figures_value(graph, plan)
    if proved and not misfit:
        proving.certify(options, proved)
        if options.output:
            cli.write_beside(options.output, plan_to_json(plan))
    extras = Extras(
        command=pages.command_line("verify.plan", arguments),
        version=__version__,
        headline=value["verdict"],
        explanation=f"The plan below {_misfit_text(value)}." if misfit else "",
        bound_bytes=value["lower_bound_bytes"],
        layerwise_bytes=value["layerwise_bytes"],
        layerwise_macs=sum(node.macs for node in model.nodes),
        budget_bytes=options.sram,
        points=points,
    )
    written = pages.write(options, graph, plan, report, extras)
    _print(value, options, written)
    if misfit:
        return cli.DOES_NOT_FIT
    return cli.PROVED if proved else cli.NOT_PROVED


def _value(model: Graph, graph: Graph, plan: Plan, accounting: str) -> dict[str, Any]:
    layer = make_plan(by_call(model), Request("layer", InputMode.WHOLE))
    value = plan_value(graph, plan) | {
        "arena_bytes": plan.arena_bytes,
        "layerwise_bytes": layer.sram_bytes,
        "lower_bound_bytes": live_bytes_bound(Uses(graph), plan),
    }
    if accounting != "device":
        value["accounting"] = accounting_value(graph, plan, accounting)
    if graph.clip_frames > 1:  # the program that computes a whole clip each time, for comparison
        clip = make_plan(model, Request("auto" if plan.scheme in PUBLISHED else plan.scheme, InputMode.WHOLE))
        value["clip"] = {"sram_bytes": clip.sram_bytes, "macs": sum(node.macs for node in model.nodes)}
        value["answers"] = list(answers_text(graph))
    elif graph.goes_on:
        value["state"] = _state_text(graph, value)
    return value


def _packable(graph: Graph, options: argparse.Namespace, flash: int) -> list[str]:
    """A note where weights of four bits would save a tenth of the flash and are stored a byte each, or where there are
    none to pack."""
    packed = chosen(graph, options.target, packed=True)
    count = sum(kernel.packed for kernel in packed.values())
    if options.packed_weights:
        return [] if count else ["--packed-weights: no operator's weights are all from -8 to 7, so none are packed"]
    if not count:
        return []
    least = constant_bytes(graph, packed)
    saves = f"--packed-weights stores them two in a byte: {least:,} bytes of flash in place of {flash:,}"
    return [f"{count} operators have weights of four bits; {saves}"] if least < WORTH_PACKING * flash else []


def _state_text(graph: Graph, value: dict[str, Any]) -> str:
    """What outlives a call, in words."""
    kept = sum(graph.kept_frames(tensor) > 1 for tensor in graph.tensors)
    history = value["sram_bytes"]["history"]
    return f"state from call to call: {history:,} bytes of the arena, of {kept} tensors that later calls read (C8)"


def _whole_clip(model: Graph, graph: Graph, options: argparse.Namespace) -> dict[str, str]:
    """Why a model with a time axis runs as a whole clip, where that was not asked for."""
    if graph.goes_on or options.time == "clip" or time_axis(model) is None:
        return {}
    try:
        per_frame(model)
    except NotAClipError as error:
        return {"whole_clip": str(error)}
    return {}


def _misfit(options: argparse.Namespace, needs: dict[str, int]) -> dict[str, Any]:
    """What takes the verdict's place where a budget is too small: which one, and the least that is enough.

    Of both it is the flash's, which no search for SRAM makes smaller.
    """
    for memory, budget in ((FLASH, options.flash), (SRAM, options.sram)):
        if budget is not None and needs[memory] > budget:
            words = {"memory": memory, "budget_bytes": budget, "smallest_budget_bytes": needs[memory]}
            return {"verdict": "does not fit", **words}
    return {}


def _enough(budget: int | None, need: int) -> int | None:
    return None if budget is None else max(budget, need)


def _misfit_text(value: dict[str, Any]) -> str:
    if value["verdict"] == "does not keep up":
        return f"does not keep up: {camera.camera_text(value['camera'])}"
    return _too_small(value)


def _too_small(value: dict[str, Any]) -> str:
    budget, least = f"{value['budget_bytes']:,}", f"{value['smallest_budget_bytes']:,}"
    if value["memory"] == FLASH:
        return f"does not fit {budget} bytes of flash: weights and parameters take {least}, and the build adds the code"
    return f"does not fit {budget} bytes: the least SRAM found is {least} bytes, needed at {value['peak'].get('label')}"


def _print(value: dict[str, Any], options: argparse.Namespace, written: list[Path]) -> None:
    if options.json:
        print(json.dumps(value, indent=1))
        return
    out = console(highlight=False)
    for note in value["notes"]:
        out.print(f"note: {note}", markup=False, soft_wrap=True)
    print_plan(out, value)
    if "state" in value:
        out.print(value["state"], markup=False, soft_wrap=True)
    if "whole_clip" in value:
        out.print(f"the whole clip at once, not frame by frame: {value['whole_clip']}", markup=False, soft_wrap=True)
    if "accounting" in value:
        print_accounting(out, value["accounting"])
    if "camera" in value:
        out.print(f"camera: {camera.camera_text(value['camera'])}", markup=False)
    print_report(out, value)
    if value["verdict"] in ("does not fit", "does not keep up"):
        out.print(f"{_misfit_text(value)}; no plan was written", markup=False)
    elif options.output and value["verdict"] == "proved":
        written = [options.output, *written]
    for path in written:
        out.print(f"wrote {path}", markup=False, soft_wrap=True)


def main() -> int:
    return cli.command(run)
