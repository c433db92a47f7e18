"""python -m export.tflite: files, and errors as one line."""

import re
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("tensorflow")
import jax
import jax.numpy as jnp

from export.tflite import to_step
from export.tflite.__main__ import dataset_clips, run
from export.tflite.model import read_model
from stjax import models, quant
from tests.stjax.data.fir16_archives import write_clips, write_streams
from verify.commands import cli

pytestmark = pytest.mark.train

NETWORK = "streamtinynet-touch"
CLIP_SHAPE = (3, 27, 15, 1)


@pytest.fixture(scope="module")
def clips_file(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("clips") / "clips.npy"
    np.save(path, np.random.default_rng(0).integers(0, 256, (2, *CLIP_SHAPE), np.uint8))
    return str(path)


def checkpoint_of(folder, variables) -> str:
    """A folder as a training run leaves it."""
    ocp = pytest.importorskip("orbax.checkpoint")
    with ocp.CheckpointManager((folder / "checkpoints").absolute()) as manager:
        manager.save(7, args=ocp.args.Composite(state=ocp.args.StandardSave({"variables": variables})))
    return str(folder)


def kernel(contents: bytes, layer: str) -> np.ndarray:
    tensor = next(tensor for tensor in read_model(contents).tensors if tensor.name == f"{layer}/kernel")
    return tensor.contents.view(np.int8)


def test_random_weights_are_enough_to_plan_memory(tmp_path, capsys):
    clip, step = tmp_path / "clip.tflite", tmp_path / "step.tflite"
    assert run([NETWORK, "--frames", "3", "--samples", "2", "-o", str(clip), "--step", str(step)]) == 0
    assert to_step(clip.read_bytes()).contents == step.read_bytes()
    printed = capsys.readouterr()
    assert "the weights are random" in printed.err
    assert f"wrote {clip} ({clip.stat().st_size:,} bytes): [3, 27, 15, 1] -> [1, 5], 13 operators" in printed.out
    assert "1 states of 896 bytes together, 2 frames to warm up" in printed.out


def test_step_model_comes_from_a_clip_model_alone(tmp_path):
    first, again, clip = (tmp_path / name for name in ("step.tflite", "again.tflite", "clip.tflite"))
    run([NETWORK, "--frames", "2", "--samples", "1", "-o", str(clip), "--step", str(first)])
    assert run([str(clip), "--step", str(again)]) == 0
    assert again.read_bytes() == first.read_bytes()


def test_weights_come_from_the_checkpoint(tmp_path, clips_file):
    network = models.preset(NETWORK, 3)
    variables = network.init(jax.random.key(3), np.zeros(CLIP_SHAPE, np.float32))
    variables = jax.tree.map(lambda v: jnp.flip(v), variables)
    folder, clip = checkpoint_of(tmp_path, variables), tmp_path / "clip.tflite"
    assert run([NETWORK, "--frames", "3", "--checkpoint", folder, "--clips", clips_file, "-o", str(clip)]) == 0
    values = np.moveaxis(np.asarray(variables["params"]["block0"]["expand"]["kernel"]), -1, 0)
    expected = np.rint(values * 127 / np.abs(values).max((1, 2, 3), keepdims=True))
    np.testing.assert_allclose(kernel(clip.read_bytes(), "block0.expand").reshape(expected.shape), expected, atol=1)


def test_learned_ranges_are_kept(tmp_path, clips_file):
    network, config = models.preset(NETWORK, 3), quant.QuantConfig()
    with quant.fake_quantized(config):
        variables = network.init(jax.random.key(0), np.zeros(CLIP_SHAPE, np.float32))
    variables = quant.observe(network, variables, [np.ones(CLIP_SHAPE, np.float32)], config)
    variables["ranges"]["stem"]["range_high"] = jnp.float32(51.0)
    folder, clip = checkpoint_of(tmp_path, variables), tmp_path / "clip.tflite"
    assert run([NETWORK, "--frames", "3", "--checkpoint", folder, "--clips", clips_file, "-o", str(clip)]) == 0
    stem = next(tensor for tensor in read_model(clip.read_bytes()).tensors if tensor.name == "stem")
    assert stem.quantization.scale == pytest.approx((51 / 255,))


def refused(arguments: list[str]) -> str:
    with pytest.raises(cli.InputError) as found:
        run(arguments)
    return str(found.value)


def test_bad_arguments_are_one_line_each(tmp_path, clips_file):
    output = ["-o", str(tmp_path / "clip.tflite")]
    assert 'no network is called "nonsense"; there are streamtinynet-touch' in refused(["nonsense", *output])
    assert "No such file" in refused([str(tmp_path / "none.tflite"), *output])
    assert "it has no folder `checkpoints`" in refused([NETWORK, "--checkpoint", str(tmp_path), *output])
    assert "holds uint8 [2, 3, 27, 15, 1], not uint8 clips of [8, 27, 15, 1]" in refused(
        [NETWORK, "--clips", clips_file, *output]
    )
    assert "weight_bits (=1) must be from 2 to 8" in refused([NETWORK, "--weight-bits", "1", *output])
    assert not (tmp_path / "clip.tflite").exists()


@pytest.mark.parametrize("contents", [b"", b"no model", b"\0\0\0\0TFL3" + bytes(40)])
def test_file_that_is_no_model_is_refused_and_nothing_is_written(tmp_path, capsys, contents):
    model, clip, step = tmp_path / "bad.tflite", tmp_path / "clip.tflite", tmp_path / "step.tflite"
    model.write_bytes(contents)
    arguments = [str(model), "-o", str(clip), "--step", str(step)]
    assert cli.guarded(lambda: run(arguments)) == cli.BAD_INPUT
    assert re.fullmatch("error: .+\n", capsys.readouterr().err)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.tflite"]


def test_folder_that_does_not_exist_leaves_nothing(tmp_path, capsys):
    arguments = [NETWORK, "--frames", "2", "--samples", "1", "-o", str(tmp_path / "none" / "clip.tflite")]
    assert cli.guarded(lambda: run(arguments)) == cli.BAD_INPUT
    assert "there is no folder" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_exit_code_of_the_program(tmp_path):
    command = [sys.executable, "-m", "export.tflite", "none.tflite", "--step", str(tmp_path / "step.tflite")]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr == "error: none.tflite: No such file or directory\n"
    assert not list(tmp_path.iterdir())


def test_trained_network_needs_clips(tmp_path):
    variables = models.preset(NETWORK).init(jax.random.key(0), np.zeros((8, 27, 15, 1), np.float32))
    folder = checkpoint_of(tmp_path, variables)
    message = refused([NETWORK, "--checkpoint", folder, "-o", str(tmp_path / "clip.tflite")])
    assert "a trained network needs clips to calibrate on: give --dataset or --clips" in message


def test_checkpoint_of_another_network_is_named(tmp_path, clips_file):
    variables = models.preset(NETWORK, 4).init(jax.random.key(0), np.zeros((4, 27, 15, 1), np.float32))
    folder = checkpoint_of(tmp_path, variables)
    message = refused([NETWORK, "--frames", "3", "--checkpoint", folder, "--clips", clips_file, "-o", "clip.tflite"])
    assert "of another network: params/temporal/kernel has shape [4, 1, 1, 32], not [3, 1, 1, 32]" in message


def test_something_has_to_be_written(capsys):
    assert cli.guarded(lambda: run([NETWORK])) == cli.BAD_INPUT
    assert "one of --output and --step is needed" in capsys.readouterr().err


def test_clips_to_calibrate_on_are_of_whole_clips_or_windows_of_recordings(tmp_path, monkeypatch):
    write_clips(tmp_path)
    write_streams(tmp_path)
    monkeypatch.setenv("STJAX_DATA", str(tmp_path))
    # Four training recordings of 10, 13, 10, 13 frames have ten windows of four; there are 35 training clips.
    for name, count in (("fir16/fold1", 35), ("fir16_streams/fold1", 10)):
        assert [clip.shape for clip in dataset_clips(name, (4, 8, 16, 1))] == count * [(4, 8, 16, 1)]
    with pytest.raises(cli.InputError, match="only colour"):
        list(dataset_clips("fir16/fold1", (4, 8, 16, 3)))
