"""Configs: the optimizer that they describe, and what makes two runs the same."""

import functools
from dataclasses import replace

import pytest

pytest.importorskip("flax")
import flax.linen as nn
import jax.numpy as jnp
import numpy as np
import optax

from stjax.data.clips import clip_set
from stjax.data.symmetry import Symmetry
from stjax.train.config import OptimizerConfig, build_optimizer
from stjax.train.identity import described, fingerprint, identity
from tests.stjax.train.small_model import SmallNet, config

pytestmark = pytest.mark.train

SYMMETRY = Symmetry.of(("a", "b"))


def changes(optimizer: OptimizerConfig, gradient: float, steps: int = 10) -> list[float]:
    """How far a scalar moves in each step under a constant gradient."""
    transformation = build_optimizer(optimizer, steps)
    params = {"bias": jnp.array([1.0])}
    state = transformation.init(params)
    moves = []
    for _ in range(steps):
        updates, state = transformation.update({"bias": jnp.array([gradient])}, state, params)
        moves.append(float(updates["bias"][0]))
    return moves


def test_the_rate_rises_and_falls_to_nothing():
    moves = np.abs(changes(OptimizerConfig(learning_rate=0.5, warmup=0.2), gradient=1.0))
    # Adam under a constant gradient moves by the rate. Step 0 has rate 0, step 2 the peak.
    assert moves[0] == 0 and moves.argmax() == 2
    np.testing.assert_allclose(moves[2], 0.5, rtol=1e-4)
    assert (np.diff(moves[2:]) < 0).all() and moves[-1] < 0.05


def test_without_warmup_the_first_step_has_the_peak():
    np.testing.assert_allclose(abs(changes(OptimizerConfig(0.5, warmup=0.0), 1.0)[0]), 0.5, rtol=1e-4)


def test_a_run_of_one_step_is_possible():
    assert changes(OptimizerConfig(0.5), 1.0, steps=1)[0] < 0


def test_biases_do_not_decay():
    optimizer = build_optimizer(OptimizerConfig(0.1, warmup=0.0, weight_decay=0.5), 10)
    params = {"kernel": jnp.ones((2, 2)), "bias": jnp.ones(2)}
    updates, _ = optimizer.update({"kernel": jnp.zeros((2, 2)), "bias": jnp.zeros(2)}, optimizer.init(params), params)
    new = optax.apply_updates(params, updates)
    np.testing.assert_allclose(new["kernel"], 0.95)
    assert new["bias"].tolist() == [1, 1]


def test_gradients_are_clipped():
    optimizer = build_optimizer(OptimizerConfig(clip_norm=1.0), 10)
    params = {"bias": jnp.zeros(2)}
    _, state = optimizer.update({"bias": jnp.array([30.0, 40.0])}, optimizer.init(params), params)
    momentum = optax.tree.get(state, "mu")["bias"]
    np.testing.assert_allclose(momentum, [0.06, 0.08], rtol=1e-5)


def test_identity_is_what_decides_the_result():
    base = identity(config())
    same = [
        config(checkpoint_every=7, log_every=1),
        replace(config(), dataset=replace(config().dataset, data_dir="elsewhere")),
    ]
    assert {base} == set(map(identity, same))
    others = [config(SmallNet(classes=5)), config(seed=1), config(optimizer=OptimizerConfig(1e-3))]
    assert len({base, *map(identity, others)}) == 4


def test_identity_does_not_show_where_functions_are():
    class Activated(nn.Module):
        activation: object = nn.relu

    text = identity(replace(config(), model=Activated()))
    assert "relu" in text and "0x" not in text


def test_functions_are_described_by_what_they_do():
    def scaled(by):
        return lambda params: {name: by * values for name, values in params.items()}

    def shifted(by):
        return lambda params: {name: by + values + 1 for name, values in params.items()}

    assert described(scaled(2)) == described(scaled(2))
    held = [scaled(2), scaled(3), shifted(2), scaled(np.ones(3)), scaled(np.zeros(3)), functools.partial(scaled, 2)]
    assert len(set(map(described, held))) == len(held)


def test_a_fingerprint_is_of_lengths_labels_and_frames():
    clips = [np.full((length, 2, 3, 1), length, np.uint8) for length in (4, 5, 6)]
    base = clip_set(clips, [0, 1, 1], ("a", "b"), SYMMETRY)

    class OnDisk:
        classes, symmetry = base.classes, base.symmetry
        length, label, read, frame_labels = base.length, base.label, base.read, base.frame_labels

        def __len__(self):
            return len(base)

    changed = [*clips[:2], np.where(np.arange(6)[:, None, None, None] == 3, 9, clips[2]).astype(np.uint8)]
    others = [
        clip_set(clips, [0, 0, 1], ("a", "b"), SYMMETRY),
        clip_set(clips, [0, 1, 1], ("a", "c"), SYMMETRY),
        clip_set([*clips[:2], clips[2][:5]], [0, 1, 1], ("a", "b"), SYMMETRY),
        clip_set(changed, [0, 1, 1], ("a", "b"), SYMMETRY),
    ]
    assert fingerprint(base) == fingerprint(OnDisk())
    assert len({fingerprint(base), *map(fingerprint, others)}) == 5
