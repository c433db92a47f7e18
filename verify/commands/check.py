"""`python -m verify.check MODEL.tflite PLAN.json`: proves or refutes somebody's plan, from these two files alone.

With `--tflm` in place of the plan file: the arena plan for TensorFlow Lite Micro that the model itself brings.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from verify import __version__
from verify.commands import cli, pages, proving, tflm_check
from verify.commands.planned import as_read
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.graph.plan_json import PlanError, plan_from_json
from verify.graph.tensor import DType
from verify.proof.evaluate import evaluate, evaluate_calls, evaluate_stream
from verify.proof.for_all import Theorems, for_all
from verify.proof.replay import ReplayError, replay_frames
from verify.report.figures import figures_value
from verify.report.for_all import for_all_value, print_for_all
from verify.report.page import Extras
from verify.report.summary import report_value
from verify.report.tables import console, print_report
from verify.targets.choice import with_kernels
from verify.targets.target import NoKernelError

DESCRIPTION = """\
Checks a plan against its model. Nothing in the plan is believed: sizes, lifetimes and counts are derived again. Each
claim is split into obligations that a solver decides; a refuted claim comes with the smallest counterexample found."""
EPILOG = "exit codes: 0 proved, 2 bad input, 3 refuted or unknown"


GARBAGE = (1, 2)
"""Seeds of what memory is full of in a replay."""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = cli.Parser(
        "python -m verify.check", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawTextHelpFormatter
    )
    cli.add_version(parser)
    parser.add_argument("model", type=Path, metavar="MODEL.tflite", help="the model that the plan is for")
    parser.add_argument(
        "plan", type=Path, metavar="PLAN.json", nargs="?", help="the plan that python -m verify.plan -o wrote"
    )
    parser.add_argument(
        "--tflm",
        action="store_true",
        help="in place of PLAN.json: check the arena plan in the model's own metadata (OfflineMemoryAllocation),\n"
        "by which TensorFlow Lite Micro runs it",
    )
    parser.add_argument(
        "--sram", type=cli.size, metavar="SIZE", help="with --tflm: what the tensors have to fit, as 128K"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    proving.add_options(parser)
    parser.add_argument(
        "--replay",
        action="store_true",
        help="also run the plan on reference kernels over memory full of garbage (no solver),\n"
        "and compare the outputs with the whole model's",
    )
    parser.add_argument(
        "--for-all",
        action="store_true",
        help="also prove each stage for all heights, widths and clip lengths (C1-C3, C7, C8), say in a sentence what\n"
        "was proved, and give the SRAM as a formula",
    )
    pages.add_arguments(parser)
    return parser.parse_args(arguments)


def load_plan(path: Path, model: Path) -> tuple[Graph, Graph, Plan]:
    """The model of a file, of several subgraphs the one that the plan names; what the plan is about (the model, or its
    program of one frame), and the plan.

    Files of version 2 name no kernels; the target's preferred ones are filled in.

    Raises:
      InputError: a file is none, the model has no program of one frame, or the target no kernel for an operator.
    """
    try:
        plan = plan_from_json(cli.read_file(path).decode())
        whole = as_read(cli.load_model(model, plan.subgraph), plan)
        graph = cli.program_of(whole, plan)
        return whole, graph, with_kernels(graph, plan)
    except (PlanError, UnicodeDecodeError, NoKernelError) as error:
        raise cli.InputError(f"{path.name}: {error}") from None


def run(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    _require_one_plan(options)
    if options.tflm:
        return tflm_check.run(options)
    points = pages.check_arguments(options)
    model, graph, plan = load_plan(options.plan, options.model)
    with cli.progress("proving") as progress:
        report, proved = proving.prove(graph, plan, options, progress)
    value = report_value(report)
    count = proving.certify(options, proved) if proved else 0
    theorems = _theorems(graph, plan, options) if options.for_all and proved else None
    if theorems:
        value["for_all"] = for_all_value(theorems)
    if options.replay:
        value["replay"] = replay_verdict(model, graph, plan)
    if options.json and proved:  # of others, ticks may be too many to count
        value |= figures_value(graph, plan)
    extras = Extras(pages.command_line("verify.check", arguments), __version__, points=points)
    if options.replay:
        extras = replace(extras, explanation=f"Replay over garbage: {value['replay']}.")
    written = pages.write(options, graph, plan, report, extras)
    if options.json:
        print(json.dumps(value, indent=1))
    else:
        out = console(highlight=False)
        print_report(out, value)
        if theorems:
            print_for_all(out, value["for_all"])
        if options.replay:
            out.print(f"replay over garbage: {value['replay']}", markup=False)
        if count:
            out.print(f"wrote {options.certificate} ({count} files)", markup=False, soft_wrap=True)
        for path in written:
            out.print(f"wrote {path}", markup=False, soft_wrap=True)
    agreed = value.get("replay", "equal") == "equal" and (theorems is None or theorems.proved)
    return cli.PROVED if proved and agreed else cli.NOT_PROVED


def _theorems(graph: Graph, plan: Plan, options: argparse.Namespace) -> Theorems:
    with cli.progress("proving for all sizes") as progress:
        return for_all(graph, plan, proving.milliseconds(options), progress, options.solver)


def _require_one_plan(options: argparse.Namespace) -> None:
    if (options.plan is None) != options.tflm:
        raise cli.InputError("give either PLAN.json, or --tflm for the plan in the model's metadata")
    if options.tflm and (options.replay or options.for_all):
        raise cli.InputError("--replay and --for-all are about plans of ours; there is none with --tflm")
    if options.tflm:
        proving.refuse_certificate(options)
    if options.sram is not None and not options.tflm:
        raise cli.InputError("--sram goes with --tflm; a PLAN.json states its own budget")


def replay_verdict(model: Graph, graph: Graph, plan: Plan, seed: int = 0) -> str:
    """Says "equal", or how the plan's outputs over garbage differ from the model's on seeded random input.

    `graph` is what the plan is about: `model`, or its program of one frame, which is then run over a clip.
    """
    if graph.clip_frames > 1:
        return _replay_of_frames(model, graph, plan, seed)
    if graph.goes_on:
        return _replay_of_calls(model, graph, plan, seed)
    inputs = random_inputs(model, seed)
    expected = evaluate(model, inputs)
    try:
        runs = [replay_frames(graph, plan, [inputs], garbage)[0] for garbage in GARBAGE]
    except ReplayError as error:
        return f"cannot run: {error}"
    return _compared([pair for run in runs for pair in zip(run, expected, strict=True)])


def _replay_of_frames(model: Graph, graph: Graph, plan: Plan, seed: int) -> str:
    """The same for the program of one frame: every result of a clip that C8 says it has, of one frame more than one."""
    count = graph.clip_frames + 1
    stream = random_inputs(model, seed, [(count, *shape) for shape in graph.input_shapes])
    try:
        runs = [replay_frames(graph, plan, list(zip(*stream, strict=True)), garbage) for garbage in GARBAGE]
    except ReplayError as error:
        return f"cannot run: {error}"
    pairs = [
        (found, expected)
        for frame, results in evaluate_stream(model, graph, stream, plan.time_step)
        for run in runs
        for found, expected in zip(run[frame], results, strict=True)
    ]
    return _compared(pairs)


def _replay_of_calls(model: Graph, graph: Graph, plan: Plan, seed: int) -> str:
    """The same for the program of one call: a few calls one after the other, until what is kept has been replaced."""
    count = 2 + max(graph.kept_frames(tensor) for tensor in graph.tensors)
    calls = [random_inputs(model, seed + call) for call in range(count)]
    expected = list(evaluate_calls(model, calls))
    try:
        runs = [replay_frames(graph, plan, calls, garbage) for garbage in GARBAGE]
    except ReplayError as error:
        return f"cannot run: {error}"
    wanted = [call for call in range(count) if call % plan.time_step == 0]
    return _compared([pair for run in runs for call in wanted for pair in zip(run[call], expected[call], strict=True)])


def _compared(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> str:
    if not pairs:
        return "no frame has a clip's result"
    wrong = sum(int(np.sum(found.ravel() != expected.ravel())) for found, expected in pairs)
    return "equal" if wrong == 0 else f"{wrong} output elements differ"


def random_inputs(graph: Graph, seed: int, shapes: Sequence[tuple[int, ...]] | None = None) -> list[np.ndarray]:
    """Seeded inputs in the model's declared shapes, or these: all codes of integer types, standard normal floats."""
    rng = np.random.default_rng(seed)
    arrays = []
    for tensor, shape in zip(graph.inputs, shapes or graph.input_shapes, strict=True):
        dtype = graph.tensors[tensor].dtype
        if dtype is DType.BOOL:
            arrays.append(rng.integers(0, 1, shape, endpoint=True).astype(bool))
        elif dtype is DType.FLOAT32:
            arrays.append(rng.standard_normal(shape).astype(np.float32))
        else:
            info = np.iinfo(dtype.numpy)
            arrays.append(rng.integers(info.min, info.max, shape, dtype.numpy, endpoint=True))
    return arrays


def main() -> int:
    return cli.command(run)
