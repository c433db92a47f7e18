"""Clip models beside their programs of one frame, on this computer."""

from pathlib import Path

import pytest

from experiments.clip_programs import __main__ as command
from experiments.clip_programs import run
from tests.clip.gestures import tsm
from tests.random_models import Net


def test_a_gesture_network_and_an_image_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "BOARDS", ("host",))
    image = Net(0)
    image.conv(image.input(1, 4, 3, 1), 2, (1, 1), (1, 1), (1, 1))
    for name, net in (("image", image), ("tsm", tsm())):
        (tmp_path / f"{name}.tflite").write_bytes(net.bytes())
    monkeypatch.setattr("sys.argv", ["clip_programs", str(tmp_path), "-o", str(tmp_path / "out")])
    assert command.main() == 0
    found = run.row(tmp_path / "tsm.tflite")
    assert found is not None
    assert (found.frames, found.first, found.results, found.different) == (5, 5, run.CLIPS, 0)
    assert found.macs is not None and found.macs < found.clip_macs
    text = (tmp_path / "out/results.md").read_text()
    assert text in capsys.readouterr().out and "| tsm | 5 | 5 |" in text and "image" not in text
