"""`python -m experiments.bit_exact`: all supported models, under several plans, on all boards, bit for bit."""

import argparse
import dataclasses
import json
import os
import sys
import tempfile
from pathlib import Path

from experiments.bit_exact.run import Case, Row, find_models, load, measure, plans, prove
from verify.commands import cli
from verify.report.tables import console
from verify.targets.registry import PORTABLE

ROOT = Path(__file__).resolve().parent.parent.parent
MODELS = Path(os.environ.get("STJAX_MODELS", ROOT.parent / "shared" / "models"))
SETTINGS = {
    "portable": (("layer", "host"), ("stream", "host"), ("auto", "host"), ("stream", "mps2-an500")),
    "cortex-m-dsp": (("stream", "host"), ("stream", "mps2-an386"), ("stream", "mps2-an500"), ("auto", "mps2-an500")),
    "cortex-m-mve": (("stream", "mps3-an547"), ("auto", "mps3-an547")),
}
"""Schemes and boards by target: this computer, Cortex-M4, M7 and M55."""

SLOW_MACS = 15_000_000
"""Models of more multiply-accumulates run with the portable kernels on the host only, unless --all is given."""


def main() -> int:
    parser = argparse.ArgumentParser("python -m experiments.bit_exact", description=__doc__)
    parser.add_argument("--models", type=Path, default=MODELS, help="folder with mcunet_zoo/ and corpus/")
    parser.add_argument("--only", default="", metavar="TEXT", help="models whose name contains this")
    parser.add_argument("--targets", nargs="+", choices=list(SETTINGS), default=list(SETTINGS), metavar="TARGET")
    parser.add_argument("--samples", type=int, default=3, help="inputs per model on the host; one on emulated boards")
    parser.add_argument("--all", action="store_true", help="also run large models with portable kernels on the M7")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md and results.json here")
    options = parser.parse_args()
    paths = [path for path in find_models(options.models) if options.only in path.stem]
    if not paths:
        raise cli.InputError(f"no model below {options.models} has a name with {options.only!r}")
    rows, refused = collect(paths, options)
    wrong = [row for row in rows if row.wrong_tflm or row.wrong_reference or row.problems]
    text = markdown(rows, refused)
    console(highlight=False).print(text, markup=False, soft_wrap=True)
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        cli.write_beside(options.output / "results.md", text)
        values = {"rows": [dataclasses.asdict(row) for row in rows], "refused": refused}
        cli.write_beside(options.output / "results.json", json.dumps(values, indent=1) + "\n")
    return 1 if wrong else 0


def collect(paths: list[Path], options: argparse.Namespace) -> tuple[list[Row], dict[str, str]]:
    rows: list[Row] = []
    refused: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="stjax-bit-exact-") as work, cli.progress("models") as progress:
        for number, path in enumerate(paths):
            case = load(path, options.samples)
            if isinstance(case, str):
                refused[path.stem] = case
            else:
                known = len(rows)
                rows += run_model(case, options, Path(work))
                for row in rows[known:]:
                    print(f"{path.stem}: {summary(row)}", file=sys.stderr, flush=True)
            progress(number + 1, len(paths))
    return rows, refused


def run_model(case: Case, options: argparse.Namespace, work: Path) -> list[Row]:
    slow = not options.all and sum(node.macs for node in case.graph.nodes) > SLOW_MACS
    rows = []
    for target in options.targets:
        for plan in plans(case, target):
            boards = [board for scheme, board in SETTINGS[target] if scheme == plan.scheme]
            boards = [board for board in boards if board == "host" or target != PORTABLE or not slow]
            proved = prove(case, plan) if boards else None
            for board in boards:
                assert proved is not None
                rows.append(measure(case, proved, board, work, options.samples if board == "host" else 1))
    return rows


def summary(row: Row) -> str:
    wrong = f"TFLM {shown(row.wrong_tflm)}, golden {shown(row.wrong_golden)}, references {row.wrong_reference}"
    return "; ".join([f"{place(row)}: {row.sram_bytes} bytes, wrong bytes: {wrong}", *row.problems])


def place(row: Row) -> str:
    return f"{row.target}, {row.scheme} on {row.board}"


def markdown(rows: list[Row], refused: dict[str, str]) -> str:
    """The table of results, and the models that were refused with the message that their user gets."""
    lines = [
        "Made by `python -m experiments.bit_exact -o experiments/bit_exact`. layer: one operator at a time; stream: "
        "stages by rows; auto: by rows and columns, where that is another plan; none computes anything twice. SRAM: "
        "proved total, input by rows (arena with the kernels' scratch, state, stack). Wrong: output bytes that differ "
        "from TFLM's and from LiteRT 2.3's reference kernels, which round FULLY_CONNECTED once, not twice; - "
        "where that oracle has no answer (TFLM's Python package does not run the model, or no outputs are recorded). "
        f"{_references(rows)} TFLM's arena is what its interpreter records on a 64-bit host. Stack: measured on "
        "devices, and what the plan reserves there; the host's frames are not what is reserved. Instructions are "
        "executed ones, counted by the emulator; they are no time.",
        "",
        "| model | target | scheme | board | SRAM | TFLM arena | ratio | wrong vs TFLM | vs LiteRT | stack | reserve | "
        "instructions |",
        "|---|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        ratio = f"{row.sram_bytes / row.tflm_arena_bytes:.2f}" if row.tflm_arena_bytes else "-"
        cells = [
            row.model,
            row.target,
            row.scheme,
            row.board,
            shown(row.sram_bytes),
            shown(row.tflm_arena_bytes),
            ratio,
        ]
        cells += [shown(v) for v in (row.wrong_tflm, row.wrong_golden)]
        cells += [shown(v) for v in (row.stack_measured, row.stack_measured and row.stack_reserve, row.instructions)]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", f"{len({row.model for row in rows})} models run, {len(refused)} refused:", ""]
    lines += [f"- {name}: {reason}" for name, reason in refused.items()]
    if broken := [f"- {row.model}, {place(row)}: {problem}" for row in rows for problem in row.problems]:
        lines += ["", "Firmware that breaks what its plan proved:", "", *broken]
    return "\n".join(lines) + "\n"


def _references(rows: list[Row]) -> str:
    different = sorted({row.model for row in rows if row.wrong_reference})
    return f"Different from this project's references: {', '.join(different) or 'no row'}."


def shown(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
