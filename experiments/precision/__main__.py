"""`python -m experiments.precision`: accuracy against bits of weights, by rounding and by training, table and plot."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from experiments import results
from experiments.precision import report, run
from experiments.precision.config import PrecisionConfig
from experiments.precision.device import DeviceRow, device_rows
from verify.commands import cli

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULT = PrecisionConfig()


def main() -> int:
    options = parse()
    config = PrecisionConfig(
        weight_bits=tuple(options.bits),
        seeds=tuple(range(options.seeds)),
        epochs=options.epochs,
        tuning_epochs=options.tuning_epochs,
    )
    found: list[run.Row] = []
    splits = run.clips_of(config)
    for row in run.rows(config, options.work, say, splits):
        found.append(row)
        write(found, [], options.output)
    device: list[DeviceRow] = []
    for row in device_rows(config, config.seeds[0], options.work, say, splits):
        device.append(row)
        write(found, device, options.output)
    print(report.markdown(found) + "\n" + report.device_markdown(device))
    return 1 if any(row.packed_different for row in found) or any(row.different for row in device) else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m experiments.precision", description=__doc__)
    parser.add_argument("--bits", type=int, nargs="+", default=list(DEFAULT.weight_bits), metavar="N")
    parser.add_argument("--seeds", type=int, default=len(DEFAULT.seeds), metavar="N", help="trainings of each network")
    parser.add_argument("--epochs", type=int, default=DEFAULT.epochs)
    parser.add_argument("--tuning-epochs", type=int, default=DEFAULT.tuning_epochs)
    parser.add_argument(
        "--work", type=Path, default=ROOT / "build" / "precision", help="checkpoints; finished trainings are reused"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md, .json and .svg here")
    return parser.parse_args()


def write(found: list[run.Row], device: list[DeviceRow], folder: Path | None) -> None:
    """Results so far; every network adds to them."""
    if folder is None:
        return
    made = "\nMade by `python -m experiments.precision -o experiments/precision`.\n"
    on_device = "\n" + report.device_markdown(device) if device else ""
    results.write(folder, report.markdown(found) + on_device + made, [asdict(row) for row in found], report.plot(found))
    cli.write_beside(folder / "device.json", json.dumps([asdict(row) for row in device], indent=1) + "\n")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
