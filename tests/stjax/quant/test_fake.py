"""Fake quantization of arrays: values, gradients, and the same grids as the exporter's."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

pytest.importorskip("jax")
import jax
import jax.numpy as jnp

from export.tflite.grids import spanning
from stjax.quant import Range, fake_quantize, fake_quantize_weights, grid_of

pytestmark = pytest.mark.train

ENDS = st.integers(-1000, 1000).map(lambda n: n / 16)


def span(low: float, high: float) -> Range:
    return Range(jnp.float32(low), jnp.float32(high))


@given(ENDS, ENDS)
def test_grid_is_the_exporters(a, b):
    low, high = min(a, b), max(a, b)
    ours, theirs = grid_of(span(low, high), 8), spanning(low, high)
    assert float(ours.scale) == pytest.approx(theirs.scale, rel=1e-6)
    # A zero point in the middle of two may be rounded either way by the two precisions.
    assert abs(float(ours.zero_point) - 128 - theirs.zero_point) <= 1


@given(ENDS, ENDS, st.sampled_from([3, 4, 6, 8]))
def test_values_lie_on_a_grid_with_zero(a, b, bits):
    low, high = min(a, b), max(a, b)
    x = jnp.linspace(low - 1, high + 1, 2001)
    y = fake_quantize(x, span(low, high), bits)
    grid = grid_of(span(low, high), bits)
    stored = np.asarray(y / grid.scale + grid.zero_point)
    np.testing.assert_allclose(stored, np.rint(stored), atol=1e-3)
    assert stored.min() > -0.5 and stored.max() < 2**bits - 0.5
    assert float(fake_quantize(jnp.zeros(1), span(low, high), bits)[0]) == 0


def test_values_move_by_half_a_step_at_most_and_stay_when_they_lie_on_the_grid():
    x = jnp.linspace(-1.0, 2.0, 999)
    y = fake_quantize(x, span(-1, 2), 8)
    assert float(jnp.abs(x - y).max()) <= 1.01 * 3 / 255
    np.testing.assert_array_equal(fake_quantize(y, span(-1, 2), 8), y)


def test_gradient_passes_inside_the_range_only():
    gradient = jax.grad(lambda x: fake_quantize(x, span(-1, 1), 8).sum())(jnp.array([-3.0, -0.5, 0.3, 0.9, 3.0]))
    np.testing.assert_array_equal(gradient, [0, 1, 1, 1, 0])


def test_ends_of_the_range_learn_from_what_they_cut_off():
    x = jnp.array([-3.0, -2.0, 0.5, 4.0])
    low, high = jax.grad(lambda s: fake_quantize(x, s, 8).sum())(span(-1, 1))
    assert (float(low), float(high)) == (2.0, 1.0)


def test_range_of_nothing_but_zero_is_harmless():
    y, gradient = jax.value_and_grad(lambda x: fake_quantize(x, span(0, 0), 8).sum())(jnp.zeros(3))
    assert float(y) == 0
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("bits", [2, 4, 6, 8])
def test_weights_have_symmetric_grids_per_output_channel(bits):
    kernel = jax.random.normal(jax.random.key(0), (3, 3, 4, 5)) * jnp.array([1.0, 10.0, 0.1, 5.0, 0.0])
    found = fake_quantize_weights(kernel, bits)
    largest = np.abs(kernel).max((0, 1, 2))
    stored = np.asarray(found) / np.where(largest > 0, largest, 1) * (2 ** (bits - 1) - 1)
    np.testing.assert_allclose(stored, np.rint(stored), atol=1e-4)
    np.testing.assert_allclose(np.abs(stored[..., :4]).max((0, 1, 2)), 2 ** (bits - 1) - 1, rtol=1e-5)
    assert not stored[..., 4].any()


def test_weights_can_have_a_grid_for_each_of_several_axes():
    kernel = jnp.ones((2, 2, 3, 4)) * jnp.arange(1.0, 4.0)[:, None]
    np.testing.assert_allclose(fake_quantize_weights(kernel + 0.001, 8, (-2, -1)), kernel + 0.001, rtol=1e-5)


def test_gradient_of_weights_passes_straight_through():
    kernel = jax.random.normal(jax.random.key(0), (4, 3))
    np.testing.assert_array_equal(jax.grad(lambda k: fake_quantize_weights(k, 2).sum())(kernel), jnp.ones((4, 3)))


def test_folding_a_factor_per_channel_changes_nothing():
    """Batch normalization may be folded after training: a grid per channel grows with its channel."""
    kernel, factor = jax.random.normal(jax.random.key(0), (4, 3)), jnp.array([2.0, -0.3, 7.0])
    np.testing.assert_allclose(
        fake_quantize_weights(kernel * factor, 4), fake_quantize_weights(kernel, 4) * factor, rtol=1e-5, atol=1e-6
    )
