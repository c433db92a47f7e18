"""`python -m experiments.streamnet_speed`: StreamNet's Table 3 in instructions, and our SRAM against instructions."""

import argparse
import itertools
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from experiments.streamnet_speed import figure, report
from experiments.streamnet_speed.run import BOARDS, OURS, PATCHED, Row, executor, front, rows
from experiments.streamnet_tables.__main__ import FOLDER
from experiments.streamnet_tables.published import MODELS
from verify.commands import cli

FRONT = "front"
"""For --kind: the points of the plot."""

MOST = 20_000
"""Million instructions; the emulator takes about 5 minutes for them."""


def main() -> int:
    parser = argparse.ArgumentParser("python -m experiments.streamnet_speed", description=__doc__)
    parser.add_argument("--models", type=Path, default=FOLDER, metavar="DIR", help="folder of the ten .tflite files")
    parser.add_argument("--only", nargs="+", choices=list(MODELS), default=list(MODELS), metavar="NAME")
    parser.add_argument("--target", nargs="+", choices=list(BOARDS), default=list(BOARDS), metavar="TARGET")
    parser.add_argument("--kind", nargs="+", choices=(*PATCHED, *OURS, FRONT), metavar="KIND", help="only these plans")
    parser.add_argument("--patched", nargs="*", default=["cortex-m-dsp"], metavar="TARGET", help="with patch schemes")
    parser.add_argument("--most", type=float, default=MOST, help="run what takes up to so many million instructions")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md, .json and .svg here")
    parser.add_argument("--resume", action="store_true", help="take rows that stand in DIR/results.json from there")
    parser.add_argument("--again", action="store_true", help="keep all rows of DIR but those asked for, which are new")
    options = parser.parse_args()
    if (options.resume or options.again) and not options.output:
        parser.error("--resume and --again need -o DIR")
    done, fronts = _measured(options)
    text = report.markdown(done)
    print(text)
    if options.output:
        cli.write_beside(options.output / "results.md", text)
        if fronts:
            cli.write_beside(options.output / "results.svg", figure.plot(fronts))
    wrong = report.problems(done)
    print(*(f"MISMATCH: {problem}" for problem in wrong), sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


def _measured(options: argparse.Namespace) -> tuple[list[Row], list[figure.Front]]:
    """All rows and fronts; they are written after each one, so that `--resume` can go on."""
    path = options.output / "results.json" if options.output else None
    wanted = {t: options.kind or [*(PATCHED if t in options.patched else ()), *OURS, FRONT] for t in options.target}
    kept = path is not None and path.exists() and (options.resume or options.again)
    done, fronts = _read(path) if kept and path else ([], [])
    if options.again:
        asked = {
            (model, target, kind) for model in options.only for target in options.target for kind in wanted[target]
        }
        done = [row for row in done if (row.model, row.target, row.kind) not in asked]
        fronts = [front for front in fronts if (front.model, front.target, FRONT) not in asked]
    known = {(row.model, row.target, row.kind) for row in done}
    drawn = {(front.model, front.target) for front in fronts}
    with tempfile.TemporaryDirectory(prefix="stjax-speed-") as work:
        for model, target in itertools.product(options.only, options.target):
            graph = cli.load_model(options.models / f"{MODELS[model]}.tflite")
            kinds = [kind for kind in wanted[target] if kind != FRONT and (model, target, kind) not in known]
            for row in rows(model, graph, target, kinds, executor(Path(work) / model / target, options.most * 1e6)):
                print(report.line(row), file=sys.stderr, flush=True)
                done.append(row)
                _write(path, done, fronts)
            if FRONT in wanted[target] and (model, target) not in drawn:
                fronts.append(figure.Front(model, target, front(graph, target)))
                _write(path, done, fronts)
    order = {name: place for place, name in enumerate([*MODELS, *BOARDS, *PATCHED, *OURS])}
    fronts.sort(key=lambda f: (order[f.target], order[f.model]))
    return sorted(done, key=lambda row: (order[row.model], order[row.target], order[row.kind])), fronts


def _read(path: Path) -> tuple[list[Row], list[figure.Front]]:
    found = json.loads(cli.read_file(path))
    done = [Row(**row | {"problems": tuple(row["problems"])}) for row in found["rows"]]
    return done, [figure.Front(f["model"], f["target"], tuple((x, y) for x, y in f["points"])) for f in found["fronts"]]


def _write(path: Path | None, done: list[Row], fronts: list[figure.Front]) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"rows": [asdict(row) for row in done], "fronts": [asdict(f) for f in fronts]}, indent=1)
        cli.write_beside(path, text + "\n")


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
