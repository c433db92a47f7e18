"""`python -m export MODEL.tflite --plan PLAN.json -o DIR`: proves the plan again and writes C99 that runs it."""

import argparse
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from export.c.emit import ExportError, printed, program_of
from export.c.names import PREFIX, fault_of_prefix
from export.c.readback import differences
from export.folder import check_place, write_project
from export.project import EXAMPLE, project_files
from export.sources import kernel_files
from verify.commands import cli, proving
from verify.commands.check import load_plan
from verify.commands.files import FileError, write_into
from verify.identities.compiler import NoCompilerError
from verify.identities.ways import fault_of_text
from verify.proof.check import ProvedPlan, Report
from verify.report.summary import report_value
from verify.report.tables import console, print_report

DESCRIPTION = """\
Writes a folder of C99 without malloc that runs exactly the given plan and builds by itself: NAME.h, NAME.c and
NAME_constants.h (NAME: stj_model), the kernels that they need and no others, an example program, a Makefile, a README.

The plan is proved first, whoever made it; what is not proved is not written. Before it is written, the text is parsed
back and has to be the plan's program; where there is a C compiler, it is run on this machine with kernels that move
identities in place of values. The folder is written whole or not at all; an older one of this command's is replaced if
nothing in it has been changed or added."""
EPILOG = "exit codes: 0 written, 2 bad input, 3 the plan is refuted or unknown"


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = cli.Parser(
        "python -m export", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawTextHelpFormatter
    )
    cli.add_version(parser)
    parser.add_argument("model", type=Path, metavar="MODEL.tflite")
    parser.add_argument("--plan", type=Path, required=True, metavar="PLAN.json", help="a plan of python -m verify.plan")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="the folder to write; cc DIR/*.c compiles it"
    )
    parser.add_argument(
        "--model-only",
        action="store_true",
        help="write the generated files alone, beside what DIR may hold already: for builds that\n"
        "have kernels and a program, such as embedded/Makefile",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object that says what was written")
    parser.add_argument(
        "--name",
        default=PREFIX,
        help="what files, functions, types and (in capitals) macros begin with (default: %(default)s);\n"
        "models of different names can be linked into one image",
    )
    proving.add_options(parser)
    parser.add_argument(
        "--reuse-rows",
        action="store_true",
        help="for models of clips: also write stj_model_push_frame_rows, which computes\n"
        "only what depends on the rows of a frame that changed (plan with --scheme stream)",
    )
    parser.add_argument(
        "--early-exit",
        type=int,
        metavar="K",
        help="also write functions that end with output K (from 0) where that one is sure; the\n"
        "plan has to be made with the same option",
    )
    return parser.parse_args(arguments)


def run(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    if fault := fault_of_prefix(options.name):
        raise cli.InputError(f"--name {options.name!r} cannot begin C names: {fault}")
    if not options.model_only:
        _or_input_error(check_place, options.output)
    _, graph, plan = load_plan(options.plan, options.model)
    with cli.progress("proving") as progress:
        report, proved = proving.prove(graph, plan, options, progress)
    if proved is None:
        if not options.json:
            print_report(console(highlight=False), report_value(report))
        raise cli.NotProvedError(f"{options.plan.name} is {report.verdict} for this model; nothing was written")
    try:
        program = program_of(proved, options.reuse_rows, options.early_exit)
        files = printed(proved, program, options.name)
    except ExportError as error:
        raise cli.InputError(str(error)) from None
    if wrong := differences(files, proved, program, options.name):
        for difference in wrong[:10]:
            print(f"error: {difference}", file=sys.stderr)
        raise cli.NotProvedError("the generated C is not what was proved (a fault of the emitter); nothing was written")
    try:
        fault = fault_of_text({**kernel_files(files), **files}, graph, proved.plan, options.early_exit, options.name)
    except NoCompilerError as error:
        print(f"note: {error}: the generated C was read back, but not run on identities", file=sys.stderr)
        fault = None
    if fault is not None:
        print(f"error: {fault}", file=sys.stderr)
        raise cli.NotProvedError("the generated C does not do what the model means; nothing was written")
    written = write(options, proved, files)
    proving.certify(
        options, proved, {k: text for k, text in written.items() if k[-2:] in (".c", ".h") and k != EXAMPLE}
    )
    _print(options, files, written, report)
    return cli.PROVED


def _print(options: argparse.Namespace, files: dict[str, str], written: dict[str, str], report: Report) -> None:
    if options.json:
        names = {name: len(text.encode()) for name, text in written.items()}
        print(json.dumps({"folder": str(options.output), "files": names, **report_value(report)}, indent=1))
        return
    for name, text in files.items():
        print(f"wrote {options.output / name} ({len(text):,} bytes)")
    if others := sorted(set(written) - set(files)):
        kernels = sum(name.endswith(".c") for name in others) - 1
        print(f"wrote the {kernels} kernels that these need, {EXAMPLE}, Makefile and README.txt beside them")
        print(f"next: make -C {shlex.quote(str(options.output))} run")


def write(options: argparse.Namespace, proved: ProvedPlan, files: dict[str, str]) -> dict[str, str]:
    """Writes the generated files, and what makes a project of them where that is wanted; returns what was written.

    Raises:
      InputError: the folder cannot be written, or holds something else.
    """
    if options.model_only:
        write_folder(options.output, files)
        return files
    project = project_files(proved, files, options.name)
    _or_input_error(write_project, options.output, project)
    return project


def write_folder(folder: Path, files: dict[str, str]) -> None:
    """Writes files beside what the folder may hold, each whole or not at all: a failure leaves the old ones.

    Raises:
      InputError: the folder cannot be made or written.
    """
    _or_input_error(write_into, folder, files)


def _or_input_error(write: Callable[..., None], *arguments: object) -> None:
    try:
        write(*arguments)
    except FileError as error:
        raise cli.InputError(str(error)) from None


def main() -> int:
    return cli.command(run)


if __name__ == "__main__":
    sys.exit(main())
