"""Channels that are left out, from the command line to firmware: outputs are the whole model's, bit for bit."""

import json
from pathlib import Path

import numpy as np
import pytest

import verify.commands.check as check_main
import verify.commands.plan as plan_main
import verify.commands.recheck as recheck_main
from embedded.tools.firmware import build, run
from export.__main__ import write_folder
from export.c.emit import emit, program_of
from export.c.readback import differences
from tests.embedded.firmware_harness import HOST_AND_M7
from tests.planted import plant
from tests.random_models import Net
from verify.channels.ranges import channel_ranges
from verify.channels.reduced import reduced
from verify.clip import per_frame
from verify.commands import cli
from verify.commands.check import random_inputs
from verify.graph.plan_json import plan_from_json
from verify.plan.left_out import constant_channels
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay_frames
from verify.targets.registry import targets


def network() -> Net:
    """Two bottlenecks with a shortcut; channels of the depthwise results and of the shortcut are planted."""
    net = Net(9)
    x = net.conv(net.input(1, 14, 8, 3), 4, (3, 3), (2, 2), (1, 1))
    plant(net, x, 3, "multiplier 0")
    for way in ("bias above", "bias below"):
        deep = net.depthwise(net.conv(x, 8, (1, 1), (1, 1), (1, 1)), (3, 3), (1, 1), (1, 1))
        for channel in (0, 5, 6):
            plant(net, deep, channel, way)
        y = net.conv(deep, 4, (1, 1), (1, 1), (1, 1))
        plant(net, y, 3, "weights 0")
        plant(net, y, 3, "bias above")
        x = net.add(y, x)
    net.dense(net.mean(x), 3)
    return net


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("left out") / "planted.tflite"
    path.write_bytes(network().bytes())
    return path


def call(program: object, *arguments: object) -> int:
    return cli.command(program.run, [str(argument) for argument in arguments])  # type: ignore[attr-defined]


def test_the_planner_leaves_them_out_and_says_how_much_that_is(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, whole = tmp_path / "plan.json", tmp_path / "whole.json"
    assert call(plan_main, model, "-o", plan, "--json", "--certificate", tmp_path / "proof") == cli.PROVED
    value = json.loads(capsys.readouterr().out)
    assert call(plan_main, model, "-o", whole, "--json", "--keep-constant") == cli.PROVED
    kept = json.loads(capsys.readouterr().out)
    assert "left_out" not in kept and value["claims"].keys() - kept["claims"].keys() == {"C9"}
    assert value["left_out"]["channels"] == sum(len(e.channels) for e in plan_from_json(plan.read_text()).left_out) > 12
    assert value["left_out"]["macs"] == kept["macs"] - value["macs"] > kept["macs"] // 4
    assert value["flash_bytes"]["weights"] < kept["flash_bytes"]["weights"]
    assert call(plan_main, model) == cli.PROVED
    assert f"left out: {value['left_out']['channels']} channels, constant or not read" in capsys.readouterr().out
    assert call(check_main, model, plan, "--replay", "--for-all", "--json") == cli.PROVED
    assert json.loads(capsys.readouterr().out)["replay"] == "equal"
    assert call(recheck_main, tmp_path / "proof") == recheck_main.SOUND
    manifest = tmp_path / "proof" / "manifest.json"
    changed = json.loads(manifest.read_text())
    del changed["claims"]["C9"]
    manifest.write_text(json.dumps(changed))
    assert call(recheck_main, tmp_path / "proof") == recheck_main.NOT_SOUND
    assert "the manifest does not make claim C9" in capsys.readouterr().out


def test_they_leave_by_as_many_as_the_target_computes_at_a_time(model: Path, tmp_path: Path) -> None:
    assert call(plan_main, model, "--target", "cortex-m-mve", "-o", tmp_path / "plan.json") == cli.PROVED
    plan = plan_from_json((tmp_path / "plan.json").read_text())
    assert {len(entry.channels) % 4 for entry in plan.left_out} <= {0}
    channels = {name: target.channels for name, target in targets().items()}
    assert channels == {"portable": 1, "cortex-m-dsp": 2, "cortex-m-mve": 4}


def test_published_schemes_keep_what_their_papers_compute(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(plan_main, model, "--scheme", "patch", "--n-patch", "2", "--split", "2", "--json") == cli.PROVED
    assert "left_out" not in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("board", HOST_AND_M7)
def test_firmware_gives_the_whole_models_bits(board: str, tmp_path: Path) -> None:
    graph = network().graph()
    plan = make_plan(reduced(graph, constant_channels(graph)), Request())
    _, proved = check(graph, plan)
    assert proved is not None and proved.plan.left_out
    files = emit(proved)
    assert differences(files, proved, program_of(proved)) == []
    write_folder(tmp_path / "gen", files)
    samples = [random_inputs(graph, seed) for seed in range(3)]
    result = run(
        build(tmp_path / "gen", board, tmp_path / board), [np.stack(arrays) for arrays in zip(*samples, strict=True)]
    )
    for sample, output in zip(samples, result.outputs[0], strict=True):
        np.testing.assert_array_equal(output, evaluate(graph, sample)[0])
    assert not result.problems


def test_the_program_of_one_frame_leaves_them_out_too() -> None:
    net = Net(10)
    frames, height, width, channels = 5, 6, 4, 4
    x = net.conv(net.input(frames, 7, width, 2), channels, (2, 1), (1, 1), (1, 1), padding="VALID")
    plant(net, x, 1, "bias below")
    x = net.reshape(x, 1, frames, height * width, channels)
    x = net.depthwise(x, (frames, 1), (1, 1), (1, 1), padding="VALID")
    plant(net, x, 2, "multiplier 0")
    net.dense(net.reshape(x, 1, height * width * channels), 3)
    model = net.graph()
    step = per_frame(model)
    left_out = constant_channels(step)
    assert {c for entry in left_out for c in entry.channels} == {1, 2}
    plan = make_plan(reduced(step, left_out), Request("stream"))
    report, proved = check(step, plan)
    assert proved is not None and {"C8", "C9"} <= report.verdicts.keys()
    inputs = random_inputs(model, 0)
    outputs = replay_frames(step, plan, [[array[t : t + 1] for array in inputs] for t in range(frames)])
    np.testing.assert_array_equal(outputs[-1][0], evaluate(model, inputs)[0])


@pytest.mark.parametrize(("way", "constant"), [("bias above", False), ("multiplier 0", True)])
def test_frames_before_the_first_one_count(way: str, constant: bool) -> None:
    """They hold what the clip model pads with, the zero point."""
    net = Net(11)
    x = net.conv(net.input(4, 5, 4, 2), 3, (1, 1), (1, 1), (1, 1))
    plant(net, x, 1, way)
    padded = net.pad_time(x, 1)
    net.conv(net.concatenate(*(net.frames_from(padded, k, 4) for k in range(2))), 2, (3, 3), (1, 1), (1, 1))
    step = per_frame(net.graph())
    (kept,) = step.fills
    assert (1 in channel_ranges(step)[kept].constant) is constant
