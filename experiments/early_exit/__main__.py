"""`python -m experiments.early_exit`: accuracy against instructions saved by early exit and by a gate."""

import argparse
import sys
from dataclasses import asdict, replace
from pathlib import Path

from experiments import results
from experiments.early_exit import report, run
from experiments.early_exit.config import ExitConfig
from stjax.data import DataError, DatasetConfig
from verify.commands import cli

ROOT = Path(__file__).resolve().parent.parent.parent
QUICK = {"epochs": 10, "recordings": 8, "device_frames": 150, "oracle_windows": 30}


def main() -> int:
    options = parse()
    config = ExitConfig(
        DatasetConfig(f"fir16/fold{options.fold}", manual_dir=options.data),
        DatasetConfig(f"fir16_streams/fold{options.fold}", manual_dir=options.data),
        seed=options.seed,
    )
    if options.quick:
        config = replace(config, **QUICK)
    if options.epochs is not None:
        config = replace(config, epochs=options.epochs)
    found: list[run.Outcome] = []
    try:
        for outcome in run.outcomes(config, options.work / f"{'quick-' * options.quick}fold{options.fold}", say):
            found.append(outcome)
            say(report.line(outcome))
    except DataError as error:
        raise cli.InputError(str(error)) from None
    write(found, config, options.output)
    print(report.markdown(found, config))
    return 1 if any(outcome.wrong_bytes or outcome.oracle_different for outcome in found) else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m experiments.early_exit", description=__doc__)
    parser.add_argument("--fold", type=int, choices=range(1, 5), default=1, help="the group of people tested on")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a few epochs and recordings: under three minutes")
    parser.add_argument(
        "--data", metavar="DIR", help="folder of fir16_clips.npz and fir16_streams.npz; else STJAX_DATA"
    )
    parser.add_argument(
        "--work", type=Path, default=ROOT / "build" / "early_exit", help="checkpoints; a finished training is reused"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md, .json and .svg here")
    return parser.parse_args()


def write(found: list[run.Outcome], config: ExitConfig, folder: Path | None) -> None:
    if folder is None:
        return
    results.write(folder, report.markdown(found, config), [asdict(outcome) for outcome in found], report.plot(found))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
