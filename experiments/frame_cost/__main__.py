"""`python -m experiments.frame_cost`: what a streamed frame and the whole clip cost, against T and for every preset."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from experiments.frame_cost import report, run
from stjax.models.presets import NAMES, config
from verify.commands import cli

DEFAULT = run.CostConfig()
PRESETS = tuple(name for name in NAMES if not name.startswith("framebyframe"))
"""All but the networks without a temporal part, whose clip is T programs of one frame anyway."""


def main() -> int:
    parser = argparse.ArgumentParser("python -m experiments.frame_cost", description=__doc__)
    parser.add_argument(
        "--frames", type=int, nargs="*", default=[1, 2, 4, 8, 16], metavar="T", help="of the first table"
    )
    parser.add_argument("--network", default=DEFAULT.network, help="preset of table 1 (default: %(default)s)")
    parser.add_argument("--board", default=DEFAULT.board, help="its board, of embedded/boards (default: %(default)s)")
    parser.add_argument(
        "--presets",
        nargs="*",
        default=list(PRESETS),
        choices=NAMES,
        metavar="NAME",
        help="of table 2 (default: all)",
    )
    parser.add_argument(
        "--boards",
        nargs="+",
        default=["mps2-an500", "mps3-an547"],
        metavar="BOARD",
        help="boards of table 2 (default: M7, M55)",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md and results.json here")
    options = parser.parse_args()
    swept, presets = list(against_t(options)), list(of_presets(options))
    text = report.markdown(swept, options.network) + "\n" + report.presets(presets)
    print(text)
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        cli.write_beside(options.output / "results.md", text)
        values = {"against_t": [asdict(row) for row in swept], "presets": [asdict(row) for row in presets]}
        cli.write_beside(options.output / "results.json", json.dumps(values, indent=1) + "\n")
    problems = report.problems(swept) + report.broken(presets)
    print(*(f"FAILED: {problem}" for problem in problems), sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


def against_t(options: argparse.Namespace) -> Iterator[run.Row]:
    for frames in options.frames:
        print(f"{options.network}, T = {frames}", file=sys.stderr, flush=True)
        yield run.row(run.CostConfig(network=options.network, board=options.board), frames)


def of_presets(options: argparse.Namespace) -> Iterator[run.Row]:
    for name in options.presets:
        for board in options.boards:
            print(f"{name} on {board}", file=sys.stderr, flush=True)
            yield run.row(run.CostConfig(network=name, board=board), config(name).frames)


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
