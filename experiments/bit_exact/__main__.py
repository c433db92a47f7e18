"""`python -m experiments.bit_exact`: all supported models, under several plans, on all boards, bit for bit."""

import argparse
import dataclasses
import json
import multiprocessing
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from experiments.bit_exact.run import SETTINGS, Row, find_models, run_model
from verify.commands import cli
from verify.report.tables import console

ROOT = Path(__file__).resolve().parent.parent.parent
MODELS = Path(os.environ.get("STJAX_MODELS", ROOT.parent / "shared" / "models"))


def main() -> int:
    parser = argparse.ArgumentParser("python -m experiments.bit_exact", description=__doc__)
    parser.add_argument("--models", type=Path, default=MODELS, help="folder with mcunet_zoo/, corpus/ and field/")
    parser.add_argument("--only", default="", metavar="TEXT", help="models whose name contains this")
    parser.add_argument("--targets", nargs="+", choices=list(SETTINGS), default=list(SETTINGS), metavar="TARGET")
    parser.add_argument("--samples", type=int, default=3, help="inputs per model on the host; one on emulated boards")
    parser.add_argument("--all", action="store_true", help="also run large models with portable kernels on the M7")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), metavar="N", help="models at a time (default: cores)"
    )
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
    """The rows of all models in their order, and the models that are refused with the reason."""
    answers: dict[Path, list[Row] | str] = {}
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="stjax-bit-exact-") as work,
        ProcessPoolExecutor(options.jobs, mp_context=context) as pool,
        cli.progress("models") as progress,
    ):
        arguments = (options.targets, options.samples, options.all, Path(work))
        running = {pool.submit(run_model, path, *arguments): path for path in paths}
        for done in as_completed(running):
            path, answer = running[done], done.result()
            answers[path] = answer
            for line in [f"refused: {answer}"] if isinstance(answer, str) else map(summary, answer):
                print(f"{path.stem}: {line}", file=sys.stderr, flush=True)
            progress(len(answers), len(paths))
    ordered = [(path.stem, answers[path]) for path in paths]
    rows = [row for _, answer in ordered if not isinstance(answer, str) for row in answer]
    return rows, {name: answer for name, answer in ordered if isinstance(answer, str)}


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
    if differing := {f"- {row.model}: {'; '.join(row.notes)}": None for row in rows if row.wrong_tflm and row.notes}:
        lines += ["", "What was read into models whose results are not TFLM's:", "", *differing]
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
