"""Command line behind embedded/Makefile: `python -m embedded.tools run|build|sizes`, see `make help`. And
`python -m embedded.tools serial`, which has arguments of its own (embedded.tools.serial_test).

Exit status: 0 fine, 1 the firmware breaks what the plan proved, 2 it could not be built or run; a planner or exporter
that refuses passes its own status on. With --json, what is wrong is an object on standard output, too:
{"error": {"kind": ..., "message": ..., "exit_code": ...}} as of verify.commands.errors, with the kinds "firmware" and
"plan" beside those.
"""

import argparse
import dataclasses
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from embedded.tools import serial_test
from embedded.tools.board import EMBEDDED, FirmwareError, check_tools, load_board
from embedded.tools.clips import as_results, compared_with, read_samples, usual_samples
from embedded.tools.figures import Built
from embedded.tools.firmware import (
    BUILD,
    OPTIMISATION,
    TIMEOUT_S,
    Firmware,
    build,
    build_library,
    kernel_objects,
    locked,
    run,
)
from embedded.tools.report import built_text, result_text
from embedded.tools.samples import check_output_path, random_inputs, read_inputs, write_outputs
from embedded.tools.signature import Signature, signature_of
from embedded.tools.sizes import kernel_sizes, sizes_text
from verify import __version__
from verify.commands import errors
from verify.commands.planned import as_planned, as_read
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.graph.plan_json import plan_from_json
from verify.ops.readout import NoReadoutError, without_readout
from verify.targets.choice import kernels_of, with_kernels
from verify.targets.cost import instructions_of
from verify.tflite.read import read_model


def main() -> int:
    return errors.command(run_command)


def run_command(arguments: list[str]) -> int:
    if arguments[:1] == ["serial"]:
        return serial_test.run(arguments[1:])
    options = parse_arguments(arguments)
    try:
        return commands()[options.command](options)
    except FirmwareError as error:
        message, _, details = str(error).partition("\n")
        if options.json:
            raise BuildError(str(error)) from None
        if details:  # what a compiler or a program printed
            print(details, file=sys.stderr)
        raise BuildError(message) from None
    except StepError as error:
        if options.json:
            raise
        return error.exit_code  # in words, the planner or the exporter has said why


def commands() -> dict[str, Callable[[argparse.Namespace], int]]:
    """What each word does."""
    return {"run": command_run, "build": command_build, "sizes": command_sizes, "project": command_project}


class BuildError(errors.InputError):
    """The firmware could not be built or run."""

    kind = "firmware"


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = errors.Parser(prog="python -m embedded.tools", description=__doc__)
    parser.add_argument("--version", action="version", version=f"stjax {__version__}")
    parser.add_argument("command", choices=["run", "build", "sizes", "project"])
    parser.add_argument("--board", default="host")
    parser.add_argument("--opt", default=OPTIMISATION, help="optimisation option of the compiler")
    parser.add_argument("--base", type=Path, default=Path(), help="folder that relative paths start from")
    parser.add_argument("--model", type=Path, help=".tflite")
    parser.add_argument("--sram", help="budget for the planner, such as 128K")
    parser.add_argument("--flash", help="budget for the planner, which this build compares with weights and code")
    parser.add_argument("--scheme", help="for the planner: layer, stream or auto")
    parser.add_argument("--target", help="for the planner: whose kernels; the board's own if nothing is said")
    parser.add_argument("--objective", help="for the planner: sram or instructions")
    parser.add_argument("--feed", help="for the planner: how the input arrives, rows, patches or whole")
    parser.add_argument("--learn", help="for the planner: a head that learns, and its options")
    parser.add_argument("--plan", type=Path, help="use this plan instead of searching for one")
    parser.add_argument("--gen", type=Path, help="use this generated model instead of exporting one")
    parser.add_argument("--input", type=Path, help=".npz with in0, in1, ...; random samples without it")
    parser.add_argument("--output", type=Path, help=".npz to write")
    parser.add_argument("--samples", type=int, help="number of random samples; 1, or one frame more than a clip has")
    parser.add_argument("--kind", default="make", help="of the project, as --project of python -m export has it")
    parser.add_argument("--seed", type=int, default=0, help="of the random samples")
    parser.add_argument("--stream", action="store_true", help="samples are consecutive frames of one stream")
    parser.add_argument("--compare", action="store_true", help="compare outputs with the reference, in Python")
    parser.add_argument("--sanitize", action="store_true")
    parser.add_argument("--profile", action="store_true", help="instructions per function")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--timeout", type=float, default=TIMEOUT_S, help="seconds that the run may take")
    options = parser.parse_args(arguments)
    for name in ("model", "plan", "gen", "input", "output"):
        if (path := getattr(options, name)) is not None:
            setattr(options, name, options.base / path)
    return options


def command_sizes(options: argparse.Namespace) -> int:
    board = load_board(options.board)
    check_tools(board, running=False)
    kernels = kernel_sizes(board, kernel_objects(build_library(board, options.opt)))
    print(json.dumps([dataclasses.asdict(kernel) for kernel in kernels]) if options.json else sizes_text(kernels))
    return 0


def command_build(options: argparse.Namespace) -> int:
    firmware = firmware_of(options, model_signature(options))
    built, about = firmware.figures, describe(options, firmware)
    if options.json:
        print(json.dumps({**about, "image": str(firmware.elf), **built.as_dict()}))
    else:
        print(f"{built_text(built, about)}\n\n{firmware.elf}")
    return verdict(built)


def command_run(options: argparse.Namespace) -> int:
    check_tools(load_board(options.board))
    if options.output is not None:
        check_output_path(options.output)
    # Wrong inputs are found before the search for a plan, if the model's shapes are known by then.
    model = model_of(options)
    program = None if model is None else program_of(model, options.plan)
    inputs, clips = (
        read_samples(options.input, model, program) if options.input and model and program else (None, False)
    )
    firmware = firmware_of(options, None if program is None else signature_of(program))
    if inputs is None:
        specs = firmware.signature.inputs
        count = usual_samples(program) if options.samples is None else options.samples
        inputs = read_inputs(options.input, specs) if options.input else random_inputs(specs, count, options.seed)
    result = run(firmware, inputs, options.stream, options.profile, options.timeout, clips)
    about = describe(options, firmware) | {"samples": len(inputs[0])}
    wrong = compare(options, model, program, inputs, result.outputs, clips, about) if options.compare else 0
    print(json.dumps({**about, **result.as_dict()}) if options.json else result_text(result, about))
    if options.output is not None:
        outputs = result.outputs if program is None else as_results(result.outputs, program, clips)
        write_outputs(options.output, outputs)
    if wrong:
        print(f"error: {wrong:,} elements of the outputs differ from the reference", file=sys.stderr)
    return 1 if wrong else verdict(result)


def command_project(options: argparse.Namespace) -> int:
    """Plans, if no plan is given, and exports a project for a board's tools into the folder `output`."""
    if options.model is None or options.output is None:
        raise FirmwareError("a project needs MODEL=model.tflite and OUTPUT=folder")
    model_of(options)
    work = work_dir(options)
    with locked(work / "lock"):
        if options.plan is None:
            make_plan(options, plan_path(options))
        plan = ("--plan", str(plan_path(options).resolve()))
        places = ("--project", options.kind, "-o", str(options.output.resolve()))
        call_module("export", str(options.model.resolve()), *plan, *places, as_json=options.json)
    if options.json:
        print(json.dumps({"project": options.kind, "folder": str(options.output), "plan": str(plan_path(options))}))
    return 0


def compare(
    options: argparse.Namespace,
    model: Graph | None,
    program: Graph | None,
    inputs: list[np.ndarray],
    outputs: list[np.ndarray],
    clips: bool,
    about: dict[str, str | int],
) -> int:
    """Says in `about` how the outputs compare with the reference's; returns how many elements differ."""
    if model is None or program is None:
        raise FirmwareError("COMPARE=1 needs MODEL: what is generated has no reference")
    step = plan_from_json(plan_path(options).read_text()).time_step
    found = compared_with(model, program, inputs, outputs, clips, step)
    said = f"{found.different} elements of {found.results} results differ" if found.different else "equal"
    about |= {"results_compared": found.results, "reference": said}
    return found.different


def verdict(built: Built) -> int:
    """Says where an image breaks what the plan proved; returns the exit status."""
    for problem in built.problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if built.problems else 0


def describe(options: argparse.Namespace, firmware: Firmware) -> dict[str, str | int]:
    """What was built. A plan is named by the hash of its file."""
    about: dict[str, str | int] = {"model": str(options.model.stem if options.model else options.gen)}
    if options.gen is None:
        plan = plan_from_json(plan_path(options).read_text())
        about |= {"scheme": plan.scheme, "target": plan.target, "plan_sha256": sha256(plan_path(options))}
        if (estimate := estimated(options, plan)) is not None:
            about["instructions_estimated"] = estimate
    board = firmware.board
    return about | {"board": board.name, "title": board.title, "options": options.opt}


def estimated(options: argparse.Namespace, plan: Plan) -> int | None:
    """Instructions of an inference as the planner sees them."""
    model = as_read(read_model(options.model.read_bytes(), options.model.stem, plan.subgraph), plan)
    graph = as_planned(program_of(model, plan_path(options)), plan)
    plan = with_kernels(graph, plan)
    return instructions_of(graph, plan, kernels_of(graph, plan))


def model_signature(options: argparse.Namespace) -> Signature | None:
    """Shapes and types of what is built, read from the model's file; None when a generated model stands in for it."""
    model = model_of(options)
    return None if model is None else signature_of(program_of(model, options.plan))


def model_of(options: argparse.Namespace) -> Graph | None:
    """The model in its file; None when a generated one stands in for it."""
    if options.gen is not None:
        return None
    if options.model is None:
        raise FirmwareError("which model? Give MODEL=<path of a .tflite>, or GEN=<folder of a generated model>")
    if not options.model.is_file():
        raise FirmwareError(f"model {options.model} does not exist")
    from verify.tflite.errors import ModelError

    plan = plan_of(options.plan)
    try:
        model = read_model(options.model.read_bytes(), options.model.stem, 0 if plan is None else plan.subgraph)
        return without_readout(model) if options.learn or (plan and plan.learning) else model
    except ModelError as error:
        raise FirmwareError(str(error)) from None
    except NoReadoutError as error:
        raise FirmwareError(f"no head can learn: {options.model.name}: {error}") from None


def plan_of(path: Path | None) -> Plan | None:
    """The plan of a file; None without one, and of what is none: others judge that."""
    from verify.graph.plan_json import PlanError

    try:
        return None if path is None else plan_from_json(path.read_text())
    except (OSError, PlanError, UnicodeDecodeError):
        return None


def program_of(model: Graph, plan: Path | None) -> Graph:
    """What is built of a model of clips: what the plan is about, and without a plan what the planner will choose, the
    program of one frame where the model has one."""
    from verify.clip import NotAClipError, by_call, per_frame
    from verify.graph.plan_json import PlanError

    try:
        frames = None if plan is None else plan_from_json(plan.read_text()).clip_frames
        return by_call(model) if model.stateful or frames == 1 else per_frame(model, frames)
    except OSError as error:
        raise FirmwareError(f"plan {plan}: {error.strerror or error}") from None
    except (PlanError, NotAClipError, UnicodeDecodeError):
        return model  # a plan that is none, or is for another model, is the exporter's to refuse


def firmware_of(options: argparse.Namespace, signature: Signature | None) -> Firmware:
    """Plans and exports as far as asked, and builds."""
    variant = f"{options.board}-{options.opt.removeprefix('-')}{'-sanitize' if options.sanitize else ''}"
    if options.gen is not None:
        key = hashlib.sha256(str(options.gen.resolve()).encode()).hexdigest()[:12]
        return build(options.gen, options.board, BUILD / "gen" / key / variant, options.sanitize, options.opt)
    work = work_dir(options)
    with locked(work / "lock"):
        if options.plan is None:
            make_plan(options, plan_path(options))
        export(options.model, plan_path(options), work / "gen", options.json)
        return build(work / "gen", options.board, work / variant, options.sanitize, options.opt, signature)


def work_dir(options: argparse.Namespace) -> Path:
    """One folder per model, by contents, and per plan or way of planning."""
    if options.plan is None:
        asked = [options.scheme or "default", options.sram or "unlimited", *([options.feed] if options.feed else [])]
        asked += [f"flash-{options.flash}"] if options.flash else []
        asked += [options.learn.replace(" ", "")] if options.learn else []
        asked += [target_of(options), *([options.objective] if options.objective else [])]
    elif options.plan.is_file():
        asked = ["plan", sha256(options.plan)[:12]]
    else:
        raise FirmwareError(f"plan {options.plan} does not exist")
    stem = "".join(c if c.isalnum() or c in "._-" else "_" for c in options.model.stem)
    return BUILD / "models" / f"{stem}-{sha256(options.model)[:12]}" / "-".join(asked)


def target_of(options: argparse.Namespace) -> str:
    return options.target or load_board(options.board).target


def plan_path(options: argparse.Namespace) -> Path:
    return options.plan or work_dir(options) / "plan.json"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_plan(options: argparse.Namespace, plan: Path) -> None:
    """Searches for a plan with the planner's own command."""
    wishes = [("--sram", options.sram), ("--flash", options.flash), ("--scheme", options.scheme)]
    wishes += [("--input", options.feed), ("--target", target_of(options)), ("--objective", options.objective)]
    flags = [word for flag, value in wishes if value for word in (flag, value)]
    flags += ["--learn", *options.learn.split()] if options.learn else []
    call_module("verify.plan", str(options.model.resolve()), *flags, "-o", str(plan), as_json=options.json)


def export(model: Path, plan: Path, gen: Path, as_json: bool) -> None:
    """Emits C text. Files whose text did not change keep their time, so that they are not compiled again."""
    gen.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="export-", dir=gen.parent) as name:
        files = [str(model.resolve()), "--plan", str(plan.resolve()), "--model-only", "-o", name]
        call_module("export", *files, quiet=True, as_json=as_json)
        fresh = {path.name: path for path in Path(name).iterdir()}
        for path in gen.iterdir():
            if path.name not in fresh:
                path.unlink()
        for path in fresh.values():
            target = gen / path.name
            if not target.is_file() or target.read_bytes() != path.read_bytes():
                shutil.move(path, target)


class StepError(errors.InputError):
    """A command of this project ended with an error: its exit code, and what it said where it was asked for JSON."""

    def __init__(self, command: str, result: subprocess.CompletedProcess[str]) -> None:
        self.exit_code = result.returncode
        said = error_of(result.stdout or "")
        self.kind = said.get("kind", "plan")
        super().__init__(said.get("message") or f"{command} ended with exit code {result.returncode}")


def error_of(output: str) -> dict[str, str]:
    """Kind and message of the error in a command's JSON object, or what its verdict comes to."""
    try:
        value = json.loads(output)
    except ValueError:
        return {}
    if value.get("verdict") == "does not fit":
        budget, least = value["budget_bytes"], value["smallest_budget_bytes"]
        message = f"the model does not fit {budget:,} bytes of {value['memory']}: the least found is {least:,} bytes"
        return {"message": message}
    if "verdict" in value:
        return {"message": f"the plan is {value['verdict']}"}
    return value.get("error", {})


def call_module(*arguments: str, quiet: bool = False, as_json: bool = False) -> None:
    """Runs a command of this project. Its output goes to stderr, so that stdout holds the report alone; where `quiet`,
    only when it fails. Of a command that is asked for JSON nothing is shown: what is wrong stands in its object.

    Raises:
      StepError: it failed.
    """
    command = [sys.executable, "-m", *arguments, *(["--json"] if as_json else [])]
    if quiet or as_json:
        result = subprocess.run(command, cwd=EMBEDDED.parent, capture_output=True, text=True)
    else:
        result = subprocess.run(command, cwd=EMBEDDED.parent, stdout=sys.stderr, text=True)
    if result.returncode != 0:
        if not as_json:
            print(result.stdout or "", result.stderr or "", sep="", end="", file=sys.stderr)
        raise StepError(arguments[0], result)


if __name__ == "__main__":
    sys.exit(main())
