"""`python -m export MODEL.tflite --plan PLAN.json -o DIR`: proves the plan again and writes C99 that runs it."""

import argparse
import json
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from export.c.emit import ExportError, printed, program_of
from export.c.names import PREFIX, fault_of_prefix
from export.c.readback import differences
from export.projects import DEFAULT, kinds
from export.projects.folder import check_place, write_project
from export.projects.project import Files, Kind, Project
from export.sources import kernel_files
from verify.commands import cli, proving
from verify.commands.check import load_plan
from verify.commands.files import FileError, write_into
from verify.identities.compiler import NoCompilerError
from verify.identities.ways import fault_of_text
from verify.learning.saved import SavedError, state_of
from verify.proof.check import ProvedPlan
from verify.report.summary import report_value
from verify.report.tables import console, print_report

DESCRIPTION = """\
Writes a folder of C99 without malloc that runs exactly the given plan and builds by itself: NAME.h, NAME.c and
NAME_constants.h (NAME: stj_model), of a plan with a head that learns also NAME_head.h and NAME_head.c, the kernels
that they need and no others, an example program and what the tools of a board want beside them (--project), with a
README that has the proved numbers.

The plan is proved first, whoever made it; what is not proved is not written. Before it is written, the text is parsed
back and has to be the plan's program; where there is a C compiler, it is run on this machine with kernels that move
identities in place of values. The folder is written whole or not at all; an older one of this command's is replaced if
nothing in it has been changed or added."""
MOST_LISTED = 6
"""Files whose names are printed; of more, their number."""
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
    parser.add_argument(
        "--project",
        choices=list(kinds()),
        default=DEFAULT,
        metavar="KIND",
        help="what kind of project the folder is (default: %(default)s):\n"
        + "\n".join(f"  {kind.name:<11} {kind.about}" for kind in kinds().values()),
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
        "--learned",
        type=Path,
        metavar="SLOT",
        help="for plans with a head that learns: what it begins with, as a device saved it or\n"
        "verify.learning.saved writes it; else a dense head begins as the model's own layer, one\n"
        "of means knows no class",
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
    kind = None if options.model_only else kinds()[options.project]
    if kind is not None:
        _or_input_error(check_place, options.output)
    _, graph, plan = load_plan(options.plan, options.model)
    with cli.progress("proving") as progress:
        report, proved = proving.prove(graph, plan, options, progress)
    if proved is None:
        if not options.json:
            print_report(console(highlight=False), report_value(report))
        raise cli.NotProvedError(f"{options.plan.name} is {report.verdict} for this model; nothing was written")
    try:
        program, learned = program_of(proved, options.reuse_rows, options.early_exit), _learned(options, proved)
        files = printed(proved, program, options.name, learned)
    except ExportError as error:
        raise cli.InputError(str(error)) from None
    if wrong := differences(files, proved, program, options.name, learned):
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
    project = Project(proved, files, options.name)
    written = _write(options, project, kind)
    proving.certify(options, proved, project.network if kind else files)
    if options.json:
        print(json.dumps(_value(options, written, kind) | report_value(report), indent=1))
    else:
        _print(options, project, written, kind)
    return cli.PROVED


def _learned(options: argparse.Namespace, proved: ProvedPlan) -> bytes | None:
    """What the head that learns begins with, where a file says so.

    Raises:
      InputError: the file cannot be read, or is not of this head.
    """
    if options.learned is None:
        return None
    if proved.plan.learning is None:
        raise cli.InputError("--learned is for plans with a head that learns (python -m verify.plan --learn)")
    try:
        return state_of(proved.plan.learning, proved.graph.sha256, cli.read_file(options.learned))
    except SavedError as error:
        raise cli.InputError(f"--learned {options.learned.name}: {error}") from None


@dataclass(frozen=True)
class Written:
    """What was written: paths in the folder, and the archive of it that lies beside the folder."""

    files: Files
    archive: Path | None = None


def _write(options: argparse.Namespace, project: Project, kind: Kind | None) -> Written:
    """Writes the generated files alone, or the whole project and its archive.

    Raises:
      InputError: something cannot be written, or the folder holds something else.
    """
    if kind is None:
        write_folder(options.output, dict(project.generated))
        return Written(dict(project.generated))
    files = kind.files(project)
    _or_input_error(write_project, options.output, files)
    if kind.archive is None:
        return Written(files)
    name, contents = kind.archive(project, files)
    cli.write_beside(options.output.parent / name, contents)
    return Written(files, options.output.parent / name)


def write_folder(folder: Path, files: dict[str, str]) -> None:
    """Writes files beside what the folder may hold, each whole or not at all: a failure leaves the old ones.

    Raises:
      InputError: the folder cannot be made or written.
    """
    _or_input_error(write_into, folder, files)


def _value(options: argparse.Namespace, written: Written, kind: Kind | None) -> dict[str, object]:
    sizes = {k: len(text if isinstance(text, bytes) else text.encode()) for k, text in written.files.items()}
    value: dict[str, object] = {"folder": str(options.output), "files": sizes}
    if kind is not None:
        value["project"] = kind.name
    if written.archive is not None:
        value["archive"] = str(written.archive)
    return value


def _print(options: argparse.Namespace, project: Project, written: Written, kind: Kind | None) -> None:
    for path, text in written.files.items():
        if path.rsplit("/", 1)[-1] in project.generated:
            print(f"wrote {options.output / path} ({len(text):,} bytes)")
    if kind is None:
        return
    kernels = sum(name.endswith(".c") for name in project.kernels)
    others = [path for path in written.files if path.rsplit("/", 1)[-1] not in project.network]
    listed = ", ".join(others) if len(others) <= MOST_LISTED else f"{len(others)} other files"
    print(f"wrote the {kernels} kernels that these need, and {listed}")
    if written.archive is not None:
        print(f"wrote {written.archive} ({written.archive.stat().st_size:,} bytes)")
    folder, archive = (shlex.quote(str(place)) if place else "" for place in (options.output, written.archive))
    for command in kind.commands(folder, archive):
        print(f"next: {command}")


def _or_input_error(write: Callable[..., None], *arguments: object) -> None:
    try:
        write(*arguments)
    except FileError as error:
        raise cli.InputError(str(error)) from None


def main() -> int:
    return cli.command(run)


if __name__ == "__main__":
    sys.exit(main())
