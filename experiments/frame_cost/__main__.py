"""`python -m experiments.frame_cost`: what a streamed frame and the whole clip cost, against T."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from experiments.frame_cost import report, run
from verify.commands import cli

DEFAULT = run.CostConfig()


def main() -> int:
    parser = argparse.ArgumentParser("python -m experiments.frame_cost", description=__doc__)
    parser.add_argument("--frames", type=int, nargs="+", default=list(DEFAULT.frames), metavar="T")
    parser.add_argument("--network", default=DEFAULT.network, help="a StreamTinyNet preset (default: %(default)s)")
    parser.add_argument("--board", default=DEFAULT.board, help="a folder of embedded/boards (default: %(default)s)")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md and results.json here")
    options = parser.parse_args()
    cost = run.CostConfig(frames=tuple(options.frames), network=options.network, board=options.board)
    rows = []
    for frames in cost.frames:
        print(f"T = {frames}", file=sys.stderr, flush=True)
        rows.append(run.row(cost, frames))
    text = report.markdown(rows, cost.network)
    print(text)
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        cli.write_beside(options.output / "results.md", text)
        cli.write_beside(options.output / "results.json", json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    problems = report.problems(rows)
    print(*(f"FAILED: {problem}" for problem in problems), sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
