"""A run that is killed goes on and ends in the same bits."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("flax")
pytest.importorskip("orbax.checkpoint")
import jax
import numpy as np

from stjax.train import train_and_evaluate
from stjax.train.checkpoints import Checkpoints
from stjax.train.identity import LOOKED_AT
from tests.stjax.train.small_model import config, flat, splits

pytestmark = pytest.mark.train

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    return train_and_evaluate(config(), tmp_path_factory.mktemp("whole"), data=splits(), show=False)


def killed(workdir: Path, at_read: int) -> None:
    """Trains in another process until SIGKILL. Before the first step, clips are read to know the data again, and the
    first one for its size."""
    before = 1 + min(LOOKED_AT, len(splits().train))
    command = [sys.executable, "-m", "tests.stjax.train.run_small", str(workdir), str(before + at_read)]
    found = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=300
    )
    assert found.returncode == -signal.SIGKILL, found.stderr.decode()


def assert_same_run(found, expected) -> None:
    names = flat(expected.variables)
    assert flat(found.variables).keys() == names.keys() and len(names) == 4
    for name, values in names.items():
        np.testing.assert_array_equal(flat(found.variables)[name], values)
    for a, b in zip(found.history, expected.history, strict=True):
        assert {**a, "seconds": 0} == {**b, "seconds": 0}
    assert found.test.to_json() == expected.test.to_json()


def test_kill_in_the_middle_of_an_epoch_and_then_resume(tmp_path, uninterrupted):
    """Steps of 12 clips, 5 per epoch, a checkpoint every 4: the kill comes in step 12, of which 3 clips were read."""
    killed(tmp_path, at_read=11 * 12 + 3)
    kept = sorted(int(path.name) for path in (tmp_path / "checkpoints").iterdir() if path.name.isdigit())
    assert kept == [4, 8]
    assert len(json.loads((tmp_path / "history.json").read_text())) == 2
    # As orbax leaves it when it is killed while it saves: counts for nothing, and goes away.
    leftover = tmp_path / "checkpoints" / "11.orbax-checkpoint-tmp"
    (leftover / "state").mkdir(parents=True)
    assert_same_run(train_and_evaluate(config(), tmp_path, data=splits(), show=False), uninterrupted)
    assert not leftover.exists()


def test_kill_before_the_first_checkpoint_starts_again(tmp_path, uninterrupted):
    killed(tmp_path, at_read=30)
    assert_same_run(train_and_evaluate(config(), tmp_path, data=splits(), show=False), uninterrupted)


def test_saving_is_complete_when_it_returns(tmp_path):
    """Another manager of the same folder sees the step at once, with every bit."""
    from stjax.train import devices
    from stjax.train.config import build_optimizer
    from stjax.train.loop import network_of
    from stjax.train.steps import initial_state

    mesh, run = devices.all_devices(), config()
    clip = splits().train.clip(0)
    state = initial_state(network_of(run, None, None), build_optimizer(run.optimizer, 15), clip, run, mesh)
    writer = Checkpoints(tmp_path, keep=1)
    writer.save(state, [{"epoch": 0, "train_loss": 0.1 + 0.2}])
    reader = Checkpoints(tmp_path, keep=1)
    found = reader.restore(state)
    assert found is not None and found[1] == [{"epoch": 0, "train_loss": 0.1 + 0.2}]
    jax.tree.map(np.testing.assert_array_equal, found[0], state)
    assert jax.tree.structure(found[0]) == jax.tree.structure(state)
    writer.close()
    reader.close()
