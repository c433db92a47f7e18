"""A stream of frames gives what the whole clip gives, for every layer and for random stacks of them."""

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("flax")

import jax
import jax.numpy as jnp

from stjax import nn
from stjax.nn.layer import Layer
from tests.stjax.nn.stacks import CHANNELS, MODES, random_clip, random_variables, stacks

pytestmark = pytest.mark.train

# Both faces do the same sums; XLA may order them differently for one frame and for many. Outputs are sums of at most
# some hundred float32 products, so they agree to some units of the last place of the largest term.
TOLERANCE = 2e-5


def assert_close(found: jax.Array, expected: jax.Array) -> None:
    assert found.shape == expected.shape
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE * (1 + float(jnp.abs(expected).max())))


def assert_streams(layer: Layer, clip: np.ndarray) -> None:
    variables = random_variables(layer, clip)
    whole = jax.jit(layer.apply)(variables, clip)
    assert whole.shape == (len(clip) - layer.warmup_frames, *layer.output_shape(clip.shape[1:]))
    assert_close(nn.run_stream(layer, variables, clip), whole)


@hypothesis.settings(max_examples=20)
@hypothesis.given(stack=stacks(), extra=st.integers(1, 5), height=st.integers(3, 5), seed=st.integers(0, 99))
def test_step_equals_clip_on_random_stacks(stack, extra, height, seed):
    layer = stack()
    assert_streams(layer, random_clip(layer.warmup_frames + extra, (height, 4, CHANNELS), seed))


LAYERS = {
    "conv3d": lambda time: nn.Conv3D(3, (3, 3, 2), time=time),
    "conv3d, dilated": lambda time: nn.Conv3D(3, (3, 2, 2), dilation=(2, 2, 1), stride=2, time=time),
    "separable": lambda time: nn.SeparableConv3D(3, (4, 3, 3), middle_activation="relu", time=time),
    "(2+1)-D": lambda time: nn.Conv2Plus1D(3, time=time),
    "temporal conv": lambda time: nn.TemporalConv(4, 2, 2, time=time),
    "temporal mix": lambda time: nn.TemporalMix(5, 3, time=time),
    "mean": lambda time: nn.TemporalPool(3, "mean", time=time),
    "max": lambda time: nn.TemporalPool(3, "max", time=time),
    "dilated block": lambda time: nn.TCNBlock(2, 3, 2, time=time),
    "dilated block, depthwise": lambda time: nn.TCNBlock(3, 2, depthwise=True, time=time),
}


@pytest.mark.parametrize("time", ["causal", "centred", "valid"])
@pytest.mark.parametrize("name", LAYERS)
def test_every_temporal_layer_streams(name, time):
    assert_streams(LAYERS[name](time), random_clip(8, (4, 3, 2)))


RECURRENT = {
    "image": lambda: nn.GRU(3),
    "flat": lambda: nn.Sequential([nn.Flatten(), nn.GRU(5, 2), nn.Dense(2)]),
    "after frames ahead": lambda: nn.Sequential([nn.TemporalConv(5, time="centred"), nn.GRU(3)]),
    "after a window": lambda: nn.Sequential([nn.TemporalConv(3, time="valid"), nn.GRU(3, 1), nn.TemporalConv(3)]),
    "before padding": lambda: nn.Sequential([nn.GRU(3, 2), nn.TemporalMix(2, 3, time="centred")]),
}


@pytest.mark.parametrize("name", RECURRENT)
def test_a_recurrent_layer_streams_from_the_first_frame_that_is_there(name):
    """What comes before the clip, after it, or before a window is full must not reach its memory."""
    assert_streams(RECURRENT[name](), random_clip(7, (4, 1, 2)))


def test_recurrent_layer_by_hand():
    """Against its equations in numpy."""
    layer, clip = nn.GRU(2), random_clip(4, (3,))
    params = random_variables(layer, clip)["params"]
    kernel, bias, again, again_bias = (
        np.asarray(params[name], np.float64) for name in ("kernel", "bias", "recurrent_kernel", "recurrent_bias")
    )
    hidden, expected = np.zeros(2), []
    for frame in clip:
        own, past = frame @ kernel + bias, hidden @ again + again_bias
        update, reset = (1 / (1 + np.exp(-own[k : k + 2] - past[k : k + 2])) for k in (0, 2))
        candidate = np.tanh(own[4:] + reset * past[4:])
        hidden = (1 - update) * candidate + update * hidden
        expected.append(hidden)
    assert_close(layer.apply({"params": params}, clip), jnp.array(expected, jnp.float32))


def test_clip_that_is_shorter_than_the_window_streams():
    assert_streams(nn.Conv3D(3, (5, 1, 1), time="centred"), random_clip(1, (3, 3, 2)))
    assert_streams(nn.TemporalConv(6, time="causal"), random_clip(2, (3, 3, 2)))


@pytest.mark.parametrize(
    ("time", "taps", "dilation", "delay", "warmup"),
    [
        *(("causal", 3, 2, 0, 0), ("valid", 3, 2, 0, 4), ("centred", 3, 2, 2, 0), ("centred", 4, 1, 1, 0)),
        *(("centred", 1, 1, 0, 0), ("valid", 1, 3, 0, 0)),
    ],
)
def test_declared_delay_and_warmup(time, taps, dilation, delay, warmup):
    layer = nn.TemporalConv(taps, 1, dilation, time=time)
    assert (layer.delay_frames, layer.warmup_frames) == (delay, warmup)


def test_centred_output_comes_late_by_the_declared_delay():
    layer, clip = nn.TemporalConv(3, use_bias=False, time="centred"), random_clip(5, (1, 1, 1))
    variables = {"params": {"kernel": jnp.array([0.0, 1.0, 0.0]).reshape(3, 1, 1, 1)}}
    state, outputs = layer.init_state(clip.shape[1:]), []
    for frame in clip:
        state, output = layer.apply(variables, state, frame, method="step")
        outputs.append(output)
    np.testing.assert_array_equal(layer.apply(variables, clip), clip)
    np.testing.assert_array_equal(outputs[0], np.zeros((1, 1, 1)))
    np.testing.assert_array_equal(outputs[1:], clip[:-1])


def test_frames_outside_the_clip_are_zeros_of_each_layers_own_input():
    """The first layer makes its bias of nothing; the second must see zeros there all the same."""
    kernel = jnp.ones((3, 1, 1, 1))
    stack = nn.Sequential([nn.TemporalConv(3, time="centred"), nn.TemporalConv(3, time="centred")])
    params = {
        "layers_0": {"kernel": kernel, "bias": jnp.full(1, 10.0)},
        "layers_1": {"kernel": kernel, "bias": jnp.zeros(1)},
    }
    clip = np.zeros((4, 1, 1, 1), np.float32)
    expected = np.array([20.0, 30, 30, 20]).reshape(4, 1, 1, 1)
    np.testing.assert_array_equal(stack.apply({"params": params}, clip), expected)
    np.testing.assert_array_equal(nn.run_stream(stack, {"params": params}, clip), expected)


def test_answers_from_before_the_window_is_full_are_zeros_to_the_next_layer():
    """Streamed, the first layer gives something from the start; its clip face begins when it has three frames."""
    kernel = jnp.ones((3, 1, 1, 1))
    stack = nn.Sequential([nn.TemporalConv(3, time="valid"), nn.TemporalConv(3, time="causal")])
    first, second = {"kernel": kernel, "bias": jnp.full(1, 10.0)}, {"kernel": kernel, "bias": jnp.zeros(1)}
    variables = {"params": {"layers_0": first, "layers_1": second}}
    clip = np.ones((6, 1, 1, 1), np.float32)
    expected = np.array([13.0, 26, 39, 39]).reshape(4, 1, 1, 1)
    np.testing.assert_array_equal(stack.apply(variables, clip), expected)
    np.testing.assert_array_equal(nn.run_stream(stack, variables, clip), expected)


def flags(state) -> int:
    return sum(leaf.dtype == bool for leaf in jax.tree.leaves(state))


def test_only_networks_that_need_it_remember_which_frames_are_live():
    causal = nn.Residual(nn.Sequential([nn.Conv3D(2), nn.TemporalConv(3)]))
    unpadded = nn.Sequential([nn.Conv3D(2, time="valid"), nn.TemporalConv(3, time="valid")])
    one_centred = nn.Sequential([nn.Conv(2), nn.Conv3D(2, time="centred"), nn.TemporalConv(3, time="valid")])
    centred_before_padding = nn.Sequential([nn.Conv3D(2, time="centred"), nn.TemporalConv(3)])
    counts = [flags(net.init_state((3, 3, 2))) for net in (causal, unpadded, one_centred, centred_before_padding)]
    assert counts == [0, 0, 0, 1]


def test_shortcut_waits_in_a_delay_line_as_long_as_the_body_is_late():
    body = nn.Sequential([nn.TemporalConv(5, time="centred"), nn.TemporalConv(3, time="centred")])
    residual = nn.Residual(body)
    (_, no_line), (_, line) = residual.init_state((2, 2, 1))
    assert residual.delay_frames == 3
    assert no_line == ()
    assert line.frames.shape == (3, 2, 2, 1)


def test_a_delay_does_nothing_to_a_clip_and_holds_a_stream_back():
    assert_streams(nn.Delay(3), random_clip(5, (2, 2, 1)))
    assert_streams(nn.Parallel([nn.Delay(2), nn.Conv3D(2, time="centred"), nn.Identity()]), random_clip(5, (3, 2, 2)))


@pytest.mark.parametrize("time", ["causal", "centred"])
def test_clip_of_a_longer_stream_is_not_changed_by_what_came_before_the_window(time):
    """Streams have no end: the state holds all that matters, in the same bytes however long it runs."""
    layer, clip = nn.TemporalConv(3, time=time), random_clip(9, (2, 2, 1))
    variables = random_variables(layer, clip)
    step = jax.jit(lambda state, frame: layer.apply(variables, state, frame, method="step"))
    state = start = layer.init_state(clip.shape[1:])
    for frame in clip:
        state, output = step(state, frame)
    assert jax.tree.map(jnp.shape, state) == jax.tree.map(jnp.shape, start)
    assert_close(output, layer.apply(variables, clip[-4:])[-1 - layer.delay_frames])


@hypothesis.settings(max_examples=15)
@hypothesis.given(time=MODES, taps=st.integers(1, 4), dilation=st.integers(1, 3), frames=st.integers(1, 9))
def test_padding_in_time_is_zeros(time, taps, dilation, frames):
    """Against plain numpy, which pads by hand."""
    layer = nn.TemporalConv(taps, 1, dilation, time=time)
    hypothesis.assume(frames > layer.warmup_frames)
    clip = random_clip(frames, (2, 1, 2))
    variables = random_variables(layer, clip)
    kernel, bias = (np.asarray(variables["params"][name]) for name in ("kernel", "bias"))
    span = (taps - 1) * dilation
    ahead = (taps - 1) // 2 * dilation if time == "centred" else 0
    expected = []
    for t in range(span if time == "valid" else 0, frames):
        reads = [t + ahead - span + i * dilation for i in range(taps)]
        inside = [kernel[i, 0, 0] * clip[r] for i, r in enumerate(reads) if 0 <= r < frames]
        expected.append(sum(inside, np.zeros_like(clip[0])) + bias)
    assert_close(layer.apply(variables, clip), np.stack(expected))
