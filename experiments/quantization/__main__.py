"""`python -m experiments.quantization`: how closely fake-quantized networks equal their int8 models, layer by layer."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from experiments.precision.config import PrecisionConfig
from experiments.quantization import report, run
from stjax.quant import QuantConfig
from verify.commands import cli

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    options = parse()
    configs = [QuantConfig(8), QuantConfig(4), QuantConfig(8, ranges="learned")]
    found = [run.compare(PrecisionConfig(), quant, options.clips, options.work, say) for quant in configs]
    text = report.markdown(found)
    print(text)
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        made = "\nMade by `python -m experiments.quantization -o experiments/quantization`.\n"
        cli.write_beside(options.output / "results.md", text + made)
        cli.write_beside(
            options.output / "results.json", json.dumps([asdict(comparison) for comparison in found], indent=1) + "\n"
        )
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m experiments.quantization", description=__doc__)
    parser.add_argument("--clips", type=int, default=100, metavar="N", help="test clips to compare on")
    parser.add_argument(
        "--work",
        type=Path,
        default=ROOT / "build" / "precision",
        help="checkpoints, shared with experiments.precision; finished trainings are reused",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md and results.json here")
    return parser.parse_args()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
