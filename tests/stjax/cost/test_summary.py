"""python -m stjax.summary."""

import json
import re
import sys

import pytest

pytest.importorskip("jax")
pytest.importorskip("flax")

from stjax import models, summary

pytestmark = pytest.mark.train


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs the command with some arguments; returns what it prints."""

    def command(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["summary", *arguments])
        summary.main()
        return capsys.readouterr().out

    return command


def test_table_has_a_row_for_each_layer_and_totals(run):
    text = run("streamtinynet-touch")
    assert "streamtinynet-touch: frames 27 x 15 x 1, answers from 8, clip of 8" in text
    for name in ("stem", "block0.expand", "block1.project", "temporal", "logits"):
        assert f" {name} " in text
    assert [line.split() for line in text.splitlines() if line.split()[:1] == ["total"]] == [
        ["total", "17,741", "123,056", "270,117", "6,720", "833,360"]
    ]
    assert "3,136 B kept between frames" in text


def test_json_has_the_same_figures(run):
    data = json.loads(run("streamtinynet-touch", "--json"))
    assert data["step"]["macs"] == sum(layer["macs"] for layer in data["step"]["layers"]) == 123_056
    assert data["clip"]["macs"] == 833_360
    assert data["window_frames"] == data["frames"] == 8


def test_frames_change_the_network(run):
    data = json.loads(run("conv3d-touch", "--frames", "3", "--json"))
    assert (data["frames"], data["window_frames"]) == (3, 3)


@pytest.mark.parametrize("name", models.NAMES)
def test_every_named_network_has_a_summary(name):
    found = summary.summarize(name)
    assert found.step.macs <= found.clip.macs
    assert found.step.parameters == found.clip.parameters


def test_network_of_the_zoo(run, models_dir):
    path = models_dir / "mcunet_zoo" / "mcunet-5fps_vww.json"
    data = json.loads(run(f"mcunet:{path}", "--frames", "2", "--json"))
    assert data["step"]["macs"] == 11_578_816
    assert data["clip"]["macs"] == 2 * 11_578_816


@pytest.mark.parametrize(
    ("name", "message"),
    [("resnet", 'error: no network is called "resnet"'), ("mcunet:/absent.json", "error: .*No such file")],
)
def test_what_is_not_there_is_refused(run, capsys, name, message):
    with pytest.raises(SystemExit, match="2"):
        run(name)
    assert re.search(message, capsys.readouterr().err)
