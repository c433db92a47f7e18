"""Flax modules as networks: batches, collections, and the hooks for quantization."""

import pytest

pytest.importorskip("flax")
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np

from stjax import nn as layers
from stjax.train.network import from_module, with_transform
from tests.stjax.train.small_model import SmallNet

pytestmark = pytest.mark.train

KEY = jax.random.key(0)
CLIPS = jnp.asarray(np.random.default_rng(0).uniform(size=(5, 4, 8, 8, 1)), jnp.float32)


class Normalized(nn.Module):
    @nn.compact
    def __call__(self, clip, train):
        features = nn.BatchNorm(not train, axis_name="batch", momentum=0.5)(nn.Dense(3)(clip.mean((1, 2))))
        return nn.Dropout(0.5, deterministic=not train)(features.sum(0))


class RandomIfAsked(nn.Module):
    """Knows that it is trained from the random stream alone."""

    @nn.compact
    def __call__(self, clip):
        logits = nn.Dense(2)(clip.reshape(-1))
        return logits + jax.random.normal(self.make_rng("dropout"), (2,)) if self.has_rng("dropout") else logits


class PerFrame(nn.Module):
    """Has `clip` only, and answers once per frame."""

    @nn.compact
    def clip(self, clip):
        return nn.Dense(2)(clip.reshape(len(clip), -1))


def test_a_batch_is_its_clips_one_by_one():
    network = from_module(SmallNet())
    variables = network.init(KEY, CLIPS[0])
    logits, state = network.apply(variables, CLIPS, True, KEY)
    assert state == {} and logits.shape == (5, 6)
    for clip, found in zip(CLIPS, logits, strict=True):
        # Convolutions of another batch size may add in another order.
        np.testing.assert_allclose(SmallNet().apply(variables, clip), found, atol=1e-6)


def test_a_module_with_clip_only_is_judged_by_its_last_frame():
    network = from_module(PerFrame())
    variables = network.init(KEY, CLIPS[0])
    logits, _ = network.apply(variables, CLIPS, False, KEY)
    every_frame = PerFrame().apply(variables, CLIPS[2], method="clip")
    assert every_frame.shape == (4, 2)
    np.testing.assert_allclose(logits[2], every_frame[-1], atol=1e-6)


def test_batch_statistics_are_those_of_the_whole_batch_and_change_in_training_only():
    network = from_module(Normalized(), train_flag="train")
    variables = network.init(KEY, CLIPS[0])
    _, state = network.apply(variables, CLIPS, True, KEY)
    dense = CLIPS.mean((2, 3)) @ np.asarray(variables["params"]["Dense_0"]["kernel"])
    expected = 0.5 * dense.reshape(-1, 3).mean(0)
    np.testing.assert_allclose(state["batch_stats"]["BatchNorm_0"]["mean"], expected, rtol=1e-5)
    assert network.apply(variables, CLIPS, False, KEY)[1] == {}


@pytest.mark.parametrize("network", [from_module(Normalized(), train_flag="train"), from_module(RandomIfAsked())])
def test_the_key_draws_in_training_only(network):
    variables = network.init(KEY, CLIPS[0])

    def differs(train: bool) -> bool:
        first, second = (network.apply(variables, CLIPS, train, jax.random.key(seed))[0] for seed in (1, 2))
        return bool((first != second).any())

    assert differs(train=True) and not differs(train=False)


def test_dropout_layers_are_off_in_evaluation():
    network = from_module(layers.Sequential((layers.Flatten(), layers.Dropout(0.5, name="drop"))))
    found, _ = network.apply({}, CLIPS, False, KEY)
    np.testing.assert_array_equal(found, CLIPS.reshape(*CLIPS.shape[:2], -1)[:, -1])
    assert (network.apply({}, CLIPS, True, KEY)[0] == 0).any()


def test_transformed_parameters_are_used_and_gradients_pass_through():
    def quarter_steps(params):
        """Rounds to multiples of 1/4, straight through."""
        return jax.tree.map(lambda w: w + jax.lax.stop_gradient(jnp.round(w * 4) / 4 - w), params)

    plain = from_module(SmallNet())
    variables = plain.init(KEY, CLIPS[0])
    rounded = jax.tree.map(lambda w: jnp.round(w * 4) / 4, variables)

    def total(network, variables):
        return network.apply(variables, CLIPS, True, KEY)[0].sum()

    transformed = with_transform(plain, quarter_steps)
    np.testing.assert_allclose(total(transformed, variables), total(plain, rounded), rtol=1e-5)
    found, expected = jax.grad(total, 1)(transformed, variables), jax.grad(total, 1)(plain, rounded)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), found, expected)
