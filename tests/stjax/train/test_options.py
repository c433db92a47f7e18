"""Options of training: losses, labels of frames, several outputs, averages; with all of them, resuming stays exact."""

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("flax")
pytest.importorskip("orbax.checkpoint")
import jax
import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp

from stjax import nn
from stjax.data.datasets import Splits
from stjax.train import OptimizerConfig, TrainConfig, TrainError, cross_entropy, evaluate, train_and_evaluate
from stjax.train.averages import moved
from stjax.train.identity import identity
from stjax.train.losses import judged, label_weights, loss_of
from stjax.train.metrics import from_json
from tests.stjax.train.small_model import SmallNet, config, flat, splits

pytestmark = pytest.mark.train

CLASSES = 6


class StoppedError(Exception):
    pass


class Stopping:
    """Clips that stop the run at the given read."""

    def __init__(self, clips, reads: int):
        self._clips, self._left = clips, reads

    def __getattr__(self, name: str):
        return getattr(self._clips, name)

    def __len__(self) -> int:
        return len(self._clips)

    def read(self, clip: int, frame_numbers: np.ndarray) -> np.ndarray:
        self._left -= 1
        if self._left == 0:
            raise StoppedError
        return self._clips.read(clip, frame_numbers)


@pytest.fixture(scope="module")
def data() -> Splits:
    return splits()


@pytest.fixture(scope="module")
def labelled_frames(data: Splits) -> Splits:
    """The class of each clip on its frames but the first."""

    def label(clips):
        classes = np.repeat(clips.labels, np.diff(clips.offsets))
        classes[clips.offsets[:-1]] = -1
        return replace(clips, labels=np.full(len(clips), -1, np.int32), frame_classes=classes)

    return Splits(label(data.train), label(data.validation), label(data.test))


def exiting() -> nn.Layer:
    first = nn.Sequential([nn.Conv(3, 3, stride=2, activation="relu", name="stem"), nn.TemporalConv(2, time="valid")])
    heads = (nn.Sequential([nn.Flatten(), nn.Dense(CLASSES, name="logits")]) for _ in range(2))
    return nn.EarlyExit(first, *heads)


def per_frame(run: TrainConfig) -> TrainConfig:
    return replace(run, pipeline=replace(run.pipeline, labels="frame"))


def right(outputs, labels, weights):
    """Share of the labelled frames whose last output is right."""
    hits = (outputs[-1].argmax(-1) == labels) * weights
    return hits.sum(-1) / weights.sum(-1)


def everything(**changes) -> TrainConfig:
    fields = {
        "method": "both",
        "label_smoothing": 0.1,
        "class_weights": (1.0, 2.0, 1.0, 0.5, 1.0, 1.0),
        "output_weights": (0.3, 1.0),
        "ema_decay": 0.8,
        "metrics": {"right": right},
    }
    return per_frame(config(exiting(), **(fields | changes)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("whole")


@pytest.fixture(scope="module")
def whole(folder, labelled_frames):
    return train_and_evaluate(everything(), folder, data=labelled_frames, show=False)


def test_a_run_with_all_options_that_is_stopped_ends_in_the_same_bits(tmp_path, labelled_frames, whole):
    """A checkpoint every 4 of 15 steps: it goes on from step 8, in the middle of an epoch."""
    reads = 1 + len(labelled_frames.train) + 10 * 12 + 5
    stopping = replace(labelled_frames, train=Stopping(labelled_frames.train, reads))
    with pytest.raises(StoppedError):
        train_and_evaluate(everything(), tmp_path, data=stopping, show=False)
    assert sorted(int(path.name) for path in (tmp_path / "checkpoints").iterdir()) == [4, 8]
    found = train_and_evaluate(everything(), tmp_path, data=labelled_frames, show=False)
    for name, values in flat(whole.variables).items():
        np.testing.assert_array_equal(flat(found.variables)[name], values)
    assert [{**e, "seconds": 0} for e in found.history] == [{**e, "seconds": 0} for e in whole.history]
    assert found.test.to_json() == whole.test.to_json()


def test_frames_with_labels_are_counted_for_each_output(whole, labelled_frames):
    frames = int((labelled_frames.test.frame_classes >= 0).sum())
    assert whole.test.count == frames and len(whole.test.earlier) == 1
    assert whole.test.earlier[0].count == frames
    assert whole.test.more["right"] == pytest.approx(whole.test.accuracy)
    assert from_json(whole.test.to_json()).to_json() == whole.test.to_json()


def test_both_outputs_are_learned_from_by_their_weights():
    labels, weights = jnp.array([1, 0]), jnp.ones(2)
    outputs = tuple(jnp.asarray(np.random.default_rng(k).normal(size=(2, 6)), jnp.float32) for k in range(2))
    alone = [jax.grad(lambda o: cross_entropy(o, labels, weights, 0.1).sum())(output) for output in outputs]
    for shares in ((0.3, 1.0), (0.0, 2.0), None):
        loss = loss_of(replace(config(), label_smoothing=0.1, output_weights=shares), training=True)
        found = jax.grad(lambda o, loss=loss: loss(o, labels, weights).sum())(outputs)
        for gradient, single, share in zip(found, alone, shares or (1.0, 1.0), strict=True):
            np.testing.assert_allclose(gradient, share * single, rtol=1e-5, atol=1e-7)


def test_averages_are_what_is_evaluated_and_returned(folder, labelled_frames, whole):
    with ocp.CheckpointManager(folder / "checkpoints") as manager:
        kept = manager.restore(15, args=ocp.args.Composite(state=ocp.args.StandardRestore()))["state"]
    for name, values in flat(whole.variables).items():
        np.testing.assert_array_equal(flat(kept["averages"])[name], values)
        assert not np.array_equal(flat(kept["variables"])[name], values)
    again = evaluate(everything(), whole.variables, labelled_frames.test)
    assert again.to_json() == whole.test.to_json()


def test_averages_by_hand():
    average = {"w": jnp.array([1.0]), "steps": jnp.array(1)}
    for step, (new, keep) in enumerate([(3.0, 1 / 10), (5.0, 2 / 11), (7.0, 0.2), (9.0, 0.2)]):
        expected = keep * average["w"] + (1 - keep) * new
        average = moved(average, {"w": jnp.array([new]), "steps": jnp.array(step)}, jnp.array(step), 0.2)
        np.testing.assert_allclose(average["w"], expected, rtol=1e-6)
    assert average["steps"] == 3


def test_cross_entropy_by_hand():
    logits = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    labels = jnp.array([[1, -1, 3], [-1, -1, -1]])
    weights = label_weights(labels, (1.0, 2.0, 1.0, 0.5))
    np.testing.assert_array_equal(weights, [[2, 0, 0.5], [0, 0, 0]])
    nats = -np.asarray(jax.nn.log_softmax(logits))
    np.testing.assert_allclose(
        cross_entropy(logits, labels, weights), [(2 * nats[0, 0, 1] + 0.5 * nats[0, 2, 3]) / 2, 0], rtol=1e-5
    )
    smooth = 0.8 * nats[:, 0, 2] + 0.2 * nats[:, 0].mean(-1)
    clips = jnp.array([2, 2])
    found = cross_entropy(logits[:, 0], clips, label_weights(clips, None), smoothing=0.2)
    np.testing.assert_allclose(found, smooth, rtol=1e-5)


def test_a_network_that_drops_frames_is_judged_by_the_last_labels():
    labels = jnp.arange(8).reshape(2, 4)
    np.testing.assert_array_equal(judged(labels, jnp.zeros((2, 3, 6))), labels[:, 1:])
    np.testing.assert_array_equal(judged(labels, (jnp.zeros((2, 4, 6)),) * 2), labels)
    np.testing.assert_array_equal(judged(labels[0], jnp.zeros((4, 6))), labels[0])


def test_a_loss_of_ones_own_takes_part(tmp_path, data):
    """One that wants the first output to be 3, whatever the labels are."""

    def three(outputs, labels, weights):
        return (outputs[:, 0] - 3) ** 2

    run = config(epochs=1, loss=three, optimizer=OptimizerConfig(3e-2), metrics={"first": lambda o, *_: o[:, 0]})
    found = train_and_evaluate(run, tmp_path, data=data, show=False)
    assert found.test.confusion[:, 0].sum() == found.test.count == 12
    assert (found.test.more["first"] - 3) ** 2 <= found.test.loss < 5


def test_options_are_part_of_a_runs_identity():
    def scaled(by: float):
        return lambda outputs, labels, weights: by * cross_entropy(outputs, labels, weights)

    changes = [
        {"loss": scaled(1.0)},
        {"loss": scaled(2.0)},
        {"metrics": {"a": scaled(1.0)}},
        {"metrics": {"a": scaled(2.0)}},
        {"class_weights": (1.0,) * 6},
        {"output_weights": (1.0,)},
        {"ema_decay": 0.9},
        {"method": "clip"},
    ]
    texts = [identity(replace(config(), **change)) for change in changes]
    assert len({identity(config()), identity(per_frame(config())), *texts}) == len(changes) + 2
    assert texts == [identity(replace(config(), **change)) for change in changes]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss": cross_entropy, "label_smoothing": 0.1}, "belong to the cross-entropy"),
        ({"ema_decay": 1.0}, r"`ema_decay` \(=1.0\) must lie between 0 and 1"),
        ({"class_weights": (1.0, -1.0)}, r"`class_weights` \(=\(1.0, -1.0\)\) must be at least 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        config(**changes)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (per_frame(config(SmallNet())), r"logits of shape \(6,\); frames have labels of 6 classes, so it must be \(fr"),
        (everything(class_weights=(1.0,)), "`class_weights` has 1 numbers; it must have 6"),
        (everything(output_weights=(1.0,)), "`output_weights` has 1 numbers; it must have 2"),
    ],
)
def test_what_does_not_fit_the_network_is_refused_at_once(tmp_path, labelled_frames, run, message):
    with pytest.raises(TrainError, match=message):
        train_and_evaluate(run, tmp_path, data=labelled_frames, show=False)
