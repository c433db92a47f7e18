"""Processor seconds that each solver takes to prove each zoo model's plan, per scheme, and the obligations decided.

    python -m benchmarks.bench_proof [-o benchmarks/proof.md]

A benchmark and not a test: the seconds depend on the machine. A verdict that is not "proved" makes the exit status 1.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from verify.commands import cli
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.tflite import read_model

ROOT = Path(__file__).resolve().parent.parent
MODELS = Path(os.environ.get("STJAX_MODELS", ROOT.parent / "shared" / "models")) / "mcunet_zoo"
SCHEMES = ("layer", "stream", "auto")
SOLVERS = ("z3", "cvc5")


def main() -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.bench_proof", description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.md", help="write the table here as well")
    options = parser.parse_args()
    paths = sorted(MODELS.glob("*.tflite"))
    if not paths:
        print(f"no models in {MODELS} (set STJAX_MODELS)", file=sys.stderr)
        return 2
    lines = [
        "Made by `python -m benchmarks.bench_proof -o benchmarks/proof.md`. Processor seconds of the whole check, all",
        "obligations one after the other.",
        "",
        "| model | scheme | obligations | z3, s | cvc5, s | verdicts |",
        "|---|---|---:|---:|---:|---|",
    ]
    print("\n".join(lines))
    wrong = 0
    for line, good in rows(paths):
        print(line, flush=True)
        lines.append(line)
        wrong += not good
    if options.output:
        cli.write_beside(options.output, "\n".join(lines) + "\n")
    return 1 if wrong else 0


def rows(paths: list[Path]) -> Iterator[tuple[str, bool]]:
    """A line of the table per model and scheme, and whether all solvers proved it."""
    for path in paths:
        graph = read_model(path.read_bytes(), path.stem)
        for scheme in SCHEMES:
            plan = make_plan(graph, Request(scheme))
            seconds, verdicts, count = [], [], 0
            for solver in SOLVERS:
                start = time.process_time()
                report, _ = check(graph, plan, solver=solver)
                seconds.append(f"{time.process_time() - start:.1f}")
                verdicts.append(report.verdict)
                count = report.obligations
            said = verdicts[0] if len(set(verdicts)) == 1 else ", ".join(verdicts)
            line = f"| {path.stem} | {scheme} | {count:,} | {' | '.join(seconds)} | {said} |"
            yield line, set(verdicts) == {"proved"}


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
