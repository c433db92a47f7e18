"""`python -m experiments.golf_events`: events of golf swings by PCE, onsets of actions on whole thermal recordings."""

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from experiments.golf_events import report, run
from experiments.golf_events.model import EventConfig
from experiments.golf_events.sources import swings
from stjax.data import Augment, DataError, DatasetConfig, Splits, load_splits
from verify.commands import cli

ROOT = Path(__file__).resolve().parent.parent.parent
SIDE = 16
STAND_INS = EventConfig(DatasetConfig("swings drawn by this experiment"), frames=8, late=4, window=24, epochs=30)
# Frames of 96 x 96 and windows of 64 frames, as the authors train; frames without an event weigh 1/35 against 1/8.
GOLF = EventConfig(
    DatasetConfig("golfdb/split1"),
    network="streamtinynet-96",
    frames=10,
    late=5,
    window=64,
    size=(96, 96),
    batch_size=22,
    none_weight=8 / 35,
    augment=Augment(horizontal_flip=True),
    device_frames=300,
)
FIR = EventConfig(
    DatasetConfig("fir16_streams/fold1"),
    none_weight=0.2,
    augment=Augment(horizontal_flip=True, vertical_flip=True, shift=1),
)
DATASETS = ("stand-ins", "fir16", "golfdb")
QUICK = {"epochs": 4, "device_frames": 150, "oracle_windows": 30}


def main() -> int:
    options = parse()
    parts, values = [], {}
    svg = None
    try:
        for name in options.dataset:
            text, values[name], drawn = one(name, options)
            svg = drawn or svg
            parts.append(text)
            write(parts, values, svg, options.output)
    except DataError as error:
        raise cli.InputError(str(error)) from None
    print("\n".join(parts))
    devices = [found["device"] for found in values.values()]
    return 1 if any(device["wrong_bytes"] or device["oracle_different"] for device in devices) else 0


def one(name: str, options: argparse.Namespace) -> tuple[str, Any, str | None]:
    """Text, values and plot of one dataset."""
    events = {"stand-ins": STAND_INS, "golfdb": GOLF, "fir16": FIR}[name]
    events = replace(events, seed=options.seed, **(QUICK if options.quick else {}))
    events = events if options.epochs is None else replace(events, epochs=options.epochs)
    work = options.work / f"{'quick-' * options.quick}{name}"
    if name == "stand-ins":
        sizes = (60, 20, 20) if options.quick else (600, 100, 200)
        data = Splits(*(swings(count, SIDE, seed) for seed, count in enumerate(sizes)))
        found = run.swings(events, data, work, say)
        return report.of_swings(found, events, data.test.classes[:-1]), asdict(found), None
    fold = "split" if name == "golfdb" else "fold"
    dataset = replace(events.dataset, name=f"{events.dataset.name.split('/')[0]}/{fold}{options.fold}")
    events = replace(events, dataset=replace(dataset, manual_dir=options.data))
    data = load_splits(events.dataset)
    if name == "golfdb":
        found = run.swings(events, data, work, say, 20 if options.quick else None)
        return report.of_swings(found, events, data.test.classes[:-1]), asdict(found), None
    found = run.actions(events, data, work, say, 0.109, 8 if options.quick else None)
    return report.of_onsets(found, events), asdict(found), report.plot(found)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m experiments.golf_events", description=__doc__)
    parser.add_argument("--dataset", nargs="+", choices=DATASETS, default=["stand-ins", "fir16"])
    parser.add_argument("--fold", type=int, choices=range(1, 5), default=1, help="the split or the group tested on")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a few epochs and clips: under three minutes")
    parser.add_argument("--data", metavar="DIR", help="folder of the dataset's files; default: STJAX_DATA")
    parser.add_argument(
        "--work", type=Path, default=ROOT / "build" / "golf_events", help="checkpoints; a finished training is reused"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md, .json and .svg here")
    return parser.parse_args()


def write(parts: list[str], values: dict[str, Any], svg: str | None, folder: Path | None) -> None:
    """Results so far."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    made = f"\nMade by `{report.COMMAND} -o experiments/golf_events`.\n"
    cli.write_beside(folder / "results.md", "\n".join(parts) + made)
    cli.write_beside(folder / "results.json", json.dumps(values, indent=1) + "\n")
    if svg is not None:
        cli.write_beside(folder / "results.svg", svg)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
