"""`python -m experiments.demo_video`: trains on generated clips, exports, proves, and runs frame by frame in QEMU."""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from experiments.demo_video import report, run
from verify.commands import cli

DEFAULT = run.DemoConfig()


def main() -> int:
    parser = argparse.ArgumentParser("python -m experiments.demo_video", description=__doc__)
    parser.add_argument("--frames", type=int, nargs="+", default=list(DEFAULT.frames), metavar="T")
    parser.add_argument("--epochs", type=int, default=DEFAULT.epochs)
    parser.add_argument("--sram", type=cli.size, default=DEFAULT.sram, metavar="SIZE", help="budget; default: 128K")
    parser.add_argument("--board", default=DEFAULT.board, help="a folder of embedded/boards (default: %(default)s)")
    parser.add_argument("--device-clips", type=int, default=DEFAULT.device_clips, metavar="N")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep checkpoints, models, C and firmware here")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md and results.json here")
    options = parser.parse_args()
    demo = run.DemoConfig(
        frames=tuple(options.frames),
        epochs=options.epochs,
        sram=options.sram,
        board=options.board,
        device_clips=options.device_clips,
    )
    with tempfile.TemporaryDirectory(prefix="stjax-demo-video-") as folder:
        rows = list(run.demonstrate(demo, options.work or Path(folder), say))
    text = report.markdown(rows)
    print(f"\n{text}")
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        cli.write_beside(options.output / "results.md", text)
        cli.write_beside(options.output / "results.json", json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    problems = report.problems(rows, demo.sram)
    print(*(f"FAILED: {problem}" for problem in problems), sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


def say(step: str) -> None:
    print(f"demo-video: {step}", flush=True)


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
