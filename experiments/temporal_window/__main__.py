"""`python -m experiments.temporal_window`: accuracy and cost per frame against T, as table and plot."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from experiments import results
from experiments.temporal_window import report, run
from experiments.temporal_window.config import ExperimentConfig
from stjax.data import DataError, DatasetConfig
from verify.commands import cli

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULT = ExperimentConfig(DatasetConfig("capfingerid/reversed_copies"))


def main() -> int:
    options = parse()
    dataset = DatasetConfig(DEFAULT.dataset.name, manual_dir=options.data, data_dir=options.prepared)
    experiment = ExperimentConfig(
        dataset,
        frames=tuple(options.frames),
        seeds=tuple(range(options.seeds)),
        epochs=options.epochs,
        device_seeds=options.device_seeds,
        device_clips=options.device_clips,
    )
    found: list[run.Outcome] = []
    try:
        for outcome in run.outcomes(experiment, options.work, say):
            found.append(outcome)
            say(report.line(outcome))
            write(found, options.output)
    except DataError as error:
        raise cli.InputError(str(error)) from None
    print(report.markdown(found))
    return 1 if any(outcome.device_different or outcome.problems for outcome in found) else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m experiments.temporal_window", description=__doc__)
    parser.add_argument("--frames", type=int, nargs="+", default=list(DEFAULT.frames), metavar="T")
    parser.add_argument("--seeds", type=int, default=len(DEFAULT.seeds), metavar="N", help="trainings of each network")
    parser.add_argument("--epochs", type=int, default=DEFAULT.epochs)
    parser.add_argument(
        "--device-seeds", type=int, default=DEFAULT.device_seeds, metavar="N", help="of them on the emulated Cortex-M7"
    )
    parser.add_argument("--device-clips", type=int, metavar="N", help="test clips there; default: all")
    parser.add_argument("--data", metavar="DIR", help="folder of capfingerid_clips.npz; default: STJAX_DATA")
    parser.add_argument("--prepared", metavar="DIR", help="where tensorflow-datasets keeps the prepared dataset")
    parser.add_argument(
        "--work", type=Path, default=ROOT / "build" / "temporal_window", help="checkpoints; what is finished is reused"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md, .json and .svg here")
    return parser.parse_args()


def write(found: list[run.Outcome], folder: Path | None) -> None:
    """Results so far; every training adds to them."""
    if folder is None:
        return
    results.write(folder, report.markdown(found), [asdict(outcome) for outcome in found], report.plot(found))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
