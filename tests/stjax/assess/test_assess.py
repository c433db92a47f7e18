"""python -m stjax.assess, on the host: one whole assessment, the split of SRAM, and bad input."""

import json
import math

import numpy as np
import pytest

pytest.importorskip("flax")
pytest.importorskip("tensorflow")
pytest.importorskip("matplotlib")

from stjax.assess import __main__ as command
from stjax.assess import report
from stjax.assess.device import frame_program, prove
from stjax.assess.int8 import int8_model
from stjax.assess.parts import sram_parts, tensor_roles
from stjax.assess.run import Assessment, Settings, assess, train_config
from stjax.data import DatasetConfig, MovingShapesConfig, Splits
from stjax.data.moving_shapes import generate
from stjax.models import Block, Named, StreamTinyNet, VideoConfig

pytestmark = pytest.mark.train

CONFIG = VideoConfig(16, 12, 1, classes=6, frames=3, stem=4, blocks=(Block(4, 2),))
NETWORK = Named("own:net", StreamTinyNet(CONFIG), 3, (16, 12, 1))
SHAPES = MovingShapesConfig(side=16, frames=4, train=12, validation=6, test=6)
SETTINGS = Settings(DatasetConfig("moving_shapes", shapes=SHAPES), epochs=1, batch_size=6, board="host", device_clips=2)


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> Assessment:
    splits = Splits(*(generate(SHAPES, split) for split in ("train", "validation", "test")))
    return assess(NETWORK, SETTINGS, tmp_path_factory.mktemp("work"), splits=splits)


def test_the_board_gives_the_clip_models_bits_and_everything_is_filled_in(found):
    assert (found.weights, found.clips, found.device_clips, found.device_different) == ("trained", 6, 2, 0)
    assert found.problems == []
    assert found.float_accuracy is not None
    assert found.confusion is not None and np.sum(found.confusion) == 6
    assert sum(found.parts.values()) == found.sram
    assert found.parts["window"] == found.parts_alone["window"] > 0
    assert not found.measured  # a computer counts no instructions
    assert found.peak


def test_frames_are_resized_to_what_the_network_takes():
    assert train_config(NETWORK, SETTINGS, 0).pipeline.size == (16, 12)


def test_reports_name_every_network_and_bounds_are_bounds(found):
    clock = report.Clock(100e6, 0.5, 2.0)
    low, high = clock.frames_per_second(1e6)
    assert (low, high) == (50, 200)
    text = report.markdown([found], clock, "a command")
    assert "| own:net | 3 | 1 |" in text and "a command" in text
    assert "own:net" in report.plot([found])
    assert report.value([found], clock)["assessments"][0]["sram"] == found.sram


def test_parts_of_a_network_without_memory_have_no_window():
    one = StreamTinyNet(VideoConfig(9, 7, 1, classes=3, frames=1, stem=4, blocks=(Block(4),)))
    clip = np.zeros((1, 9, 7, 1), np.float32)
    import jax

    proved = prove(frame_program(int8_model(one, one.init(jax.random.key(0), clip), clip, [clip + 0.5])))
    parts = sram_parts(proved.graph, proved.plan)
    assert parts.together["window"] == parts.together["temporal"] == 0
    assert sum(parts.together.values()) == proved.plan.sram_bytes
    roles = tensor_roles(proved.graph)
    (output,) = proved.graph.outputs
    assert roles[output] == "head"
    assert all(math.prod(proved.graph.tensors[t].shape[:-1]) > 1 for t, role in roles.items() if role == "spatial")


def test_a_command_without_data_assesses_costs_and_writes_all_files(tmp_path, monkeypatch, capsys):
    (tmp_path / "small_net.py").write_text(
        "from stjax.models import *\n"
        "net = StreamTinyNet(VideoConfig(8, 8, 1, classes=3, frames=2, stem=4, blocks=(Block(4, 2),)))\n"
    )
    monkeypatch.chdir(tmp_path)
    assert command.run(["small_net:net", "--board", "host", "-o", "out", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["assessments"]
    assert row["weights"] == "random" and row["float_accuracy"] is None and row["device_different"] == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "assessment.md",
        "assessment.json",
        "assessment.svg",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing-touch"], 'no network is called "nothing-touch"'),
        (["streamtinynet-touch", "--data", "nothing"], 'no dataset "nothing"'),
        (["streamtinynet-touch", "--augment", "shift"], '"shift" is none of'),
        (["streamtinynet-touch", "--board", "nothing"], "nothing"),
        (["streamtinynet-touch", "--clock", "fast"], "is no clock"),
    ],
)
def test_bad_input_is_named(arguments, message, capsys):
    from verify.commands import cli

    assert cli.guarded(lambda: command.run(arguments)) == 2
    assert message in capsys.readouterr().err
