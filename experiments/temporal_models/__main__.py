"""`python -m experiments.temporal_models`: temporal models at equal size, accuracy against everything they cost."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from experiments import results
from experiments.temporal_models import report
from experiments.temporal_models.run import Cell, Options, cells
from experiments.temporal_models.tasks import FAMILIES, TASKS, task_of
from stjax.assess.run import Assessment
from stjax.data import DataError, DatasetConfig
from verify.commands import cli

ROOT = Path(__file__).resolve().parent.parent.parent
QUICK = {"families": ["streamtinynet", "orderfree"], "epochs": 1, "train": 256, "test": 64, "device": 4}


def main() -> int:
    options = parse()
    known = stored(options.output) if options.resume else []
    found = list(known)
    try:
        for name in options.dataset:
            task = task_of(name)
            folds = [f for f in options.folds if f <= task.folds]
            for cell in cells(
                task, options.families, folds, range(*options.seeds), asked(options, name), options.work, say
            ):
                found = [c for c in found if place(c) != place(cell)] + [cell]
                say(f"  int8 {100 * (cell.assessment.int8_accuracy or 0):.2f}, SRAM {cell.assessment.sram:,}")
                write(found, options.output)
    except DataError as error:
        raise cli.InputError(str(error)) from None
    print(report.markdown(found, command()))
    return 1 if any(c.assessment.device_different or c.assessment.problems for c in found) else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m experiments.temporal_models", description=__doc__)
    parser.add_argument(
        "--dataset",
        nargs="+",
        default=["capfingerid", "fir16", "moving_shapes"],
        metavar="NAME",
        help=f"{', '.join(TASKS)} (default: these), or any of stjax.data, such as jester, with its own splits",
    )
    parser.add_argument("--data", metavar="DIR", help="folder of their files; default: STJAX_DATA")
    parser.add_argument("--prepared", metavar="DIR", help="where tensorflow-datasets keeps what it has prepared")
    parser.add_argument("--families", nargs="+", default=list(FAMILIES), choices=FAMILIES, metavar="NAME")
    parser.add_argument("--folds", type=int, nargs="+", default=[1, 2, 3, 4], metavar="K", help="those that a task has")
    parser.add_argument("--seeds", type=seeds, default=(0, 3), metavar="N", help="so many from 0 on, or FROM:TO")
    parser.add_argument("--epochs", type=int, metavar="N", help="of each training; default: the task's")
    parser.add_argument("--validation", action="store_true", help="choose settings: test clips are not looked at")
    parser.add_argument("--board", default="mps2-an500", metavar="NAME", help="of embedded/boards")
    parser.add_argument(
        "--quick", action="store_true", help="two families, one fold and epoch, few clips: does it run?"
    )
    parser.add_argument(
        "--work", type=Path, default=ROOT / "build" / "temporal_models", help="checkpoints; what is finished is reused"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md, .json and .svg here")
    parser.add_argument("--resume", action="store_true", help="keep the cells that results.json there has already")
    options = parser.parse_args()
    if options.resume and options.output is None:
        parser.error("--resume goes on with the results in a folder: give -o")
    if options.quick:
        options.families, options.folds, options.seeds = QUICK["families"], [1], (0, 1)
    return options


def seeds(text: str) -> tuple[int, int]:
    """(first, end) from "3" or "1:3"."""
    first, colon, end = text.partition(":")
    try:
        found = (int(first), int(end)) if colon else (0, int(text))
    except ValueError:
        found = (0, 0)
    if not 0 <= found[0] < found[1]:
        raise argparse.ArgumentTypeError(f'"{text}" is no number of seeds; write 3, or 1:3 for seeds 1 and 2')
    return found


def asked(options: argparse.Namespace, name: str) -> Options:
    dataset = DatasetConfig(name, manual_dir=options.data, data_dir=options.prepared)
    if options.quick:
        few = QUICK["train"], QUICK["test"]
        return Options(dataset, QUICK["epochs"], options.validation, *few, options.board, device_clips=QUICK["device"])
    return Options(dataset, options.epochs, options.validation, board=options.board)


def place(cell: Cell) -> tuple[str, str, int, int]:
    return cell.task, cell.family, cell.fold, cell.seed


def command() -> str:
    return " ".join(["python -m experiments.temporal_models", *sys.argv[1:]])


def stored(folder: Path) -> list[Cell]:
    """Cells of an earlier run."""
    path = folder / "results.json"
    if not path.exists():
        return []
    return [
        Cell(
            **{
                **c,
                "assessment": Assessment(**c["assessment"]),
                **{k: tuple(c[k]) for k in ("classes", "ordered", "opposite")},
            }
        )
        for c in json.loads(path.read_text())
    ]


def write(found: list[Cell], folder: Path | None) -> None:
    """Results so far; every training adds to them."""
    if folder is None:
        return
    results.write(folder, report.markdown(found, command()), [asdict(c) for c in found], report.plot(found))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
