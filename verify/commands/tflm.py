"""`python -m verify.tflm MODEL.tflite`: proves the arena plan that a model brings for TFLM, or plans and writes one."""

import argparse
from pathlib import Path

from verify.commands import cli, proving, tflm_check, tflm_emit

DESCRIPTION = """\
TensorFlow Lite Micro runs whole operators in the order of the file and can be told where tensors lie, by the model's
own metadata (OfflineMemoryAllocation). This proves or refutes such a plan, whoever made it. With --emit it plans one,
proves it, and writes the model with it."""
EPILOG = "exit codes: 0 proved, 1 does not fit, 2 bad input, 3 refuted or unknown"


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = cli.Parser(
        "python -m verify.tflm", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawTextHelpFormatter
    )
    cli.add_version(parser)
    parser.add_argument("model", type=Path, metavar="MODEL.tflite")
    parser.add_argument("--sram", type=cli.size, metavar="SIZE", help="what the tensors have to fit, as 128K")
    parser.add_argument(
        "--emit",
        type=Path,
        metavar="OUT.tflite",
        help="plan the arena anew and, if that is proved, write the model with this plan in its metadata",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    proving.add_solver(parser)
    return parser.parse_args(arguments)


def run(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    if options.emit is None:
        return tflm_check.run(options)
    return tflm_emit.run(options, options.emit)


def main() -> int:
    return cli.command(run)
