"""`python -m experiments.task_dropping`: accuracy and work left out against the threshold, as table, plot and JSON."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from experiments import results
from experiments.task_dropping import report, run
from stjax.data import DataError, DatasetConfig
from verify.commands import cli

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULT = run.DroppingConfig(DatasetConfig("capfingerid/reversed_copies"))


def main() -> int:
    options = parse()
    dataset = DatasetConfig(DEFAULT.dataset.name, manual_dir=options.data, data_dir=options.prepared)
    config = run.DroppingConfig(
        dataset, epochs=options.epochs, clips=options.clips or None, device_clips=options.device_clips
    )
    found: list[run.Outcome] = []
    try:
        for outcome in run.outcomes(config, options.work, say):
            found.append(outcome)
            say(report.line(outcome))
            write(found, config, options.output)
    except DataError as error:
        raise cli.InputError(str(error)) from None
    print(report.markdown(found, config))
    return 1 if any(outcome.wrong_bytes for outcome in found) else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m experiments.task_dropping", description=__doc__)
    parser.add_argument("--epochs", type=int, default=DEFAULT.epochs)
    parser.add_argument("--clips", type=int, default=DEFAULT.clips, metavar="N", help="test clips; 0: all")
    parser.add_argument(
        "--device-clips", type=int, default=DEFAULT.device_clips, metavar="N", help="of them on the emulated Cortex-M7"
    )
    parser.add_argument("--data", metavar="DIR", help="folder of capfingerid_clips.npz; default: STJAX_DATA")
    parser.add_argument("--prepared", metavar="DIR", help="where tensorflow-datasets keeps the prepared dataset")
    parser.add_argument(
        "--work", type=Path, default=ROOT / "build" / "task_dropping", help="checkpoints; a finished training is reused"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md, .json and .svg here")
    return parser.parse_args()


def write(found: list[run.Outcome], config: run.DroppingConfig, folder: Path | None) -> None:
    """Results so far; every threshold adds to them."""
    if folder is None:
        return
    results.write(folder, report.markdown(found, config), [asdict(outcome) for outcome in found], report.plot(found))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
