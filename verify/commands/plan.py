"""`python -m verify.plan MODEL.tflite`: searches a streaming plan, proves it, reports it, and writes it if proved."""

import argparse
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from verify import __version__
from verify.channels.reduced import reduced
from verify.clip import NotAClipError, by_call, per_frame, time_axis
from verify.commands import camera, cli, fronts, pages, proving, tflm_emit
from verify.graph.answers import answers_text
from verify.graph.early_exit import NoExitError, exit_first
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.graph.plan_json import plan_to_json
from verify.plan.bound import live_bytes_bound
from verify.plan.bursts import searched
from verify.plan.left_out import constant_channels
from verify.plan.request import OBJECTIVES, PUBLISHED, SCHEMES, WORTH, Patches, PlanningError, Request
from verify.plan.search import make_plan, trade
from verify.plan.uses import Uses
from verify.report.accounting import CONVENTIONS, accounting_value
from verify.report.page import Extras
from verify.report.summary import plan_value, report_value
from verify.report.tables import console, print_accounting, print_plan, print_report
from verify.targets.choice import kernels_of
from verify.targets.cost import instructions_of
from verify.targets.flash import constant_bytes
from verify.targets.registry import PORTABLE, target_named, targets
from verify.tflite.upright import upright

DESCRIPTION = """\
Plans an int8 .tflite for a microcontroller: which operators are fused and stream by rows or by rows and columns, how
much of each tensor is kept, and where every buffer lies. The plan is then proved by a separate checker, from the model
and the plan alone: every output is computed exactly once, nothing is read before it is written or after it is
overwritten, buffers do not collide, and the SRAM is enough. Only a proved plan is written."""
EPILOG = """\
exit codes: 0 proved, 1 does not fit a budget, 2 bad input, 3 refuted or unknown
example:    python -m verify.plan model.tflite --sram 128K -o plan.json
next:       python -m export model.tflite --plan plan.json -o generated/"""

SRAM, FLASH = "SRAM", "flash"


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = cli.Parser(
        "python -m verify.plan", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawTextHelpFormatter
    )
    cli.add_version(parser)
    parser.add_argument("model", type=Path, metavar="MODEL.tflite")
    parser.add_argument(
        "--sram", type=cli.size, metavar="SIZE", help="SRAM budget, such as 128K; without it: least SRAM"
    )
    parser.add_argument(
        "--max-macs",
        type=_ratio,
        metavar="1.1x",
        help="let auto compute rows again for less SRAM, up to so many times the model's layer-wise MACs; without it,\n"
        "up to these, where channels that no input changes are left out, and as far as --sram needs it",
    )
    parser.add_argument("--once", action="store_true", help="let auto compute nothing twice")
    parser.add_argument(
        "--pareto",
        action="store_true",
        help="plans of less and less SRAM for more and more MACs, every one proved; -o is then a folder for\n"
        "plan-1.json, plan-2.json, ...; --report and --plot show the plan of least SRAM, the page the others beside it",
    )
    parser.add_argument(
        "--flash",
        type=cli.size,
        metavar="SIZE",
        help="flash budget of weights and tables; kernels that store less are taken where the fastest ones miss it.\n"
        "The build adds the code",
    )
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
        metavar="SCHEME",
        help="auto          least SRAM, nothing computed twice; with --sram, fewest MACs that fit (default)\n"
        "stream        fused stages that stream by whole rows, nothing computed twice\n"
        "layer         one operator at a time, every tensor whole\n"
        "patch, patch-bypass   MCUNetV2: the first operators in patches, overlaps computed again\n"
        "stream-1d, stream-2d  StreamNet: overlaps kept down, or down and across\n"
        "streamnet     StreamNet's mixture of the two (--stream-x-level)",
    )
    parser.add_argument(
        "--target",
        choices=list(targets()),
        default=PORTABLE,
        metavar="TARGET",
        help="for which machine the kernels are chosen (default: portable)\n"
        + "\n".join(f"{name:<14} {target.about}" for name, target in targets().items()),
    )
    parser.add_argument(
        "--objective",
        choices=OBJECTIVES,
        default="sram",
        help="of the schemes auto and stream (default: sram)\n"
        "sram           the least SRAM\n"
        "instructions   the fewest instructions, as estimated from counts, that fit --sram; without it, the least\n"
        f"               SRAM that costs no more than {WORTH:g} times the fewest",
    )
    parser.add_argument(
        "--preferred-kernels",
        action="store_true",
        help="take no slower kernel of less working memory where that of an operator's first one sets the peak",
    )
    published = parser.add_argument_group(
        "published schemes", "what is left out, the scheme's own search chooses (by its paper's count of memory)"
    )
    published.add_argument("--n-patch", type=_positive, metavar="N", help="N x N patches of what the patch stage gives")
    published.add_argument("--split", type=_positive, metavar="K", help="run the first K operators by patches")
    published.add_argument(
        "--stream-x-level",
        type=_positive,
        metavar="L",
        help="streamnet: the last L operators before the split keep what neighbouring columns of patches share",
    )
    published.add_argument(
        "--patch-padding",
        choices=("exact", "paper"),
        default="exact",
        help="exact  every patch is clipped to the image (default)\n"
        "paper  claim that only the first and last patch pad, as published code does; the proof says where not",
    )
    parser.add_argument(
        "--keep-constant",
        action="store_true",
        help="compute every channel; without it, channels that hold one value for every input, and those that nothing\n"
        "reads, are left out (published schemes keep them)",
    )
    parser.add_argument(
        "--time",
        choices=("auto", "frame", "second", "clip"),
        default="auto",
        help="for models of clips, [time, height, width, channels] or [1, time, height, width, channels]\n"
        "  frame   the program of one frame, with what later frames need kept; its outputs are the clip's\n"
        "  second  the same of a model of [1, time, height, width], which by itself looks like an image\n"
        "  clip    the whole clip at once, as the model stands\n"
        "  auto    frame where the model has such a program (default), else a line that says why not",
    )
    parser.add_argument("--time-step", type=int, default=1, metavar="N", help="give a result at every N-th frame only")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--subgraph",
        type=int,
        default=0,
        metavar="N",
        help="of a file of several networks, take this one (default: 0, which TFLM runs); the plan says which",
    )
    which.add_argument("--signature", metavar="NAME", help="the same, by the name of its signature")
    parser.add_argument(
        "--accounting",
        choices=("device", *CONVENTIONS),
        default="device",
        help="print the plan's SRAM also as a paper counts it\n"
        "device     all of the SRAM and nothing else (default)\n"
        "streamnet  the input image, stack and state left out\n"
        "msf-cnn    the network's input and final output, stack, state and scratch left out",
    )
    parser.add_argument(
        "--early-exit",
        type=int,
        metavar="K",
        help="compute output K (from 0) before what only other outputs need, so that\n"
        "the rest can be left out (python -m export --early-exit K)",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="PLAN.json",
        help="write the plan here if it is proved; with --pareto, a folder for those that are",
    )
    parser.add_argument(
        "--emit-tflm",
        type=Path,
        metavar="OUT.tflite",
        help="do something else: plan the arena for TensorFlow Lite Micro, which runs one operator after the other,\n"
        "prove that, and write the model with the plan in its metadata, which TFLM then follows; goes with --sram",
    )
    pages.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    camera.add_arguments(parser)
    proving.add_options(parser)
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _ratio(text: str) -> float:
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,6})?)x?", text)
    if not match or float(match[1]) < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a multiple of the layer-wise MACs, 1.1x or 1.1, from 1 to 999"
        )
    return float(match[1])


def _patches(options: argparse.Namespace) -> Patches:
    """What the command line says of the published schemes."""
    if options.scheme not in PUBLISHED and (options.n_patch or options.split or options.patch_padding != "exact"):
        raise cli.InputError(f"--n-patch, --split and --patch-padding go with a published scheme, not {options.scheme}")
    if options.stream_x_level and options.scheme != "streamnet":
        raise cli.InputError(f"--stream-x-level goes with --scheme streamnet, not {options.scheme}")
    return Patches(options.n_patch, options.split, options.stream_x_level, options.patch_padding == "paper")


def _request(options: argparse.Namespace, cut: int, sram: int | None) -> Request:
    return Request(
        scheme=options.scheme,
        mode=options.input,
        sram=sram,
        flash=options.flash,
        time_step=options.time_step,
        max_macs=options.max_macs,
        once=options.once,
        patches=_patches(options),
        cut=cut,
        target=options.target,
        objective=options.objective,
        preferred=options.preferred_kernels,
    )


def run(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    if options.emit_tflm is not None:
        _require_only_tflm(options)
        return tflm_emit.run(options, options.emit_tflm)
    points = pages.check_arguments(options)
    _check_search(options)
    camera.check_options(options)
    if not options.pareto:  # else -o is a folder
        cli.check_targets(options.output)
    start = time.monotonic()
    model = cli.load_model(options.model, options.subgraph if options.signature is None else options.signature)
    if options.pareto:
        return fronts.run(
            options, model, _network(model, options), points, pages.command_line("verify.plan", arguments)
        )
    graph, cut = _with_exit(_network(model, options), options)
    with cli.progress("searching") as progress:
        graph, plan, bounds = _better(graph, options, cut, progress)
    if options.sram is not None and plan.sram_bytes > options.sram:
        graph, plan, bounds = _search(graph, options, cut, plan.sram_bytes)
    feed: dict[str, Any] = {}
    if options.camera is not None:
        graph, plan, bounds, feed = _in_time(graph, options, cut, plan, bounds)
    needs = {SRAM: plan.sram_bytes, FLASH: constant_bytes(graph, kernels_of(graph, plan))}
    misfit = _misfit(options, needs)
    # What is reported as the least budget is proved all the same.
    sram, flash = _enough(options.sram, needs[SRAM]), _enough(options.flash, needs[FLASH])
    plan = replace(plan, sram_budget=sram, flash_budget=flash)
    with cli.progress("proving") as progress:
        report, proved = proving.prove(graph, plan, options, progress)
    value: dict[str, Any] = (
        {"notes": list(model.notes)}
        | _value(model, graph, plan, options.accounting)
        | _whole_clip(model, graph, options)
        | bounds
        | report_value(report)
        | {"seconds": round(time.monotonic() - start, 3)}
    )
    if feed and not feed["camera"]["held"]:
        misfit = misfit or {"verdict": "does not keep up"}
    value |= feed | misfit
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


def _check_search(options: argparse.Namespace) -> None:
    """Refuses options of the search that do not go together."""
    if options.scheme != "auto" and (options.pareto or options.max_macs or options.once):
        raise cli.InputError(f"--pareto, --max-macs and --once are for --scheme auto, not for {options.scheme}")
    if options.once and (options.max_macs or options.pareto):
        raise cli.InputError("--once computes nothing twice; --max-macs and --pareto ask for the opposite")
    alone = {"--sram": options.sram, "--max-macs": options.max_macs, "--flash": options.flash}
    alone |= {"--early-exit": options.early_exit, "--certificate": options.certificate}
    alone["--accounting"] = None if options.accounting == "device" else options.accounting
    if options.pareto and (given := [flag for flag, value in alone.items() if value is not None]):
        raise cli.InputError(f"--pareto gives every plan of the front; {', '.join(given)} is for a single one")


def _require_only_tflm(options: argparse.Namespace) -> None:
    chosen = (options.scheme, options.input, options.time, options.time_step, options.flash, options.output)
    other = options.accounting != "device" or options.pareto or options.max_macs or options.once
    if chosen != ("auto", InputMode.ROWS, "auto", 1, None, None) or other:
        raise cli.InputError("--emit-tflm is a plan of its own; of the other options only --sram and --json go with it")
    proving.refuse_certificate(options)


def _network(model: Graph, options: argparse.Namespace) -> Graph:
    """What is planned: the model's program without the channels that need not be computed."""
    return _network_of(_program(model, options), options)


def _network_of(program: Graph, options: argparse.Namespace) -> Graph:
    keep = options.keep_constant or options.scheme in PUBLISHED
    by = target_named(options.target).channels
    return program if keep else reduced(program, constant_channels(program, by))


def _program(model: Graph, options: argparse.Namespace) -> Graph:
    """The model itself, or the program of one frame where that is asked for, or possible and not declined."""
    if options.time_step < 1:
        raise cli.InputError(f"--time-step {options.time_step} must be at least 1")
    if model.stateful:
        return _of_one_call(model, options)
    if options.time != "clip":
        try:
            return per_frame(model, _second_extent(model) if options.time == "second" else None)
        except NotAClipError as error:
            if options.time in ("frame", "second"):
                raise cli.InputError(f"{options.model.name} has no program per frame: {error}") from None
    if options.time_step > 1:
        raise cli.InputError("--time-step is for models of clips that run frame by frame")
    return model


def _of_one_call(model: Graph, options: argparse.Namespace) -> Graph:
    """The program of one call, which is all that a model with states has."""
    if options.time in ("frame", "second"):
        raise cli.InputError(f"{model.name} has states of its own; --time is for models of whole clips")
    try:
        return by_call(model)
    except NotAClipError as error:
        raise cli.InputError(f"{model.name}: {error}") from None


def _second_extent(model: Graph) -> int | None:
    """The inputs' extent along their second axis, if all have the same."""
    extents = {shape[1] if len(shape) > 2 else 0 for shape in model.input_shapes}
    return extents.pop() or None if len(extents) == 1 else None


def _with_exit(graph: Graph, options: argparse.Namespace) -> tuple[Graph, int]:
    """The network in the order in which it is planned, and after how many nodes a stage has to end; 0 for no matter."""
    if options.early_exit is None:
        return graph, 0
    try:
        return exit_first(graph, options.early_exit)
    except NoExitError as error:
        raise cli.InputError(f"--early-exit {options.early_exit}: {error}") from None


def _search(
    graph: Graph,
    options: argparse.Namespace,
    cut: int,
    sram: int | None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Graph, Plan, dict[str, int | None]]:
    """The plan, and the network that it is for; what no other placement of its buffers goes below, where that has been
    looked for; and for a plan of the least SRAM without recomputation, what no other one of its space goes below."""
    try:
        search, plan = searched(graph, _request(options, cut, sram), progress)
    except PlanningError as error:
        raise cli.InputError(str(error)) from None
    least = sram is None and not cut and plan.scheme == options.scheme
    space = search.bound() if least else None
    if space is not None and plan.arena_bytes < space:  # several rows at a time took less, which it is not over
        space = None
    return (
        search.uses.graph,
        plan,
        {"placement_bound_bytes": search.maker.least_arena(plan), "space_bound_bytes": space},
    )


def _better(
    graph: Graph, options: argparse.Namespace, cut: int, progress: Callable[[int, int], None]
) -> tuple[Graph, Plan, dict[str, int | None]]:
    """The plan of the network, or of the same network with its signals along width upright, and of which.

    Where both fit a budget it is that of fewer instructions, else that of less SRAM; with the objective of instructions
    and no budget, the upright one only where it costs no more of them.
    """
    lying = _search(graph, options, cut, options.sram, progress)
    turned = upright(graph.whole or graph)
    if not turned.upright or cut or options.scheme not in ("auto", "stream"):
        return lying
    other = _network_of(turned, options)
    standing = _search(other, options, cut, options.sram)
    instructions = [instructions_of(g, plan, kernels_of(g, plan)) or 0 for g, plan, _ in (lying, standing)]
    if options.sram is not None and max(lying[1].sram_bytes, standing[1].sram_bytes) <= options.sram:
        return standing if instructions[1] < instructions[0] else lying
    if options.sram is None and options.objective == "instructions" and instructions[1] > instructions[0]:
        return lying
    return standing if standing[1].sram_bytes < lying[1].sram_bytes else lying


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


def _in_time(
    graph: Graph, options: argparse.Namespace, cut: int, plan: Plan, bounds: dict[str, int | None]
) -> tuple[Graph, Plan, dict[str, int | None], dict[str, Any]]:
    """The plan with its camera, and the network that it is for; another one, where this one does not keep up or leaves
    no room for the FIFO."""
    wanted = camera.asked(options)
    fed, feed = camera.with_camera(graph, plan, wanted)
    if not feed.held and options.scheme in ("auto", "stream") and not cut:
        others = [other for other in trade(graph, _request(options, cut, None)) if camera.takes_rows(other)]
        fast = [camera.with_camera(graph, other, wanted) for other in others]
        if kept := [(other, own) for other, own in fast if own.held]:
            least, own = min(kept, key=lambda pair: pair[0].sram_bytes)
            return graph, least, {}, camera.camera_value(least, own)
    if options.sram is not None and fed.sram_bytes > options.sram >= plan.sram_bytes:
        other, smaller, of_it = _search(graph, options, cut, options.sram - fed.fifo_bytes)
        if camera.takes_rows(smaller):
            again, rest = camera.with_camera(other, smaller, wanted)
            if again.sram_bytes < fed.sram_bytes:
                graph, fed, feed, bounds = other, again, rest, of_it
    return graph, fed, bounds, camera.camera_value(fed, feed)


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
