"""Linked images of exported projects are what was proved."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.linked import __main__ as linked
from tests.embedded.firmware_harness import needs_device

DEMO = Path(__file__).parents[1] / "data/demo_model.tflite"


@needs_device
@pytest.mark.skipif(shutil.which("riscv64-unknown-elf-gcc") is None, reason="no compiler for RISC-V (make system)")
def test_the_linked_ram_and_constants_are_the_proved_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linked, "tflm_arena", lambda path: 50_000)
    rows = list(linked.linked(DEMO, tmp_path))
    assert [row.board for row in rows] == list(linked.BOARDS)
    for row in rows:
        assert row.agrees and 0 <= row.weights - row.constants < 100 and 5_000 < row.code < 20_000
        for wrong in ({"ram": row.ram + 4}, {"static": 4}, {"constants": row.weights + 1}):
            assert not replace(row, **wrong).agrees
    text = linked.markdown(rows)
    assert text.count("| demo_model |") == 4 and "50,000" in text
