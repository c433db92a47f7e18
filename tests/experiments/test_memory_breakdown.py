"""The memory breakdown: parts add up, and the window grows by one feature map with each frame."""

import pytest

pytest.importorskip("flax")
pytest.importorskip("tensorflow")
pytest.importorskip("matplotlib")

from experiments.memory_breakdown import report, run

pytestmark = pytest.mark.train


def test_parts_add_up_and_the_window_grows_with_t():
    two, four = (run.deployment(frames, 16, 2, small=True) for frames in (2, 4))
    for found in (two, four):
        assert sum(found.parts.values()) == found.sram
        assert found.frames_kept == found.frames * 16 * 16 * 3
    # Two feature maps at T = 2, four at T = 4.
    assert four.parts["window"] == 2 * two.parts["window"] > 0
    text = report.markdown([two, four], "a command")
    assert text.count("| 16 x 16 x 3 |") == 2 and "`window`: frames of features" in text
    assert "T = 4" in report.plot([two, four])
