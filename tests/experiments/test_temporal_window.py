"""The temporal-window experiment: its pieces, and one whole cell on tiny clips."""

import dataclasses
import json

import numpy as np
import pytest

pytest.importorskip("flax")
pytest.importorskip("tensorflow")
pytest.importorskip("matplotlib")

from experiments.temporal_window import config, report, run
from stjax.assess import device, int8
from stjax.data import DatasetConfig, MovingShapesConfig, Splits
from stjax.data.moving_shapes import generate
from verify.tflite import read_model

pytestmark = pytest.mark.train

SHAPES = MovingShapesConfig(side=32, frames=5, train=12, validation=6, test=6)
TINY = config.ExperimentConfig(
    DatasetConfig("moving_shapes", shapes=SHAPES),
    frames=(3,),
    seeds=(0,),
    network="streamtinynet-shapes",
    epochs=1,
    batch_size=6,
    calibration_clips=3,
    device_clips=4,
    board="host",
)
OUTCOME = run.Outcome(
    model=config.STREAMTINYNET,
    frames=8,
    seed=0,
    epochs=8,
    clips=3214,
    parameters=17741,
    macs_per_frame=123056,
    sram_bytes=5692,
    weight_bytes=29104,
    float_accuracy=0.99,
    float_ordered_accuracy=0.98,
    int8_accuracy=0.985,
    int8_ordered_accuracy=0.97,
    oracle="an oracle",
)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Outcomes of both networks, the folder, and what was said."""
    work, said = tmp_path_factory.mktemp("work"), []
    splits = Splits(*(generate(SHAPES, split) for split in ("train", "validation", "test")))
    return list(run.outcomes(TINY, work, said.append, splits)), work, said, splits


def test_both_networks_run_and_the_board_gives_the_clip_models_bits(tiny):
    (ordered, free), work, said, _ = tiny
    assert said == ["StreamTinyNet, T = 3, seed 0", "order-free pooling, T = 3, seed 0"]
    assert (ordered.device_clips, ordered.device_different, ordered.problems) == (4, 0, ())
    assert free.device_clips is None
    assert ordered.shuffled_accuracy is not None
    assert free.shuffled_accuracy is None
    assert ordered.clips == free.clips == SHAPES.test


def test_macs_of_the_exported_program_are_those_of_the_trace(tiny):
    from stjax.cost import clip_cost, step_cost

    (ordered, _), work, _, _ = tiny
    model = config.train_config(TINY, config.STREAMTINYNET, 3, 0).model
    assert ordered.macs_per_frame == step_cost(model, (32, 32, 1)).macs
    clip = read_model((work / "streamtinynet-3-seed0" / "clip.tflite").read_bytes(), "clip")
    assert device.macs(clip) == clip_cost(model, (3, 32, 32, 1)).macs


def test_finished_cells_are_not_run_again(tiny, monkeypatch):
    found, work, _, splits = tiny
    monkeypatch.setattr(run, "outcome", lambda *arguments: pytest.fail("ran again"))
    assert [json.dumps(dataclasses.asdict(o)) for o in run.outcomes(TINY, work, lambda text: None, splits)] == [
        json.dumps(dataclasses.asdict(o)) for o in found
    ]


def test_changed_settings_run_again(tiny, monkeypatch):
    _, work, _, splits = tiny
    monkeypatch.setattr(run, "outcome", lambda *arguments: pytest.fail("ran again"))
    changed = dataclasses.replace(TINY, calibration_clips=4)
    with pytest.raises(pytest.fail.Exception, match="ran again"):
        list(run.outcomes(changed, work, lambda text: None, splits))


def test_order_free_network_cannot_tell_a_clip_from_its_reversal():
    import jax

    model = config.train_config(TINY, config.ORDER_FREE, 4, 0).model
    clip = np.random.default_rng(0).random((4, 32, 32, 1), np.float32)
    variables = model.init(jax.random.key(0), clip)
    forward, backward = model.apply(variables, clip), model.apply(variables, clip[::-1])
    np.testing.assert_allclose(forward, backward, atol=1e-5)
    assert np.ptp(np.asarray(forward)) > 1e-3


def test_equal_outputs_count_as_the_first_class():
    logits = np.array([[3, 3, 1], [0, 5, 5], [1, 2, 9]], np.int8)
    assert int8.accuracy(logits, np.array([0, 2, 2])) == pytest.approx(2 / 3)


def test_table_gives_mean_deviation_and_worst_case_over_seeds():
    second = dataclasses.replace(OUTCOME, seed=1, float_accuracy=0.97, sram_bytes=5700)
    shuffled = dataclasses.replace(OUTCOME, frames=12, shuffled_accuracy=0.5)
    free = dataclasses.replace(OUTCOME, model=config.ORDER_FREE)
    text = report.markdown([free, OUTCOME, second, shuffled])
    lines = [line for line in text.splitlines() if line.startswith(("| Stream", "| order"))]
    assert lines[0].startswith(
        "| StreamTinyNet | 8 | 2 | 98.00 ± 1.41 | 98.50 ± 0.00 | 97.00 ± 0.00 | - | - | - | 123,056 | 5,700"
    )
    assert lines[1].startswith("| StreamTinyNet | 12 | 1 | 99.00 |")
    assert lines[2].startswith("| StreamTinyNet, frames shuffled at test | 12 | 1 | 50.00 | - |")
    assert lines[3].startswith("| order-free pooling | 8 | 1 |")
    assert {line.count("|") for line in lines} == {len(report.HEADER) + 1}


def test_plot_is_the_same_each_time():
    second = dataclasses.replace(OUTCOME, frames=12, shuffled_accuracy=0.5, instructions_per_frame=1e6, device_clips=4)
    found = [OUTCOME, second, dataclasses.replace(OUTCOME, model=config.ORDER_FREE)]
    assert report.plot(found) == report.plot(found)
    assert "<svg" in report.plot(found)
