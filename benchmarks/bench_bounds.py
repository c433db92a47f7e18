"""How far each model's arena lies above what is live at once in its plan's order, and what keeps it there.

    python -m benchmarks.bench_bounds [-o benchmarks/bounds.md] [--models DIR]

Every model is planned and proved as `python -m verify.plan MODEL.tflite` does by itself; models that the reader refuses
are left out. The exit status is 1 if a plan is not proved.
"""

import argparse
import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from experiments.bit_exact.run import find_models
from verify.commands import cli
from verify.commands.plan import run

ROOT = Path(__file__).resolve().parent.parent
MODELS = Path(os.environ.get("STJAX_MODELS", ROOT.parent / "shared" / "models"))
NEAR = 1.10
"""Times the live bytes that need no reason."""

HEADER = ["| model | arena | live at once | ratio | these buffers | all stages searched | why |"]
HEADER += ["|---|---:|---:|---:|---:|---:|---|"]


def main() -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.bench_bounds", description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.md", help="write the table here as well")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder with mcunet_zoo/, corpus/ and field/")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="models at a time")
    options = parser.parse_args()
    paths = find_models(options.models)
    if not paths:
        print(f"no models in {options.models} (set STJAX_MODELS)", file=sys.stderr)
        return 2
    with ProcessPoolExecutor(options.jobs) as pool:
        found = [value for value in pool.map(planned, paths) if value]
    text = "\n".join(report(found)) + "\n"
    print(text, end="")
    if options.output:
        cli.write_beside(options.output, text)
    return 1 if any(value["verdict"] != "proved" for value in found) else 0


def planned(path: Path) -> dict[str, Any] | None:
    """What the planner says of a model, or None where it is refused."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        status = cli.guarded(lambda: run([str(path), "--json"]))
    value = json.loads(out.getvalue()) if status in (cli.PROVED, cli.NOT_PROVED) else None
    return value | {"model": path.stem} if value else None


def report(found: list[dict[str, Any]]) -> Iterator[str]:
    near = sum(value["arena_bytes"] <= NEAR * value["lower_bound_bytes"] for value in found)
    yield "# Arenas and what is live at once"
    yield ""
    yield "Made by `python -m benchmarks.bench_bounds -o benchmarks/bounds.md`. Bytes, `--scheme auto`, input by rows,"
    yield f"portable kernels. {near} of {len(found)} arenas are at most {NEAR:.2f} times what is live at once."
    yield ""
    yield "`live at once`: pixels that are written and read next, in the plan's own order; no allocator does with less,"
    yield "but it counts neither what a ring holds beyond its live pixels nor that a buffer lies in one piece."
    yield "`these buffers`: no placement of the plan's buffers is smaller. `all stages searched`: no choice of stages"
    yield "that the planner knows has a smaller arena, however it is placed."
    yield ""
    yield from HEADER
    for value in sorted(found, key=lambda value: -ratio(value)):
        bounds = (value[key] for key in ("placement_bound_bytes", "space_bound_bytes"))
        sizes = [f"{value['arena_bytes']:,}", f"{value['lower_bound_bytes']:,}", f"{ratio(value):.3f}"]
        sizes += ["-" if size is None else f"{size:,}" for size in bounds]
        yield f"| {value['model']} | {' | '.join(sizes)} | {why(value)} |"


def ratio(value: dict[str, Any]) -> float:
    return value["arena_bytes"] / max(1, value["lower_bound_bytes"])


def why(value: dict[str, Any]) -> str:
    """What keeps an arena above `NEAR` times the live bytes."""
    if ratio(value) <= NEAR:
        return ""
    arena = value["arena_bytes"]
    if value["space_bound_bytes"] is not None and arena <= value["space_bound_bytes"]:
        return f"the least that its stages can take: {fullest(value)}"
    if value["placement_bound_bytes"] is not None and arena <= value["placement_bound_bytes"]:
        return f"no placement of these buffers is smaller, each stage alone takes less: {fullest(value)}"
    return f"a smaller placement may exist: {fullest(value)}"


def fullest(value: dict[str, Any]) -> str:
    """What the arena holds at its fullest moment: kinds of buffers and their bytes, the largest first."""
    peak = value["peak"]
    if not peak:
        return "nothing is live"
    buffers = sorted(peak["buffers"], key=lambda buffer: -buffer["bytes"])[:3]
    held = ", ".join(f"{buffer['bytes']:,} ({buffer['policy']})" for buffer in buffers)
    return f"at op {peak['op']} {held}" if peak["op"] is not None else held


if __name__ == "__main__":
    sys.exit(main())
