"""The table of models of sequences, of made-up figures, and what is refused. The figures are those of bit_exact."""

from dataclasses import replace
from pathlib import Path

import pytest

from experiments.bit_exact.run import Row
from experiments.sequence_models.__main__ import MODELS, Line, main, markdown
from verify.commands.cli import InputError

ROW = Row(
    "tflm_mnist_lstm_int8", "portable", "auto", "mps2-an500", 2_000, 700, 650, 0, None, 0, 40, 8_000, 123_456, (), ()
)


def test_a_line_per_target() -> None:
    lines = [Line(ROW, 4_321, 96), Line(replace(ROW, target="cortex-m-dsp", tflm_arena_bytes=None), 5_000, 0)]
    first, second = markdown(lines).splitlines()[-2:]
    kind = MODELS["tflm_mnist_lstm_int8"]
    assert first == f"| tflm_mnist_lstm_int8 | {kind} | portable | 2,000 | 8,000 | 0.25 | 96 | 4,321 | 123,456 | 0 |"
    assert "| cortex-m-dsp | 2,000 | - | - | 0 | 5,000 |" in second


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none.tflite does not exist; give models, or their folder by STJAX_MODELS"):
        main([str(tmp_path / "none.tflite")])
    (tmp_path / "broken.tflite").write_bytes(bytes(64))
    with pytest.raises(InputError, match="broken.tflite: "):
        main([str(tmp_path / "broken.tflite")])
