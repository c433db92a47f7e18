"""`python -m experiments.sequence_models`: wake words, LSTMs, an SVDF on an emulated Cortex-M7, beside TFLM's arena."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.bit_exact.run import Case, Row, load, measure, prove
from verify.commands import cli
from verify.graph.accounting import history_bytes
from verify.plan.bursts import searched
from verify.plan.request import Request
from verify.report.tables import console
from verify.targets.choice import kernels_of
from verify.targets.flash import constant_bytes

ROOT = Path(__file__).resolve().parent.parent.parent
CORPUS = Path(os.environ.get("STJAX_MODELS", ROOT.parent / "shared" / "models")) / "corpus"
BOARD = "mps2-an500"
TARGETS = ("portable", "cortex-m-dsp")

MODELS = {
    "microwakeword_okay_nabu_v2_int8": "wake word, variables",
    "microwakeword_alexa_v1_int8": "wake word, variables",
    "mlperf_sww_streaming_int8": "wake word, a window of frames",
    "tflm_keyword_scrambled": "wake word, SVDF",
    "coral_keras_lstm_mnist_ptq": "LSTM",
    "tflm_mnist_lstm_int8": "LSTM",
    "tflm_micro_speech_lstm": "LSTM",
    "arm_kws_basic_lstm_s": "LSTM, unrolled",
}


@dataclass(frozen=True)
class Line:
    """One model for one target: what `bit_exact` measures of it, bytes of constants, and of the arena those that later
    calls read."""

    row: Row
    flash_bytes: int
    outlives_bytes: int


def lines_of(path: Path, targets: Sequence[str] = TARGETS, board: str = BOARD) -> list[Line]:
    """Plans of the least SRAM, proved, built and run.

    Raises:
      InputError: the model is refused.
    """
    case = load(path, 1)
    if not isinstance(case, Case):
        raise cli.InputError(f"{path.name}: {case}")
    found = []
    with tempfile.TemporaryDirectory(prefix="stjax-sequences-") as work:
        for target in targets:
            _, plan = searched(case.graph, Request("auto", target=target))
            proved = prove(case, plan)
            flash = constant_bytes(proved.graph, kernels_of(proved.graph, plan))
            kept = history_bytes(proved.graph, plan)
            found.append(Line(measure(case, proved, board, Path(work), 1), flash, kept))
    return found


def markdown(lines: Sequence[Line]) -> str:
    """The table; a row says what it is of where it is its model's first."""
    text = [
        f"Made by `python -m experiments.sequence_models -o experiments/sequence_models/results.md`, run on {BOARD} "
        "(Cortex-M7, emulated). SRAM: proved total, input by rows (arena, state, stack). TFLM arena: what its "
        "interpreter records on a 64-bit host, where pointers count double. Outlives: of the arena, what later "
        "calls read. Flash: constants and parameters. Instructions: of the call that takes the most; no time. Wrong: "
        "output bytes that differ from TFLM's, of one input, or of 30 calls and more of a model with states.",
        "",
        "| model | kind | target | SRAM | TFLM arena | ratio | outlives | flash | instructions | wrong |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for line in lines:
        row = line.row
        ratio = f"{row.sram_bytes / row.tflm_arena_bytes:.2f}" if row.tflm_arena_bytes else "-"
        numbers = (line.outlives_bytes, line.flash_bytes, row.instructions, row.wrong_tflm)
        cells = [row.model, MODELS.get(row.model, ""), row.target, shown(row.sram_bytes), shown(row.tflm_arena_bytes)]
        text.append(f"| {' | '.join([*cells, ratio, *map(shown, numbers)])} |")
    return "\n".join(text) + "\n"


def shown(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m experiments.sequence_models", description=__doc__)
    parser.add_argument("models", nargs="*", type=Path, help="instead of those of the corpus")
    parser.add_argument("-o", "--output", type=Path, metavar="RESULTS.md", help="write the table here")
    options = parser.parse_args(arguments)
    paths = options.models or [CORPUS / f"{name}.tflite" for name in MODELS]
    if missing := [path for path in paths if not path.is_file()]:
        raise cli.InputError(f"{missing[0]} does not exist; give models, or their folder by STJAX_MODELS")
    lines = [line for path in paths for line in lines_of(path)]
    text = markdown(lines)
    console(highlight=False).print(text, markup=False, soft_wrap=True)
    if options.output:
        cli.write_beside(options.output, text)
    return int(any(line.row.wrong_tflm or line.row.wrong_reference or line.row.problems for line in lines))


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
