"""The video demonstration: its table, what makes it fail, and all steps on tiny clips."""

import dataclasses

import numpy as np
import pytest

pytest.importorskip("flax")
pytest.importorskip("tensorflow")

from experiments.demo_video import report, run
from stjax.data import MovingShapesConfig

pytestmark = pytest.mark.train

ROW = run.Row(
    frames=4,
    float_accuracy=0.99,
    int8_accuracy=0.98,
    pair_accuracy=0.995,
    oracle="an oracle",
    device_clips=120,
    device_accuracy=0.975,
    clip_accuracy=0.975,
    different=0,
    macs_per_frame=253056,
    clip_macs=624000,
    sram_bytes=4448,
    clip_sram_bytes=17188,
    instructions_per_frame=1788216.4,
    problems=(),
    seconds=60.0,
)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"different": 3}, "T = 4: 3 output bytes differ from the clip model's"),
        ({"sram_bytes": 140000}, "T = 4: 140000 bytes of SRAM exceed the budget of 131072"),
        ({"device_accuracy": 0.949}, "T = 4: 94.9 % on the device, below 95 %"),
        ({"problems": ("the stack is deep",)}, "T = 4: the stack is deep"),
        ({"frames": 1}, "T = 1: single frames tell motions from their opposites: 99.5 %"),
    ],
)
def test_each_failure_is_said(changes, message):
    assert report.problems([dataclasses.replace(ROW, **changes)], 128 << 10) == [message]


def test_what_is_as_claimed_fails_nothing():
    single = dataclasses.replace(ROW, frames=1, pair_accuracy=0.5, device_accuracy=0.17)
    assert report.problems([single, ROW], 128 << 10) == []
    assert "| 4 | 99.0 | 98.0 | 99.5 | 97.5 | 97.5 | 0 | 4,448 | 17,188 | 253,056 | 624,000 | 1,788,216 |" in (
        report.markdown([single, ROW])
    )


def test_pairs_compare_a_class_with_its_opposite_only():
    logits = np.array([[1, 2, 9], [2, 1, 9], [4, 4, 0], [4, 4, 0]], np.int8)
    labels, opposite = np.array([0, 0, 0, 1]), (1, 0, 2)
    assert run.pair_accuracy(logits, labels, opposite) == 0.5


def test_tiny_demonstration_goes_through_all_steps(tmp_path):
    demo = run.DemoConfig(
        shapes=MovingShapesConfig(side=16, frames=3, train=12, validation=6, test=6),
        frames=(1, 2),
        epochs=1,
        batch_size=6,
        calibration_clips=3,
        device_clips=5,
        board="host",
    )
    said = []
    rows = list(run.demonstrate(demo, tmp_path, said.append))
    assert [row.frames for row in rows] == [1, 2]
    assert [(row.different, row.problems, row.device_clips) for row in rows] == [(0, (), 5)] * 2
    assert all(row.device_accuracy == row.clip_accuracy for row in rows)
    assert rows[0].clip_macs == rows[0].macs_per_frame
    assert rows[1].macs_per_frame < rows[1].clip_macs
    assert said[0] == "drawing 24 clips"
    assert (tmp_path / "t2" / "gen" / "stj_model.h").is_file()
