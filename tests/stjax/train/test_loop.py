"""The training loop in one process: it learns, reports, refuses what cannot work."""

import json
from dataclasses import replace

import pytest

pytest.importorskip("flax")
pytest.importorskip("orbax.checkpoint")
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np

from stjax.data.augment import Augment
from stjax.data.window import ClipWindow
from stjax.train import TrainError, evaluate, train_and_evaluate
from stjax.train.config import OptimizerConfig
from stjax.train.network import Network
from tests.stjax.train.small_model import SmallNet, config, flat, splits

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def data():
    return splits()


def unaugmented(**changes):
    base = config(**changes)
    return replace(base, pipeline=replace(base.pipeline, augment=Augment()))


def test_it_learns_the_order_of_frames(tmp_path, data):
    """The splits are each other's: what is looked at is whether the loop optimizes what it should."""
    data = replace(data, validation=data.train, test=data.train)
    settings = {"epochs": 60, "optimizer": OptimizerConfig(3e-2), "checkpoint_every": 1000}
    ordered = train_and_evaluate(unaugmented(**settings), tmp_path / "ordered", data=data, show=False)
    assert ordered.test.accuracy > 0.9
    assert ordered.history[-1]["train_loss"] < 0.3 * ordered.history[0]["train_loss"]
    assert ordered.test.accuracy == ordered.history[-1]["validation"]["accuracy"]

    # The same frames in another order are not what it has learned.
    backward = replace(unaugmented().pipeline, window=ClipWindow(4, order="backward"))
    settings_of_run = unaugmented(**settings)
    assert evaluate(settings_of_run, ordered.variables, data.test).accuracy == ordered.test.accuracy
    assert evaluate(settings_of_run, ordered.variables, data.test, pipeline=backward).accuracy < 0.5


def test_a_finished_run_is_only_evaluated(tmp_path, data):
    first = train_and_evaluate(config(), tmp_path, data=data, show=False)
    second = train_and_evaluate(config(), tmp_path, data=data, show=False)
    assert second.history == first.history and len(first.history) == 3
    assert second.test.to_json() == first.test.to_json()
    assert json.loads((tmp_path / "history.json").read_text()) == first.history


def test_progress_shows_loss_accuracy_and_time_left(tmp_path, data, capsys):
    train_and_evaluate(config(epochs=1), tmp_path / "shown", data=data)
    shown = capsys.readouterr().err
    for text in ("epoch 0: train loss", "validation loss", "5/5", "accuracy", "ETA"):
        assert text in shown
    train_and_evaluate(config(epochs=1), tmp_path / "quiet", data=data, show=False)
    assert capsys.readouterr().err == ""


def test_tensorboard_reads_the_logs(tmp_path, data):
    tf = pytest.importorskip("tensorflow")
    result = train_and_evaluate(config(log_every=2), tmp_path, data=data, show=False)
    found = {}
    for path in (tmp_path / "logs").iterdir():
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    assert [step for step, _ in found["train/batch_loss"]] == [2, 4, 6, 8, 10, 12, 14]
    np.testing.assert_allclose(
        [value for _, value in found["validation/accuracy"]],
        [epoch["validation"]["accuracy"] for epoch in result.history],
        rtol=1e-6,
    )
    assert "validation/ordered_accuracy" in found and "train/loss" in found


def test_transform_and_wrap_take_part_in_training(tmp_path, data):
    def without_weights(params):
        return jax.tree.map(jnp.zeros_like, params)

    result = train_and_evaluate(config(epochs=1), tmp_path / "a", data=data, transform=without_weights, show=False)
    np.testing.assert_allclose([epoch["train_loss"] for epoch in result.history], np.log(6), rtol=1e-5)

    def certain_of_class_two(network: Network) -> Network:
        def apply(variables, clips, train, key):
            logits, state = network.apply(variables, clips, train, key)
            return logits + 100 * jax.nn.one_hot(2, 6), state

        return replace(network, apply=apply)

    result = train_and_evaluate(config(epochs=1), tmp_path / "b", data=data, wrap=certain_of_class_two, show=False)
    assert result.test.confusion.sum(0).tolist() == [0, 0, 12, 0, 0, 0]


def test_it_starts_from_given_variables(tmp_path, data):
    first = train_and_evaluate(config(epochs=1), tmp_path / "a", data=data, show=False)
    still = config(epochs=1, optimizer=OptimizerConfig(learning_rate=0.0))
    second = train_and_evaluate(still, tmp_path / "b", data=data, initial=first.variables, show=False)
    for name, values in flat(first.variables).items():
        np.testing.assert_array_equal(values, flat(second.variables)[name])
    with pytest.raises(TrainError, match="`initial` has other names, shapes or types"):
        train_and_evaluate(still, tmp_path / "c", data=data, initial={"params": {}}, show=False)


def test_collections_beside_the_parameters_are_kept(tmp_path, data):
    class Normalized(nn.Module):
        @nn.compact
        def __call__(self, clip, train):
            features = nn.BatchNorm(not train, axis_name="batch")(nn.Dense(4)(clip.reshape(len(clip), -1)))
            return nn.Dense(6)(nn.relu(features).reshape(-1))

    run = config(Normalized(), train_flag="train")
    first = train_and_evaluate(run, tmp_path, data=data, show=False)
    assert np.abs(first.variables["batch_stats"]["BatchNorm_0"]["mean"]).min() > 0
    second = train_and_evaluate(run, tmp_path, data=data, show=False)
    assert second.test.to_json() == first.test.to_json()


def test_a_folder_belongs_to_one_run(tmp_path, data):
    """One config, one set of clips, one way to change and to begin the network."""
    first = train_and_evaluate(config(epochs=1), tmp_path, data=data, show=False)

    def loud(params):
        return jax.tree.map(lambda values: 2 * values, params)

    others = [
        (config(epochs=2), {}, "epochs"),
        (config(epochs=1), {"data": replace(data, train=data.train.select(np.arange(len(data.train))[::-1]))}, "train"),
        (config(epochs=1), {"transform": loud}, "transform"),
        (config(epochs=1), {"wrap": lambda network: network}, "wrap"),
        (config(epochs=1), {"initial": first.variables}, "initial"),
    ]
    for settings, changes, name in others:
        with pytest.raises(TrainError, match=rf"holds another run; choose another folder.*\n(  - .*\n)?  \+ {name} = "):
            train_and_evaluate(settings, tmp_path, **({"data": data} | changes), show=False)
    again = train_and_evaluate(config(epochs=1), tmp_path, data=data, show=False)
    assert again.test.to_json() == first.test.to_json()


def test_a_model_for_other_classes_is_refused_at_once(tmp_path, data):
    with pytest.raises(TrainError, match=r"logits of shape \(5,\); the dataset has 6 classes, so it must be \(6,\)"):
        train_and_evaluate(config(SmallNet(classes=5)), tmp_path, data=data, show=False)


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path, data):
    def overflow(params):
        return jax.tree.map(lambda w: w * 1e38, params)

    with pytest.raises(TrainError, match="the loss is (nan|inf) by step 2; a lower learning rate"):
        train_and_evaluate(config(log_every=2), tmp_path, data=data, transform=overflow, show=False)
