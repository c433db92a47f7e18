"""`python -m experiments.learn_on_device`: a class, or a person, unseen by training, enrolled on an emulated M7."""

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

from experiments import results
from experiments.learn_on_device import report
from experiments.learn_on_device.run import CLASS, PERSON, Cell, OnBoard, Options, cells
from experiments.learn_on_device.tasks import LEFT_OUT
from stjax.data import DataError, DatasetConfig
from verify.commands import cli

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULT = Options(DatasetConfig(""))
QUICK = {"epochs": 1, "known": 120, "tested": 120, "draws": 2, "checkpoints": (0, 1, 5), "device_clips": 4}


def main() -> int:
    options = parse()
    asked = Options(
        DatasetConfig("", manual_dir=options.data, data_dir=options.prepared),
        validation=options.validation,
        epochs=options.epochs,
        room=options.room,
        board=options.board,
    )
    given = {k: (options.passes or passes, options.rate or rate) for k, (passes, rate) in asked.steps.items()}
    asked = replace(asked, steps=given)
    asked = replace(asked, **QUICK) if options.quick else asked  # pyright: ignore[reportArgumentType]
    found = stored(options.output) if options.resume else []
    try:
        for seed in range(options.seeds):
            for name in options.dataset:
                for kind in options.kind:
                    for cell in cells(name, kind, seed, asked, options.work, say):
                        found = [c for c in found if place(c) != place(cell)] + [cell]
                        say(f"  {cell.head}: {', '.join(f'{100 * x:.1f}' for x in cell.everything)}")
                        write(found, options.output)
    except DataError as error:
        raise cli.InputError(str(error)) from None
    print(report.markdown(found, command()))
    return 1 if any(wrong(cell) for cell in found) else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m experiments.learn_on_device", description=__doc__)
    parser.add_argument(
        "--dataset", nargs="+", choices=list(LEFT_OUT), default=["fir16", "capfingerid"], metavar="NAME"
    )
    parser.add_argument("--kind", nargs="+", choices=[CLASS, PERSON], default=[CLASS, PERSON], help="what is left out")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="trainings of each network")
    parser.add_argument("--epochs", type=int, metavar="N", help="of each training; default: the task's")
    parser.add_argument("--room", type=int, default=DEFAULT.room, metavar="N", help="examples kept by the dense head")
    parser.add_argument("--passes", type=int, metavar="N", help="through them, with each clip; default: see the README")
    parser.add_argument("--rate", type=float, metavar="X", help="learning rate of the dense head, likewise")
    parser.add_argument("--validation", action="store_true", help="choose settings: test people are not looked at")
    parser.add_argument("--board", default=DEFAULT.board, metavar="NAME", help='of embedded/boards; "" for none')
    parser.add_argument("--data", metavar="DIR", help="folder of the datasets' files; default: STJAX_DATA")
    parser.add_argument("--prepared", metavar="DIR", help="where tensorflow-datasets keeps what it has prepared")
    parser.add_argument("--quick", action="store_true", help="one epoch and few clips: does it run?")
    parser.add_argument(
        "--work", type=Path, default=ROOT / "build" / "learn_on_device", help="trainings; what is finished is reused"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md, .json and .svg here")
    parser.add_argument("--resume", action="store_true", help="keep the cells that results.json there has already")
    options = parser.parse_args()
    if options.resume and options.output is None:
        parser.error("--resume goes on with the results in a folder: give -o")
    return options


def wrong(cell: Cell) -> bool:
    board = cell.device
    return board is not None and bool(
        board.problems or board.features_different or board.heads_different or board.answers_different
    )


def place(cell: Cell) -> tuple[str, str, str, int]:
    return cell.task, cell.kind, cell.head, cell.seed


def command() -> str:
    return " ".join(["python -m experiments.learn_on_device", *sys.argv[1:]])


def stored(folder: Path) -> list[Cell]:
    """Cells of an earlier run."""
    path = folder / "results.json"
    return [_cell(value) for value in json.loads(path.read_text())] if path.exists() else []


def _cell(value: dict) -> Cell:
    lists = {k: tuple(v) for k, v in value.items() if isinstance(v, list)}
    board = value["device"]
    device = None if board is None else OnBoard(**{**board, "problems": tuple(board["problems"])})
    return Cell(**{**value, **lists, "device": device})


def write(found: list[Cell], folder: Path | None) -> None:
    """Results so far; every cell adds to them."""
    if folder is None:
        return
    results.write(folder, report.markdown(found, command()), [asdict(cell) for cell in found], report.plot(found))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
