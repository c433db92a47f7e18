"""`python -m experiments.clip_programs MODELS...`: clip models frame by frame, beside the same ones run whole."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from experiments.clip_programs import run
from experiments.clip_programs.run import Row
from verify.commands import cli
from verify.report.tables import console
from verify.tflite import ModelError


def main() -> int:
    parser = argparse.ArgumentParser("python -m experiments.clip_programs", description=__doc__)
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL", help=".tflite files, or folders of them")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md and results.json here")
    options = parser.parse_args()
    paths = [
        path for given in options.models for path in (sorted(given.glob("*.tflite")) if given.is_dir() else [given])
    ]
    rows: list[Row] = []
    with cli.progress("models") as progress:
        for count, path in enumerate(paths):
            try:
                found = run.row(path)
            except ModelError as error:
                print(f"{path.stem}: refused: {error}", file=sys.stderr)
                continue
            finally:
                progress(count + 1, len(paths))
            rows += [found] if found else []
    if not rows:
        raise cli.InputError(
            "none of these is a model of clips: their inputs have no leading axis of at least two frames"
        )
    text = markdown(rows)
    console(highlight=False).print(text, markup=False, soft_wrap=True)
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        cli.write_beside(options.output / "results.md", text)
        cli.write_beside(options.output / "results.json", json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    return 1 if any(row.different or row.tflm for row in rows) else 0


def files(given: Path) -> list[Path]:
    return sorted(given.glob("*.tflite")) if given.is_dir() else [given]


def markdown(rows: Sequence[Row]) -> str:
    """The table, and models that run as whole clips only with the reason."""
    lines = [
        "| model | T | first answer at push | SRAM/frame | clip SRAM | MACs/frame | clip MACs | "
        "instructions/frame | clip instructions | compared | different | TFLM |",
        "|---|" + "---:|" * 11,
    ]
    for row in rows:
        cells = [row.frames, row.first, row.sram, row.clip_sram, row.macs, row.clip_macs]
        cells += [row.instructions, row.clip_instructions, row.results, row.different, row.tflm]
        lines.append(f"| {row.model} | {' | '.join(shown(cell) for cell in cells)} |")
    whole = [f"- {row.model}: {row.why}" for row in rows if row.why]
    return "\n".join(lines + (["", "As whole clips only:", "", *whole] if whole else [])) + f"\n\n{LEGEND}\n"


LEGEND = (
    "Planned for the portable kernels by `auto`, nothing computed twice, proved; the clip model whole for whoever runs "
    "it once for each new frame. instructions: on an emulated Cortex-M7, of the frame that takes most. "
    f"compared: results of {run.CLIPS} random clips, on this computer and on that M7, about which C8 says something, "
    "each beside the clip model's reference; different: their elements that differ, and those of whole clips. TFLM: "
    "elements in which its whole clips differ from the reference; - where it does not run the model."
)


def shown(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
