"""Fits what kernels take to what was counted: `python -m benchmarks.kernels.fit` writes the `prices.py` of targets.

A kernel's instructions are taken as a sum of prices times work (Kernel.work): per call, row, position, value,
multiply-accumulate or block. Prices are not negative, and fitted so that relative errors are small: of the operators
of whole models and of single layers, planned in several ways (plans.py). Every kind of work that a kernel names gets a
price; if it never occurred, a function for regions has that of its function for rows, and others are refused. The table
that it prints has what each whole estimate is off by; estimates are for choosing plans, and for expectations.
"""

import argparse
import importlib
import json
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

from benchmarks.kernels.measure import Done, Setting, executed
from benchmarks.kernels.plans import tasks
from embedded.tools.kernel_stack import ROOT, packages
from verify.commands import cli
from verify.report.tables import console
from verify.targets.choice import kernels_of
from verify.targets.cost import AROUND, around_of, calls_of, priced, work_of
from verify.targets.kernel import Work

SETTINGS = (
    Setting("portable", "mps2-an500"),
    Setting("cortex-m-dsp", "mps2-an500"),
    Setting("cortex-m-mve", "mps3-an547"),
)
EVERYONE = "verify.targets"
"""Where prices stand of what is no kernel's."""

HOLD, LOOSE = 1e-3, 1e-6
"""How much the square of a price's change counts, beside those of errors, by which one for regions differs from that
for rows: where counts say little of it, it stays what it is for rows. A little for what regions may well take more of
(`REGIONS`), more for the others."""

REGIONS = ("call", "run", "row", "position")


class FitError(cli.InputError):
    """Kinds of work without a count."""


@dataclass(frozen=True)
class Point:
    """What one kernel function did in one run, and the instructions that it took."""

    name: str
    work: Work
    instructions: int


Counted = Mapping[str, Sequence[tuple[str, Point]]]
"""Points by function, each with the run that it is of."""


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


def fitted(group: Sequence[Point], rows: Mapping[str, float] | None = None) -> dict[str, float]:
    """Prices by kind of work, with the least sum of squares of errors, most of them relative.

    `rows` has those of the function for rows, where the points are of the one for regions.
    """
    kinds = sorted({kind for point in group for kind in point.work})
    # What is a large part of a model counts more than what takes a few thousand instructions.
    weights = np.array([point.instructions**-0.75 for point in group])
    done = np.array([[point.work.get(kind, 0) for kind in kinds] for point in group]) * weights[:, None]
    scale, counts = np.abs(done).max(axis=0), weights * np.array([point.instructions for point in group])
    scale[scale == 0] = 1.0
    done = done / scale
    if rows is not None:
        hold = np.sqrt([LOOSE if kind in REGIONS else HOLD for kind in kinds])
        done = np.vstack([done, np.diag(hold)])
        counts = np.concatenate([counts, hold * scale * [rows[kind] for kind in kinds]])
    solution, _ = nnls(done, counts)
    return {kind: float(f"{x:.6g}") for kind, x in zip(kinds, solution / scale, strict=True)}


def prices_for(found: Mapping[str, Sequence[Point]]) -> dict[str, dict[str, float]]:
    """Prices by function.

    Raises:
      FitError: a kind of work never occurred.
    """
    prices = {name: fitted(group) for name, group in sorted(found.items()) if not _of_regions(name, found)}
    for name, group in found.items():
        never = {kind for point in group for kind in point.work} - {k for p in group for k, x in p.work.items() if x}
        if never and name in prices:
            lacking = ", ".join(sorted(never))
            raise FitError(f"{name}: no plan has work of kind {lacking}; add one to benchmarks/kernels/plans.py")
    return prices | {
        name: fitted(group, prices[_rows(name)]) for name, group in found.items() if _of_regions(name, found)
    }


def _rows(name: str) -> str:
    return name.removesuffix("_tile")


def _of_regions(name: str, found: Mapping[str, Sequence[Point]]) -> bool:
    """Whether it is a function for regions whose function for rows was counted, too."""
    return _rows(name) != name and _rows(name) in found


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
        package = owner.get(name, EVERYONE)
        path = ROOT / package.replace(".", "/") / "prices.py"
        if path not in found:
            known = importlib.import_module(f"{package}.prices").PRICES
            found[path] = {k: v for k, v in known.items() if k in owner or package == EVERYONE}
        found[path][name] = own
    return found


def collect(paths: Sequence[Path], setting: Setting, file: Path, work: Path) -> Counted:
    """Points by kernel function, of all tasks of one setting. Those of each are written to `file`, a line of JSON; what
    stands there is not counted again."""
    known = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    found: dict[str, list[tuple[str, Point]]] = {}
    with file.open("a") as lines:
        for number, task in enumerate(tasks(paths, setting.target), 1):
            where = f"{setting} {task.where}"
            print(f"\r{number} {where:<100}", end="", file=sys.stderr, flush=True)
            if any(run["where"] == where for run in known):
                continue
            plan, folder = task.plan(), work / where.replace(" ", "_").replace(":", "-")
            counted = points(executed(task.graph, plan, setting, folder)) if plan else []
            known.append({"where": where, "points": [asdict(point) for point in counted]})
            print(json.dumps(known[-1]), file=lines, flush=True)
    print(file=sys.stderr)
    for where, point in ((run["where"], Point(**point)) for run in known for point in run["points"]):
        found.setdefault(point.name, []).append((where, point))
    return found


def own(found: Mapping[Setting, Counted]) -> Counted:
    """Each kernel's points of its own target: others lend it, but for other machines it is compiled otherwise. Those of
    the generated code of all targets, if all were counted."""
    owner, points_of = packages(), dict[str, list[tuple[str, Point]]]()
    for setting, counted in found.items():
        package = f"{EVERYONE}.{setting.target.replace('-', '_')}"
        for name, group in counted.items():
            if owner.get(name) == package or (name == AROUND and len(found) == len(SETTINGS)):
                points_of.setdefault(name, []).extend(group)
    return points_of


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.kernels.fit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", type=Path, help="instead of those of models.py")
    parser.add_argument("--target", action="append", help="only for these targets")
    parser.add_argument("--work", type=Path, metavar="FOLDER", help="keep counts here, and take those that stand there")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    settings = [s for s in SETTINGS if not options.target or s.target in options.target]
    with tempfile.TemporaryDirectory(prefix="stjax-fit-") as temporary:
        work = options.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        counted = {s: collect(options.models, s, work / f"{s}.jsonl", Path(temporary)) for s in settings}
    prices = prices_for({name: [point for _, point in group] for name, group in own(counted).items()})
    _report(counted, {**_known(), **prices})
    if not options.dry_run:
        for path, table in modules(prices).items():
            path.write_text(written(path.read_text(), table))
    return 0


def _known() -> dict[str, Mapping[str, float]]:
    """The prices that stand in the files."""
    return {
        name: prices
        for package in (EVERYONE, *sorted(set(packages().values())))
        for name, prices in importlib.import_module(f"{package}.prices").PRICES.items()
    }


def _report(counted: Mapping[Setting, Counted], prices: Mapping[str, Mapping[str, float]]) -> None:
    """Prints what estimates of whole runs and of functions are off by."""
    off: dict[str, list[float]] = {}
    for name, where, point in ((n, w, p) for found in counted.values() for n, g in found.items() for w, p in g):
        total = off.setdefault(where, [0.0, 0.0])
        total[0] += priced(point.work, prices[name])
        total[1] += point.instructions
    out = console()
    for where, (estimate, instructions) in off.items():
        out.print(f"{where:<70} {instructions:>14,.0f} {100 * (estimate / instructions - 1):+6.1f} %")
    for setting, found in counted.items():
        for name, group in sorted(found.items()):
            errors = [abs(priced(p.work, prices[name]) / p.instructions - 1) for _, p in group]
            about = f"{len(group):>4} points, off by {np.mean(errors):.1%}, at most {max(errors):.1%}"
            out.print(f"{setting} {name:<40} {about}")


if __name__ == "__main__":
    sys.exit(main())
