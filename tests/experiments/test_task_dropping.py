"""The task-dropping experiment on tiny clips, and what it counts."""

import numpy as np
import pytest

pytest.importorskip("flax")
pytest.importorskip("tensorflow")
pytest.importorskip("matplotlib")

from experiments.task_dropping import report, run
from stjax.data import DatasetConfig, MovingShapesConfig, Splits
from stjax.data.moving_shapes import generate
from tests.clip.test_per_frame import streamtinynet
from verify.clip import per_frame

pytestmark = pytest.mark.train

SHAPES = MovingShapesConfig(side=32, frames=4, train=12, validation=6, test=6)
TINY = run.DroppingConfig(
    DatasetConfig("moving_shapes", shapes=SHAPES),
    network="streamtinynet-shapes",
    frames=3,
    epochs=1,
    batch_size=6,
    clips=4,
    row_tolerances=(0, 40),
    frame_thresholds=(0, 300),
    device_clips=3,
    board="host",
)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    splits = Splits(*(generate(SHAPES, split) for split in ("train", "validation", "test")))
    return list(run.outcomes(TINY, tmp_path_factory.mktemp("work"), lambda text: None, splits))


def test_threshold_zero_changes_no_bit_and_firmware_gives_the_clip_models(tiny):
    rows, coarse, frames, still = tiny
    assert [o.gate for o in tiny] == ["rows", "rows", "frames", "frames"]
    for exact in (rows, frames):
        assert (exact.same_bits, exact.agreement) == (1, 1)
    assert rows.macs == frames.macs <= rows.macs_whole
    assert all(o.wrong_bytes == (0 if o.chosen or o.threshold == 0 else None) for o in tiny)
    assert sum(o.chosen for o in (rows, coarse)) == sum(o.chosen for o in (frames, still)) == 1
    assert {o.validation_clips for o in tiny} == {4}
    assert coarse.macs <= rows.macs
    assert still.frames_skipped == 1 and still.rows_changed == 0  # nothing is as far away as 300 steps
    assert still.macs < rows.macs


def test_the_chosen_threshold_is_the_largest_up_to_which_all_clips_keep_their_class():
    assert run.choice({0: 1.0, 2: 1.0, 1: 1.0, 3: 0.99, 4: 1.0}) == 2
    assert run.choice({0: 1.0, 1: 0.5}) == 0


def test_macs_of_a_frame_are_those_of_the_rows_that_are_computed():
    graph = per_frame(streamtinynet(3, 9, 6))
    whole = sum(node.macs for node in graph.nodes)
    spatial = sum(node.macs for node in graph.nodes[:2])
    everything, nothing, one = run.frame_macs(graph, np.array([0, 9, 0]), np.array([9, 0, 1]))
    assert (everything, nothing) == (whole, whole - spatial)
    # Row 0 reaches row 0 of the first convolution (stride 2, padded above) and rows 0 and 1 of the second, which read
    # rows 0 to 2 of the first.
    assert one == whole - spatial + graph.nodes[0].macs * 3 / 5 + graph.nodes[1].macs * 2 / 5


def test_the_tables_keep_exact_and_approximate_apart(tiny):
    text = report.markdown(tiny, TINY)
    lines = [line for line in text.splitlines() if line.startswith(("Exact", "Approximate", "| 0 ", "| 40 ", "| 300 "))]
    starts = ["Exac", "| 0 ", "Appr", "| 40", "Exac", "| 0 ", "Appr", "| 30"]
    assert [line[:4] for line in lines] == starts
    assert sum("(chosen)" in line for line in lines) == 2
    assert "<svg" in report.plot(tiny)
