"""Cost of a streamed frame: the row of a small network, the table, and what would contradict the claim."""

import dataclasses
import math

import pytest

pytest.importorskip("flax")
pytest.importorskip("tensorflow")

from experiments.frame_cost import report, run

pytestmark = pytest.mark.train

ROW = run.Row(
    network="net",
    board="board",
    frames=4,
    spatial_macs=100,
    clip_spatial_macs=400,
    macs=120,
    clip_macs=420,
    traced_macs=120,
    traced_clip_macs=420,
    sram_bytes=3900,
    clip_sram_bytes=12000,
    instructions=1000.0,
    clip_instructions=4000.0,
    different=0,
    clip_different=0,
    problems=(),
)


def test_a_frame_costs_its_share_and_both_programs_give_the_clip_models_bits():
    row = run.row(run.CostConfig(network="streamtinynet-touch", board="host", clips=3), 3)
    assert report.problems([row]) == []
    assert row.clip_spatial_macs == 3 * row.spatial_macs > 0
    assert row.macs < row.clip_macs < 3 * row.macs
    assert row.sram_bytes < row.clip_sram_bytes
    assert math.isnan(row.instructions)


def test_table_states_the_shares():
    assert "| 4 | 100 | 1/4 | 120 | 420 | 3,900 | 12,000 | 1,000 | 4,000 | 0.250 | 0 |" in report.markdown([ROW], "net")


def test_bounds_of_frames_per_second_follow_from_the_count():
    assert "| net | board | 4 | 120 | 3,900 | 12,000 | 1,000 | 8.33 | 480,000 | 320,000 | 0 |" in report.presets([ROW])


def test_running_variances_of_an_untrained_network_are_positive():
    row = run.row(run.CostConfig(network="tsm-96", board="host", clips=1, calibration_clips=1), 2)
    assert report.broken([row]) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"clip_spatial_macs": 399}, "net, T = 4: the clip's spatial MACs are not 4 times the frame's"),
        ({"traced_macs": 121}, "net, T = 4: the exported programs' MACs are not those of the trace"),
        ({"different": 1, "clip_different": 2}, "net, T = 4: 1 and 2 output bytes differ from the clip model's"),
        ({"problems": ("the stack is deep",)}, "net, T = 4: the stack is deep"),
    ],
)
def test_each_contradiction_is_said(changes, message):
    assert report.problems([dataclasses.replace(ROW, **changes)]) == [message]
