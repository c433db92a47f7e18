"""Layers as Flax modules: names of parameters, batches, gradients, hooks, use inside other modules."""

import flax.linen as linen
import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("flax")

import jax
import jax.numpy as jnp

from stjax import nn
from tests.stjax.nn.stacks import random_clip, random_variables

pytestmark = pytest.mark.train

NET = nn.Sequential([nn.InvertedResidual(3, expansion=2, name="block"), nn.TemporalConv(3, time="valid"), nn.Flatten()])
CLIP = random_clip(5, (4, 3, 2))


def paths(variables) -> set[str]:
    leaves = jax.tree_util.tree_leaves_with_path(variables["params"])
    return {".".join(key.key for key in path) for path, _ in leaves}


def test_parameters_stand_under_names_or_positions():
    parts = {f"block.{part}.{leaf}" for part in ("expand", "depthwise", "project") for leaf in ("kernel", "bias")}
    assert paths(random_variables(NET, CLIP)) == parts | {"layers_1.kernel", "layers_1.bias"}


def test_both_faces_create_the_same_parameters():
    state = NET.init_state(CLIP.shape[1:])
    from_step = jax.eval_shape(lambda: NET.init(jax.random.key(0), state, CLIP[0], method="step"))
    from_clip = jax.eval_shape(lambda: NET.init(jax.random.key(0), CLIP))
    assert from_step == from_clip


def test_both_faces_in_one_call_share_parameters():
    """Within one `apply` the same module runs several times."""

    class Twice(linen.Module):
        @linen.compact
        def __call__(self, clip, state):
            inner = nn.InvertedResidual(2, expansion=2, name="inner")
            return inner(inner(clip)), inner.step(state, clip[0])[1]

    module, alone = Twice(), nn.InvertedResidual(2, expansion=2)
    state = alone.init_state(CLIP.shape[1:])
    variables = module.init(jax.random.key(0), CLIP, state)
    assert {path.split(".")[0] for path in paths(variables)} == {"inner"}
    twice, stepped = module.apply(variables, CLIP, state)
    inner = {"params": variables["params"]["inner"]}
    np.testing.assert_allclose(stepped, alone.apply(inner, CLIP)[0], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(twice, alone.apply(inner, alone.apply(inner, CLIP)), rtol=1e-4, atol=1e-4)


def test_batches_by_vmap_of_either_kind():
    clips = np.random.default_rng(1).normal(size=(3, *CLIP.shape)).astype(np.float32)
    variables = random_variables(NET, CLIP)
    expected = jnp.stack([NET.apply(variables, clip) for clip in clips])
    lifted = linen.vmap(nn.Sequential, variable_axes={"params": None}, split_rngs={"params": False})(NET.layers)
    for found in (
        nn.apply_batch(NET, variables, clips)[0],
        jax.vmap(NET.apply, (None, 0))(variables, clips),
        lifted.apply(variables, clips),
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_gradients_reach_every_parameter_through_both_faces():
    clips = np.random.default_rng(1).normal(size=(3, *CLIP.shape)).astype(np.float32)
    variables = random_variables(NET, CLIP)
    streamed = jax.vmap(lambda v, clip: nn.run_stream(NET, v, clip), (None, 0))
    by_clip = jax.jit(jax.grad(lambda v: (nn.apply_batch(NET, v, clips)[0] ** 2).mean()))(variables)
    by_step = jax.jit(jax.grad(lambda v: (streamed(v, clips) ** 2).mean()))(variables)
    for leaf, other in zip(jax.tree.leaves(by_clip), jax.tree.leaves(by_step), strict=True):
        assert np.abs(leaf).max() > 0
        np.testing.assert_allclose(leaf, other, rtol=1e-3, atol=1e-4)


def test_dropout_is_on_only_with_a_key():
    layer, clips = nn.Dropout(0.5), np.ones((4, 3, 50), np.float32)
    silent, _ = nn.apply_batch(layer, {}, clips)
    np.testing.assert_array_equal(silent, clips)
    dropped, _ = nn.apply_batch(layer, {}, clips, dropout_key=jax.random.key(0))
    assert set(np.unique(dropped)) == {0.0, 2.0}
    assert not np.array_equal(dropped[0], dropped[1])


def test_hook_sees_every_kernel_and_output_and_may_keep_variables():
    """How quantization-aware training attaches: one range per tap, the same for both faces."""
    seen = set()

    def interceptor(next_function, arguments, options, context):
        if context.method_name != "tap":
            return next_function(*arguments, **options)
        role, value = arguments
        seen.add((".".join(context.module.path), role))
        largest = context.module.variable("ranges", role, lambda: jnp.zeros(()))
        if context.module.is_mutable_collection("ranges"):
            largest.value = jnp.maximum(largest.value, jnp.abs(value).max())
        return jnp.round(value * 4) / 4

    variables = random_variables(NET, CLIP)
    with linen.intercept_methods(interceptor):
        output, updates = NET.apply(variables, CLIP, mutable=["ranges"])
        ranged = {**variables, **updates}
        streamed = nn.run_stream(NET, ranged, CLIP)
    convolutions = {"block.expand", "block.depthwise", "block.project", "layers_1"}
    assert {place for place, role in seen if role == "kernel"} == convolutions
    assert {place for place, role in seen if role == "output"} >= convolutions
    assert set(updates["ranges"]["block"]["expand"]) == {"kernel", "output"}
    np.testing.assert_array_equal(output, np.round(output * 4) / 4)
    np.testing.assert_array_equal(streamed, output)


def test_shapes_and_states_are_asked_for_outside_of_apply():
    class Careless(linen.Module):
        @linen.compact
        def __call__(self, clip):
            return nn.InvertedResidual(3).init_state(clip.shape[1:])

    with pytest.raises(ValueError, match="ask for delay, state and shapes outside `apply`"):
        Careless().init(jax.random.key(0), CLIP)
