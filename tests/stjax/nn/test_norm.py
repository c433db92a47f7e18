"""Batch normalization: statistics over the whole batch in training, and none left after folding."""

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("flax")

import jax
import jax.numpy as jnp

from stjax import nn
from stjax.nn.norm import EPSILON
from tests.stjax.nn.stacks import random_clip, random_variables

pytestmark = pytest.mark.train


def small_net(batch_norm: bool = True) -> nn.Layer:
    style = {"batch_norm": batch_norm}
    return nn.Sequential(
        [
            nn.Conv(4, activation="relu6", name="stem", **style),
            nn.InvertedResidual(4, expansion=2, name="block", **style),
            nn.Conv3D(4, time="centred", name="full", **style),
            nn.SeparableConv3D(3, name="separable", **style),
            nn.TemporalConv(3, 2, name="temporal", **style),
            nn.TCNBlock(6, 2, name="time", **style),
            nn.Flatten(),
            nn.Dense(3, name="logits"),
        ]
    )


def test_folding_keeps_both_faces():
    net, clip = small_net(), random_clip(5, (4, 3, 2))
    variables = random_variables(net, clip)
    folded = nn.fold_batch_norm(variables)
    apply = jax.jit(net.apply)
    expected = apply(variables, clip)
    np.testing.assert_allclose(apply(folded, clip), expected, rtol=2e-4, atol=2e-4)
    np.testing.assert_allclose(nn.run_stream(net, folded, clip), expected, rtol=2e-4, atol=2e-4)


def test_folded_variables_fit_the_network_without_normalization():
    clip = random_clip(5, (4, 3, 2))
    folded = nn.fold_batch_norm(random_variables(small_net(), clip))
    plain = random_variables(small_net(batch_norm=False), clip)
    assert jax.tree.map(jnp.shape, folded) == jax.tree.map(jnp.shape, plain)
    np.testing.assert_array_equal(small_net().apply(folded, clip), small_net(batch_norm=False).apply(folded, clip))


def test_folding_leaves_other_variables_alone():
    clip = random_clip(5, (4, 3, 2))
    variables = random_variables(small_net(batch_norm=False), clip)
    assert jax.tree.all(jax.tree.map(np.array_equal, nn.fold_batch_norm(variables), variables))


def test_folding_refuses_what_is_incomplete():
    net = nn.Sequential([nn.Conv(2, batch_norm=True, name="stem")])
    variables = random_variables(net, random_clip(5, (4, 3, 2)))
    with pytest.raises(ValueError, match='"stem": no batch statistics; fold the variables, not their parameters alone'):
        nn.fold_batch_norm({"params": variables["params"]})
    orphan = {"params": {"top": {"norm": {}}}, "batch_stats": {}}
    with pytest.raises(ValueError, match='"top": a normalization without a kernel'):
        nn.fold_batch_norm(orphan)


def test_training_normalizes_over_all_clips_and_moves_the_averages():
    layer = nn.Conv(3, 1, batch_norm=True)
    clips = np.random.default_rng(0).normal(2, 3, (4, 5, 3, 2, 2)).astype(np.float32)
    variables = random_variables(layer, clips[0])
    before = variables["batch_stats"]["norm"]
    outputs, updated = nn.apply_batch(layer, variables, clips, train=True)

    raw = clips @ variables["params"]["kernel"][0, 0]
    mean, variance = raw.mean((0, 1, 2, 3)), raw.var((0, 1, 2, 3))
    norm = variables["params"]["norm"]
    expected = (raw - mean) / np.sqrt(variance + EPSILON) * norm["scale"] + norm["bias"]
    np.testing.assert_allclose(outputs, expected, rtol=1e-3, atol=1e-3)
    after = updated["batch_stats"]["norm"]
    np.testing.assert_allclose(after["mean"], 0.9 * before["mean"] + 0.1 * mean, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(after["var"], 0.9 * before["var"] + 0.1 * variance, rtol=1e-4)


def test_averages_stand_still_outside_of_training():
    layer, clip = nn.Conv(3, 1, batch_norm=True), random_clip(3, (2, 2, 2))
    variables = random_variables(layer, clip)
    outputs, after = nn.apply_batch(layer, variables, clip[None])
    assert jax.tree.all(jax.tree.map(np.array_equal, after, variables))
    np.testing.assert_allclose(outputs[0], layer.apply(variables, clip), rtol=1e-5, atol=1e-5)


def test_one_clip_alone_can_train_too():
    layer, clip = nn.Conv(3, 1, batch_norm=True), random_clip(3, (2, 2, 2))
    outputs, updates = layer.apply(random_variables(layer, clip), clip, mutable=["batch_stats"])
    norm = random_variables(layer, clip)["params"]["norm"]
    np.testing.assert_allclose(outputs.mean((0, 1, 2)), norm["bias"], atol=1e-4)
    assert set(updates) == {"batch_stats"}
