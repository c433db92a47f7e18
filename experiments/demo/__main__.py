"""Plans, proves, exports and runs one model on an emulated Cortex-M7: python -m experiments.demo"""

import argparse
import sys
import tempfile
from pathlib import Path

from experiments.demo import report, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m experiments.demo", description=__doc__)
    parser.add_argument(
        "--model", type=Path, metavar="MODEL.tflite", help="default: a small person detector, see README"
    )
    parser.add_argument("--sram", metavar="SIZE", help="budget such as 128K; without it the plan of least SRAM")
    parser.add_argument("--board", default="mps2-an500", help="a folder of embedded/boards (default: %(default)s)")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="stjax-demo-") as folder:
        try:
            result = run.demonstrate(arguments.model, arguments.sram, arguments.board, Path(folder), say)
        except run.StepError as error:
            print(f"demo: {error}", file=sys.stderr)
            return 1
    print()
    print(report.text(result))
    return 0 if report.succeeded(result) else 1


def say(step: str) -> None:
    print(f"demo: {step}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
