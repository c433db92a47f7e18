"""`python -m export MODEL.tflite --plan PLAN.json -o DIR`: proves the plan again and writes C99 that runs it."""

import argparse
import sys
from pathlib import Path

from export.c.emit import ExportError, emit
from export.c.readback import differences
from verify.commands import cli, proving
from verify.commands.check import load_plan
from verify.commands.files import FileError, write_into
from verify.report.summary import report_value
from verify.report.tables import console, print_report

DESCRIPTION = """\
Writes stj_model.h, stj_model.c and stj_model_constants.h: C99 without malloc that runs exactly the given plan. The
plan is proved first, whoever made it; what is not proved is not written. The text is read back and compared with the
plan before it is written. The kernels are in embedded/."""
EPILOG = "exit codes: 0 written, 2 bad input, 3 the plan is refuted or unknown"


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m export", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("model", type=Path, metavar="MODEL.tflite")
    parser.add_argument("--plan", type=Path, required=True, metavar="PLAN.json", help="a plan of python -m verify.plan")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder for the generated C")
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
    plan = load_plan(options.plan)
    graph = cli.program_of(cli.load_model(options.model), plan)
    with cli.progress("proving") as progress:
        report, proved = proving.prove(graph, plan, options, progress)
    if proved is None:
        print_report(console(highlight=False), report_value(report))
        print(f"error: {options.plan.name} is not proved for this model; nothing was written", file=sys.stderr)
        return cli.NOT_PROVED
    try:
        files = emit(proved, options.reuse_rows, options.early_exit)
    except ExportError as error:
        raise cli.InputError(str(error)) from None
    # What the options add is not read back: the program that they add it to is.
    if wrong := differences(emit(proved), graph, plan):
        for difference in wrong[:10]:
            print(f"error: {difference}", file=sys.stderr)
        print(
            "error: the generated C is not what was proved (a fault of the emitter); nothing was written",
            file=sys.stderr,
        )
        return cli.NOT_PROVED
    write_folder(options.output, files)
    proving.certify(options, proved, files)
    for name, text in files.items():
        print(f"wrote {options.output / name} ({len(text):,} bytes)")
    return cli.PROVED


def write_folder(folder: Path, files: dict[str, str]) -> None:
    """Writes all files into a new folder beside, then moves each into place: a failure leaves the old ones.

    Raises:
      InputError: the folder cannot be made or written.
    """
    try:
        write_into(folder, files)
    except FileError as error:
        raise cli.InputError(str(error)) from None


if __name__ == "__main__":
    sys.exit(cli.guarded(run))
