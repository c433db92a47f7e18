"""Fits what kernels take to what was counted: `python -m benchmarks.kernels.fit` writes the `prices.py` of targets.

A kernel's instructions are taken as a sum of prices times work (Kernel.work): per call, row, position, value,
multiply-accumulate or block. Prices are not negative, and fitted so that relative errors are small: of the operators
of whole models and of single layers, planned by several schemes. The table that it prints has what each model's whole
estimate is off by; estimates are for choosing plans, and for expectations.
"""

import argparse
import functools
import importlib
import re
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

from benchmarks.kernels import models
from benchmarks.kernels.measure import Done, Setting, run_of
from benchmarks.kernels.single import layer_model
from embedded.tools.kernel_stack import ROOT, packages
from verify.commands import cli
from verify.graph.graph import Graph, Node
from verify.graph.plan import Firing, Plan
from verify.report.tables import console
from verify.targets.choice import kernels_of, leaner
from verify.targets.cost import AROUND, around_of, calls_of, priced, work_of
from verify.targets.kernel import Kernel, Work
from verify.targets.registry import PORTABLE
from verify.targets.stack import stack_reserve

SETTINGS = (
    Setting("portable", "mps2-an500"),
    Setting("cortex-m-dsp", "mps2-an500"),
    Setting("cortex-m-mve", "mps3-an547"),
)
SCHEMES = ("stream", "layer", "auto")
PATCHED = ("mcunet-10fps_vww", "mcunet-5fps_imagenet", "mcunet-320kb-1mb_vww")
PATCHES = ("patch", "stream-2d")
"""Models that are also run by patches, and how: regions of many sizes, which other plans do not have."""

REGIONS = ("call", "run", "row", "position")
"""What regions may take more of than rows, where few of them were counted."""

FEW = 8
"""Points below which a kernel's function for regions has no prices of its own, but those for rows and some more."""

MORE = ", more of a region"

TURNS = (0, 3, 6)
"""Of kernels of less working memory: a depthwise layer has up to eight."""

LAYERS = (
    "conv:1x1:8:48:w20", "conv:1x1:48:8:w20", "conv:1x1:144:24:w7", "conv:1x1:24:144:w5", "conv:1x1:64:64:w3",
    "conv:3x3:3:16:w48:s2", "conv:3x3:16:16:w32", "conv:3x3:64:64:w8", "conv:1x1:16:40:w31", "conv:1x1:576:96:w5",
    "dw:3x3:48:w20", "dw:3x3:48:w21:s2", "dw:5x5:48:w20", "dw:5x5:96:w11:s2", "dw:7x7:48:w20", "dw:7x7:96:w5",
    "dw:3x3:144:w3", "dw:3x3:16:w72", "dw:7x7:48:w22:s2", "dw:8x1:16:w28:m2", "dw:2x3:24:w9:m2",
    "fc:64:12", "fc:640:10", "fc:1024:2", "add:48:w20", "add:16:w5", "mul:48:w20", "maxpool:2x2:16:w20:s2",
    "avgpool:2x2:16:w20:s2", "avgpool:5x5:160:w5:h5:valid", "mean:128:w5:h5", "mean:64:w8:h8", "quantize:3:w20",
    "quantize:1:w96", "dequantize:2:w1", "relu:48:w20", "relu:16:w7",
)  # fmt: skip


@dataclass(frozen=True)
class Point:
    """What one kernel function did in one run, and the instructions that it took."""

    name: str
    work: Work
    instructions: int


def points(done: Done) -> list[Point]:
    """One point per operator, and one for the generated code."""
    graph, plan = done.proved.graph, done.proved.plan
    kernels, counts = kernels_of(graph, plan), done.result.operators or {}
    works: dict[tuple[int, bool], dict[str, float]] = {}
    for calls in calls_of(graph, plan):
        total = works.setdefault((calls.op, calls.columns is not None), {})
        for kind, amount in work_of(kernels[calls.op], graph.by_index[calls.op], calls).items():
            total[kind] = total.get(kind, 0) + amount
    found = []
    for (op, tile), work in works.items():
        name = kernels[op].tile_name if tile else kernels[op].name
        found.append(Point(name, work, counts[op].instructions))
    assert done.result.instructions is not None
    rest = done.result.instructions[0] - sum(point.instructions for point in found)
    return [*found, Point(AROUND, around_of(graph, plan), rest)]


def fitted(group: Sequence[Point]) -> dict[str, float]:
    """Prices by kind of work, with the least sum of squares of errors, most of them relative."""
    kinds = sorted({kind for point in group for kind in point.work})
    # What is a large part of a model counts more than what takes a few thousand instructions.
    weights = np.array([point.instructions**-0.75 for point in group])
    rows = np.array([[point.work.get(kind, 0) for kind in kinds] for point in group]) * weights[:, None]
    scale = np.maximum(np.abs(rows).max(axis=0), 1e-12)
    solution, _ = nnls(rows / scale, weights * np.array([point.instructions for point in group]))
    return {kind: float(f"{x:.6g}") for kind, x in zip(kinds, solution / scale, strict=True) if x > 0}


def prices_for(found: Mapping[str, Sequence[Point]]) -> dict[str, dict[str, float]]:
    """Prices by function."""
    prices = {}
    for name, group in sorted(found.items()):
        rows = found.get(name.removesuffix("_tile"), ())
        if not name.endswith("_tile") or len(group) >= FEW or not rows:
            prices[name] = fitted(group)
            continue
        more = {kind: kind + MORE for kind in REGIONS}
        regions = [replace(p, work={**p.work, **{more[k]: p.work[k] for k in more if k in p.work}}) for p in group]
        both = fitted([*rows, *regions])
        kinds = [kind for kind in both if not kind.endswith(MORE)] + [k for k, extra in more.items() if extra in both]
        prices[name] = {kind: both.get(kind, 0.0) + both.get(kind + MORE, 0.0) for kind in sorted(set(kinds))}
    return prices


def written(text: str, prices: Mapping[str, Mapping[str, float]]) -> str:
    """The text of a `prices` module with these."""
    rows = "".join(
        f'    "{name}": {{\n' + "".join(f'        "{kind}": {price:g},\n' for kind, price in own.items()) + "    },\n"
        for name, own in sorted(prices.items())
    )
    return re.sub(r"(PRICES: .*= \{).*\}\n", lambda m: f"{m[1]}\n{rows}}}\n", text, flags=re.DOTALL)


def modules(prices: Mapping[str, Mapping[str, float]]) -> dict[Path, dict[str, Mapping[str, float]]]:
    """The prices by the file that they go to, with those that stand there for what was not measured now."""
    owner = packages()
    found: dict[Path, dict[str, Mapping[str, float]]] = {}
    for name, own in prices.items():
        package = owner.get(name, "verify.targets")
        path = ROOT / package.replace(".", "/") / "prices.py"
        if path not in found:
            known = importlib.import_module(f"{package}.prices").PRICES
            found[path] = {k: v for k, v in known.items() if k in owner or package == "verify.targets"}
        found[path][name] = own
    return found


def as_it_is(graph: Graph, plan: Plan) -> Plan:
    return plan


def others(graph: Graph, plan: Plan, turn: int = 0) -> Plan:
    """The plan with kernels of less working memory in place of the preferred ones, one of an operator's by turns: what
    had room for more has room for theirs."""
    kernels = dict(kernels_of(graph, plan))
    for place, (op, less) in enumerate(leaner(graph, plan.target, kernels).items(), turn):
        kernels[op] = less[place % len(less)]
    stages = tuple(
        replace(stage, firings=tuple(_computed_by(f, graph.by_index[f.op], kernels[f.op]) for f in stage.firings))
        for stage in plan.stages
    )
    plan = replace(plan, stages=stages)
    return replace(plan, stack_bytes=stack_reserve(graph, plan, kernels))


def _computed_by(firing: Firing, node: Node, kernel: Kernel[Any]) -> Firing:
    return replace(firing, kernel=kernel.called, scratch=firing.scratch if kernel.scratch_bytes(node) else None)


def collect(paths: Iterable[Path], settings: Sequence[Setting], work: Path) -> dict[str, list[tuple[str, Point]]]:
    """Points by kernel function; each is taken from the first of the settings that uses it."""
    graphs = [cli.load_model(path) for path in paths] + [layer_model(text) for text in LAYERS]
    found: dict[str, list[tuple[str, Point]]] = {}
    tasks = [(s, g, scheme, "", as_it_is) for s in settings for g in graphs for scheme in SCHEMES]
    tasks += [(s, g, way, "", as_it_is) for s in settings for g in graphs if g.name in PATCHED for way in PATCHES]
    tasks += [
        (s, g, "stream", f"others {turn}", functools.partial(others, turn=turn))
        for s in settings
        if s.target != PORTABLE
        for g in graphs
        for turn in TURNS
    ]
    with cli.progress("counting") as progress:
        for number, (setting, graph, scheme, kernels, change) in enumerate(tasks, 1):
            where = f"{setting} {graph.name} {scheme} {kernels}"
            for point in points(run_of(graph, setting, scheme, work / f"kernels {kernels}", change=change)):
                found.setdefault(point.name, []).append((where, point))
            progress(number, len(tasks))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.kernels.fit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", type=Path, help="instead of those of models.py")
    parser.add_argument("--target", action="append", help="only for these targets")
    parser.add_argument("--work", type=Path, metavar="FOLDER", help="keep what is built here; faster the next time")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    settings = [s for s in SETTINGS if not options.target or s.target in options.target]
    with tempfile.TemporaryDirectory(prefix="stjax-fit-") as temporary:
        found = collect(options.models or models.paths_of(models.FOLDER), settings, options.work or Path(temporary))
    prices = prices_for({name: [point for _, point in group] for name, group in found.items()})
    off: dict[str, list[float]] = {}
    for name, group in found.items():
        for where, point in group:
            total = off.setdefault(where, [0.0, 0.0])
            total[0] += priced(point.work, prices[name])
            total[1] += point.instructions
    out = console()
    for where, (estimate, counted) in off.items():
        out.print(f"{where:<70} {counted:>14,.0f} {100 * (estimate / counted - 1):+6.1f} %")
    for name, group in sorted(found.items()):
        errors = [abs(priced(p.work, prices[name]) / p.instructions - 1) for _, p in group]
        out.print(f"{name:<40} {len(group):>4} points, off by {np.mean(errors):.1%}, at most {max(errors):.1%}")
    if not options.dry_run:
        for path, own in modules(prices).items():
            path.write_text(written(path.read_text(), own))
    return 0


if __name__ == "__main__":
    sys.exit(main())
