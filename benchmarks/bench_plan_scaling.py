"""`python -m benchmarks.bench_plan_scaling`: seconds of planning and of proving against the depth of a network.

The networks are chains of inverted residual blocks (1x1 expansion, 3x3 depthwise, 1x1 projection, sum) with random
weights on an image of 16 x 16 x 8; only how many there are changes. Seconds are of processor time, which other work on
the machine disturbs least.
"""

import argparse
import json
import os
import platform
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.random_models import Net
from verify.commands import cli
from verify.graph.graph import Graph
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.report.svg import subplots, svg
from verify.report.tables import console

DEPTHS = (50, 100, 200, 500, 1000, 2000)
SIDE, CHANNELS, EXPANSION = 16, 8, 3
COMMAND = "python -m benchmarks.bench_plan_scaling -o benchmarks"


@dataclass(frozen=True)
class Timed:
    """One chain: operators, processor seconds, obligations, SRAM in bytes, the process's largest memory so far."""

    operators: int
    plan_seconds: float
    proof_seconds: float
    obligations: int
    sram_bytes: int
    memory_bytes: int
    verdict: str


def chain(operators: int) -> Graph:
    """A chain of inverted residual blocks, the last one cut where the count of operators is reached."""
    net = Net(0)
    x = net.input(1, SIDE, SIDE, CHANNELS)
    while True:
        y = x
        for step in (
            lambda t: net.conv(t, EXPANSION * CHANNELS, (1, 1), (1, 1), (1, 1)),
            lambda t: net.depthwise(t, (3, 3), (1, 1), (1, 1)),
            lambda t: net.conv(t, CHANNELS, (1, 1), (1, 1), (1, 1)),
            lambda t, shortcut=x: net.add(t, shortcut),
        ):
            y = step(y)
            if len(net.sources) == operators:
                return net.graph()
        x = y


def measure(operators: int) -> Timed:
    graph = chain(operators)
    start = time.process_time()
    plan = make_plan(graph)
    planned = time.process_time()
    report, _ = check(graph, plan)
    proving = time.process_time() - planned
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Timed(
        len(graph.nodes), planned - start, proving, report.obligations, plan.sram_bytes, memory, report.verdict
    )


def markdown(rows: list[Timed]) -> str:
    lines = [
        "# Planning and proving against depth",
        "",
        f"Made by `{COMMAND}` (Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores).",
        f"Chains of inverted residual blocks on {SIDE} x {SIDE} x {CHANNELS}, scheme `auto`; processor time.",
        "",
        "| operators | planning, s | proving, s | obligations | SRAM, bytes | memory of the process, MB | verdict |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for row in rows:
        seconds = f"{row.plan_seconds:.1f} | {row.proof_seconds:.1f} | {row.obligations:,}"
        lines.append(
            f"| {row.operators:,} | {seconds} | {row.sram_bytes:,} | {row.memory_bytes / 1e6:.0f} | {row.verdict} |"
        )
    return "\n".join([*lines, ""])


def plot(rows: list[Timed]) -> str:
    """Both curves, logarithmic, beside a straight line of slope one, as SVG text. Needs matplotlib."""

    figure, axes = subplots(figsize=(5, 3.5))
    depths = [row.operators for row in rows]
    axes.loglog(depths, [row.plan_seconds for row in rows], marker="o", label="planning")
    axes.loglog(depths, [row.proof_seconds for row in rows], marker="s", label="proving")
    base = rows[0].plan_seconds / rows[0].operators
    axes.loglog(depths, [base * depth for depth in depths], linestyle=":", color="gray", label="proportional")
    axes.set(xlabel="operators", ylabel="processor time (s)")
    axes.legend()
    return svg(figure)


def main() -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.bench_plan_scaling", description=__doc__)
    parser.add_argument("--depths", type=int, nargs="+", default=DEPTHS, metavar="OPERATORS")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write plan_scaling.md, .json and .svg here")
    options = parser.parse_args()
    rows: list[Timed] = []
    for depth in options.depths:
        rows.append(measure(depth))
        print(rows[-1], file=sys.stderr, flush=True)
    text = markdown(rows)
    console(highlight=False).print(text, markup=False, soft_wrap=True)
    if options.output:
        cli.write_beside(options.output / "plan_scaling.md", text)
        values = json.dumps([asdict(row) for row in rows], indent=1)
        cli.write_beside(options.output / "plan_scaling.json", values + "\n")
        cli.write_beside(options.output / "plan_scaling.svg", plot(rows))
    return 0 if all(row.verdict == "proved" for row in rows) else 1


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
