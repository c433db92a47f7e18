"""`python -m verify.plan MODEL.tflite`: searches a streaming plan, proves it, reports it, and writes it if proved."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from verify import cli, proving
from verify.clip import NotAClipError, per_frame
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.graph.plan_json import plan_to_json
from verify.plan.bound import live_bytes_bound
from verify.plan.search import SCHEMES, PlanningError, make_plan
from verify.plan.stages import Uses
from verify.report.summary import plan_value, report_value
from verify.report.tables import console, print_plan, print_report

DESCRIPTION = """\
Plans an int8 .tflite for a microcontroller: which operators are fused and stream by rows, how many rows of each
tensor are kept, and where every buffer lies. The plan is then proved by a separate checker, from the model and the
plan alone: every output is computed exactly once, nothing is read before it is written or after it is overwritten,
buffers do not collide, and the SRAM is enough. Only a proved plan is written."""
EPILOG = """\
exit codes: 0 proved, 1 does not fit, 2 bad input, 3 refuted or unknown
example:    python -m verify.plan model.tflite --sram 128K -o plan.json
next:       python -m export model.tflite --plan plan.json -o generated/"""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m verify.plan", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("model", type=Path, metavar="MODEL.tflite")
    parser.add_argument(
        "--sram", type=cli.size, metavar="SIZE", help="SRAM budget, such as 128K; without it: least SRAM"
    )
    parser.add_argument("--flash", type=cli.size, metavar="SIZE", help="flash budget for the weights")
    parser.add_argument(
        "--input",
        type=InputMode,
        default=InputMode.ROWS,
        choices=list(InputMode),
        metavar="{whole,rows,patches}",
        help="how the network's input arrives (default: rows)\n"
        "  whole    the frame stands in the arena\n"
        "  rows     a camera's rows, pushed one by one; only those still needed are kept\n"
        "  patches  the frame stays in the caller's memory, which can be read again and is not counted",
    )
    parser.add_argument(
        "--scheme",
        choices=SCHEMES,
        default="auto",
        help="layer   one operator at a time, every tensor whole\n"
        "stream  fused stages that stream by rows, nothing computed twice\n"
        "auto    whichever needs less SRAM (default)",
    )
    parser.add_argument(
        "--time",
        choices=("auto", "frame", "clip"),
        default="auto",
        help="for models of clips [time, height, width, channels]\n"
        "  frame   the program of one frame, with what later frames need kept; its outputs are the clip's\n"
        "  clip    the whole clip at once, as the model stands\n"
        "  auto    frame where the model has such a program (default)",
    )
    parser.add_argument("--time-step", type=int, default=1, metavar="N", help="give a result at every N-th frame only")
    parser.add_argument("-o", "--output", type=Path, metavar="PLAN.json", help="write the plan here if it is proved")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    proving.add_options(parser)
    return parser.parse_args(arguments)


def run(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    start = time.monotonic()
    model = cli.load_model(options.model)
    graph = _program(model, options)
    with cli.progress("searching") as progress:
        plan = _search(graph, options, options.sram, progress)
    too_small = options.sram is not None and plan.sram_bytes > options.sram
    if too_small:  # what is reported as the least budget is proved all the same
        plan = _search(graph, options, plan.sram_bytes)
    with cli.progress("proving") as progress:
        report, proved = proving.prove(graph, plan, options, progress)
    value = _value(model, graph, plan) | report_value(report) | {"seconds": round(time.monotonic() - start, 3)}
    if too_small:
        value |= {"verdict": "does not fit", "budget_bytes": options.sram, "smallest_budget_bytes": plan.sram_bytes}
    elif proved:
        proving.certify(options, proved)
        if options.output:
            cli.write_beside(options.output, plan_to_json(plan))
    _print(value, options)
    if too_small:
        return cli.DOES_NOT_FIT
    return cli.PROVED if proved else cli.NOT_PROVED


def _program(model: Graph, options: argparse.Namespace) -> Graph:
    """The model itself, or the program of one frame where that is asked for, or possible and not declined."""
    if options.time_step < 1:
        raise cli.InputError(f"--time-step {options.time_step} must be at least 1")
    if options.time != "clip":
        try:
            return per_frame(model)
        except NotAClipError as error:
            if options.time == "frame":
                raise cli.InputError(f"{options.model.name} has no program per frame: {error}") from None
    if options.time_step > 1:
        raise cli.InputError("--time-step is for models of clips that run frame by frame")
    return model


def _search(
    graph: Graph,
    options: argparse.Namespace,
    sram: int | None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Plan:
    try:
        return make_plan(graph, options.scheme, options.input, sram, options.flash, progress, options.time_step)
    except PlanningError as error:
        raise cli.InputError(f"--input {options.input.value}: {error}") from None


def _value(model: Graph, graph: Graph, plan: Plan) -> dict[str, Any]:
    layer = make_plan(model, "layer", InputMode.WHOLE)
    value = plan_value(graph, plan) | {
        "layerwise_bytes": layer.sram_bytes,
        "lower_bound_bytes": live_bytes_bound(Uses(graph), plan),
    }
    if graph is not model:  # the program that computes a whole clip each time, for comparison
        clip = make_plan(model, plan.scheme, InputMode.WHOLE)
        value["clip"] = {"sram_bytes": clip.sram_bytes, "macs": sum(node.macs for node in model.nodes)}
    return value


def _print(value: dict[str, Any], options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(value, indent=1))
        return
    out = console(highlight=False)
    print_plan(out, value)
    print_report(out, value)
    if value["verdict"] == "does not fit":
        out.print(
            f"does not fit {value['budget_bytes']:,} bytes: the least SRAM found is {value['smallest_budget_bytes']:,} "
            f"bytes, needed at {value['peak'].get('label')}; nothing was written",
            markup=False,
        )
    elif options.output and value["verdict"] == "proved":
        out.print(f"wrote {options.output}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(cli.guarded(run))
