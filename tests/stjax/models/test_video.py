"""The video networks: exact streaming, what a frame costs, and budgets of the presets."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("flax")

import jax
import jax.numpy as jnp

from stjax import cost, models, nn
from stjax.models.config import Block, VideoConfig, doubling, spread
from tests.stjax.nn.stacks import random_clip, random_variables

pytestmark = pytest.mark.train

TINY = VideoConfig(9, 7, 1, classes=3, frames=4, stem=3, blocks=(Block(4, 2), Block(4)), hidden=(5,))
ORDERED = [
    *(models.StreamTinyNet, models.TSMNet, models.Conv3DNet, models.Conv2Plus1DNet),
    *(models.SeparableConv3DNet, models.TCNNet),
]
FAMILIES = [*ORDERED, models.OrderFreeNet]


@pytest.mark.parametrize("family", FAMILIES)
def test_each_streamed_answer_is_the_clips_answer_on_the_last_frames(family):
    """For every frame t >= T - 1, against the clip face on frames t - T + 1 .. t alone."""
    net = family(TINY)
    clip = random_clip(7, TINY.frame_shape)
    variables = random_variables(net, clip[: TINY.frames])
    assert net.warmup_frames == TINY.frames - 1
    streamed = nn.run_stream(net, variables, clip)
    windows = jnp.stack([clip[t : t + TINY.frames] for t in range(len(clip) - TINY.frames + 1)])
    expected, _ = jax.jit(lambda v: nn.apply_batch(net, v, windows))(variables)
    assert streamed.shape == (4, 3)
    np.testing.assert_allclose(streamed, expected[:, 0], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("family", [*FAMILIES, models.GRUNet])
@pytest.mark.parametrize("frames", [1, 2, 7])
def test_any_number_of_frames(family, frames):
    net = family(replace(TINY, frames=frames))
    shape = jax.eval_shape(net.init_with_output, jax.random.key(0), jnp.zeros((frames, *TINY.frame_shape)))[0].shape
    assert (net.warmup_frames, shape) == (frames - 1, (1, 3))


def test_frame_by_frame_knows_nothing_of_other_frames():
    net, clip = models.FrameByFrame(TINY), random_clip(5, TINY.frame_shape)
    variables = random_variables(net, clip)
    assert net.warmup_frames == 0
    assert jax.tree.leaves(net.init_state(TINY.frame_shape)) == []
    backwards = net.apply(variables, clip[::-1])[::-1]
    np.testing.assert_allclose(net.apply(variables, clip), backwards, rtol=1e-5, atol=1e-5)


def test_order_of_frames_matters_to_the_others_but_for_the_mean():
    for family in (*ORDERED, models.GRUNet, models.OrderFreeNet):
        net, clip = family(TINY), random_clip(4, TINY.frame_shape)
        variables = random_variables(net, clip)
        apply = jax.jit(net.apply)
        same = np.allclose(apply(variables, clip), apply(variables, clip[::-1]), atol=1e-2)
        assert same == (family is models.OrderFreeNet), family


def test_a_recurrent_networks_stream_remembers_the_whole_clip():
    net, clip = models.GRUNet(TINY), random_clip(7, TINY.frame_shape)
    variables = random_variables(net, clip)
    streamed, answer = nn.run_stream(net, variables, clip), jax.jit(net.apply)
    np.testing.assert_allclose(streamed, answer(variables, clip), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(streamed[:1], answer(variables, clip[:4]), rtol=1e-4, atol=1e-4)
    assert not np.allclose(streamed[3:], answer(variables, clip[3:]), atol=1e-3)


def test_state_of_streamtinynet_is_a_ring_of_feature_maps():
    leaves = jax.tree.leaves(models.StreamTinyNet(TINY).init_state(TINY.frame_shape))
    assert [leaf.shape for leaf in leaves] == [(3, 3, 2, 4)]


@pytest.mark.parametrize("frames", [1, 2, 4, 8, 16])
def test_a_streamed_frame_costs_the_backbone_once(frames):
    """A clip of T frames costs T backbones and one head, a streamed frame one of each."""
    config = replace(models.config("streamtinynet-shapes"), frames=frames)
    net = models.StreamTinyNet(config)
    clip, step = cost.clip_cost(net, config.clip_shape), cost.step_cost(net, config.frame_shape)

    def parts(found: cost.Cost) -> tuple[int, int]:
        head = sum(layer.macs for layer in found.layers if layer.name in ("temporal", "dense0", "logits"))
        return found.macs - head, head

    assert parts(clip)[0] == frames * parts(step)[0]
    assert parts(clip)[1] == parts(step)[1]


@pytest.mark.parametrize("size", ["touch", "shapes", "fir", "96"])
def test_presets_of_a_size_have_about_the_same_budget(size):
    costs = [cost.step_cost(models.preset(name), models.config(name).frame_shape) for name in names(size)]
    parameters, macs = [found.parameters for found in costs], [found.macs for found in costs]
    assert max(parameters) < 1.3 * min(parameters)
    assert max(macs) < 1.3 * min(macs)


def test_video_presets_keep_to_the_papers_budget():
    for name in names("96"):
        found = cost.step_cost(models.preset(name), models.config(name).frame_shape)
        assert found.weight_bytes < 300_000
        assert found.flops < 0.01e9


def names(size: str) -> list[str]:
    return [name for name in models.NAMES if name.endswith(f"-{size}")]


@pytest.mark.parametrize("size", ["touch", "fir"])
def test_networks_for_arrays_of_sensors_are_small(size):
    name = f"streamtinynet-{size}"
    found = cost.step_cost(models.preset(name), models.config(name).frame_shape)
    assert 15_000 < found.parameters < 32_000
    assert found.state_bytes + found.peak_bytes < 16 * 1024


def test_presets_take_another_number_of_frames():
    assert models.preset("streamtinynet-touch", frames=3).warmup_frames == 2


def test_unknown_preset_is_refused():
    with pytest.raises(ValueError, match='no network is called "streamtinynet-9"; there are streamtinynet-touch, '):
        models.preset("streamtinynet-9")


@pytest.mark.parametrize(
    ("change", "message"),
    [({"frames": 0}, r"frames \(=0\) must be at least 1"), ({"blocks": ()}, "needs at least one block")],
)
def test_impossible_configurations_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **change)


def test_doubling():
    assert doubling(7) == (1, 2, 4)
    assert doubling(11) == (1, 2, 4, 4)
    assert doubling(0) == ()


def test_spread():
    assert spread(7, 3) == (2, 2, 3)
    assert spread(1, 3) == (0, 0, 1)
    assert spread(0, 2) == (0, 0)


def test_dropout_acts_before_the_head():
    net = models.StreamTinyNet(replace(TINY, dropout=0.5))
    clips = random_clip(4, TINY.frame_shape)[None]
    variables = random_variables(net, clips[0])
    off, _ = jax.jit(lambda v: nn.apply_batch(net, v, clips))(variables)
    on, _ = jax.jit(lambda v: nn.apply_batch(net, v, clips, dropout_key=jax.random.key(0)))(variables)
    plain = jax.jit(models.StreamTinyNet(TINY).apply)(variables, clips[0])
    np.testing.assert_allclose(off[0], plain, rtol=1e-4, atol=1e-4)
    assert not np.allclose(off, on)


def test_normalized_network_trains_and_folds():
    config = replace(TINY, batch_norm=True)
    net, clips = models.TSMNet(config), np.stack([random_clip(4, TINY.frame_shape, seed) for seed in range(3)])
    variables = random_variables(net, clips[0])
    _, trained = jax.jit(lambda v: nn.apply_batch(net, v, clips, train=True))(variables)
    folded = nn.fold_batch_norm(trained)
    assert set(folded) == {"params"}
    expected = net.apply(trained, clips[0])
    np.testing.assert_allclose(models.TSMNet(TINY).apply(folded, clips[0]), expected, rtol=1e-3, atol=1e-3)
