"""`python -m experiments.memory_breakdown`: every byte of a StreamTinyNet deployment against T and resolution."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from experiments import results
from experiments.memory_breakdown import report, run
from verify.commands import cli


def main() -> int:
    options = parse()
    found: list[run.Deployment] = []
    for case in cases(options):
        print(f"T = {case[0]}, {case[1]} x {case[1]}, multiplier {case[2]}", file=sys.stderr, flush=True)
        found.append(run.deployment(*case, small=options.quick))
        write(found, options.output)
    print(report.markdown(found, command()))
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m experiments.memory_breakdown", description=__doc__)
    parser.add_argument("--frames", type=int, nargs="+", default=[1, 2, 4, 8, 10, 16], metavar="T", help="at --side")
    parser.add_argument("--sides", type=int, nargs="+", default=[48, 64, 96, 128, 160], metavar="N", help="at T = 10")
    parser.add_argument("--multipliers", type=int, nargs="+", default=[1, 2, 4], metavar="M", help="at T = 10, --side")
    parser.add_argument("--side", type=int, default=96, metavar="N", help="of the first and last (default: 96)")
    parser.add_argument("--quick", action="store_true", help="two small networks: does it run?")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md, .json and .svg here")
    return parser.parse_args()


def cases(options: argparse.Namespace) -> list[tuple[int, int, int]]:
    """(T, side, multiplier), each once."""
    if options.quick:
        return [(1, 16, 2), (3, 16, 2)]
    swept = [(frames, options.side, 2) for frames in options.frames]
    swept += [(10, side, 2) for side in options.sides]
    swept += [(10, options.side, multiplier) for multiplier in options.multipliers]
    return list(dict.fromkeys(swept))


def command() -> str:
    return " ".join(["python -m experiments.memory_breakdown", *sys.argv[1:]])


def write(found: list[run.Deployment], folder: Path | None) -> None:
    if folder is None:
        return
    results.write(folder, report.markdown(found, command()), [asdict(d) for d in found], report.plot(found))


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
