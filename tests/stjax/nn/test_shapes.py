"""Declared shapes are those of the outputs, and what cannot be is refused with a message that helps."""

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("flax")

import flax.linen as linen
import jax
import jax.numpy as jnp

from stjax import nn
from tests.stjax.nn.stacks import random_clip, random_variables

pytestmark = pytest.mark.train

FRAME = (7, 6, 4)

LAYERS = [
    nn.Conv(3, (3, 2), stride=2),
    nn.Conv(3, 3, stride=(1, 3), dilation=2, padding="valid"),
    nn.Conv(3, 2, padding=((1, 2), (0, 3))),
    nn.DepthwiseConv(3, 2, stride=2, padding="symmetric"),
    nn.SeparableConv(5, 3, stride=3),
    nn.InvertedResidual(5, stride=2, squeeze_excite=2),
    nn.Conv3D(3, (3, 2, 3), stride=2, time="centred"),
    nn.SeparableConv3D(3, stride=2),
    nn.Conv2Plus1D(3, padding="valid"),
    nn.TemporalConv(3, 2),
    nn.TemporalMix(9, 2, time="valid"),
    nn.TemporalShift(),
    nn.Pool(3, stride=2),
    nn.GlobalPool(),
    nn.Flatten(),
    nn.Parallel([nn.Conv(2), nn.Conv(3)], "concat"),
]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: type(layer).__name__)
def test_output_shape_is_the_shape_of_the_output(layer):
    clip = jax.ShapeDtypeStruct((5, *FRAME), jnp.float32)
    output, _ = jax.eval_shape(layer.init_with_output, jax.random.key(0), clip)
    assert output.shape == (5 - layer.warmup_frames, *layer.output_shape(FRAME))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: nn.Conv(3, activation="swish"), 'activation "swish" is none of relu'),
        (lambda: nn.Conv3D(3, time="future"), 'time "future" is none of causal, centred, valid'),
        (lambda: nn.TemporalConv(0), r"TemporalConv: taps along time \(=0\) must be at least 1"),
        (lambda: nn.TemporalConv(3, dilation=0), r"dilation along time \(=0\) must be at least 1"),
        (lambda: nn.TemporalShift(time="centred"), "the shift looks back only"),
        (lambda: nn.TemporalPool(3, "median"), 'kind "median" is neither'),
        (lambda: nn.Pool(3, "median"), 'kind "median" is neither'),
        (lambda: nn.Parallel([nn.Identity()], "multiply"), 'merge "multiply" is neither'),
        (lambda: nn.Parallel([]), "Parallel: no branches"),
        (lambda: nn.GRU(0), r"GRU: units \(=0\) must be at least 1, and warmup \(=0\) at least 0"),
    ],
)
def test_impossible_layers_are_refused_when_made(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_other_modules_in_a_row_are_refused_with_the_way_out():
    net = nn.Sequential(())
    object.__setattr__(net, "layers", [nn.Conv(2), linen.BatchNorm()])  # past the tests' checks of annotations
    with pytest.raises(ValueError, match=r"Sequential: layers\[1\] is a BatchNorm, not a layer .*`batch_norm=True`"):
        net.__post_init__()


@pytest.mark.parametrize(
    ("layer", "clip_shape", "message"),
    [
        (nn.Conv(3, name="stem"), (2, 5), r'Conv "stem": a frame is \[height, width, channels\], found shape \(5,\)'),
        (
            nn.Conv(3, 5, padding="valid"),
            (2, 4, 4, 1),
            r"Conv: a window of \(5, 5\) with dilation \(1, 1\) does not fit",
        ),
        (nn.Conv(3, padding="full"), (2, 4, 4, 1), 'Conv: padding "full" is none of'),
        (nn.Conv3D(3, 5, padding="valid"), (5, 4, 4, 1), r"Conv3D: a window of \(5, 5\)"),
        (nn.Pool(5), (2, 4, 4, 1), r"Pool: a window of \(5, 5\)"),
        (nn.Dense(3), (2, 4, 4, 1), "takes frames with one axis, found shape .*; flatten them first"),
        (nn.Conv(0), (2, 4, 4, 1), r"a kernel of shape \(3, 3, 1, 0\) is empty"),
        (nn.Parallel([nn.Conv(2), nn.Conv(3)]), (2, 4, 4, 1), r"frames \(4, 4, 2\), \(4, 4, 3\) cannot be merged by"),
        (nn.TemporalConv(4, time="valid"), (3, 4, 4, 1), "3 frames are too few; .* needs at least 4"),
        (nn.GRU(2, 3), (3, 4), "GRU: 3 frames are too few; its warm-up needs at least 4"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Layer) else None,
)
def test_frames_that_do_not_fit_are_refused_by_name(layer, clip_shape, message):
    with pytest.raises(ValueError, match=message):
        layer.init(jax.random.key(0), jnp.zeros(clip_shape))


def test_messages_name_the_place_in_the_network():
    net = nn.Sequential(
        [nn.Conv(2, name="stem"), nn.Residual(nn.TemporalConv(4, time="valid", name="late"), name="top")]
    )
    with pytest.raises(ValueError, match=r'TemporalConv "top\.late": 2 frames are too few'):
        net.init(jax.random.key(0), jnp.zeros((2, 4, 4, 1)))


def test_run_stream_refuses_a_clip_that_is_too_short():
    layer = nn.TemporalConv(4, time="valid")
    variables = random_variables(layer, random_clip(4, (2, 2, 1)))
    with pytest.raises(ValueError, match="3 frames are too few; it needs at least 4"):
        nn.run_stream(layer, variables, random_clip(3, (2, 2, 1)))


def test_a_frame_of_another_size_than_the_states_is_refused():
    layer = nn.TemporalConv(3)
    variables = random_variables(layer, random_clip(3, (2, 2, 1)))
    with pytest.raises(AssertionError, match="shape"):
        layer.apply(variables, layer.init_state((2, 2, 1)), np.zeros((2, 3, 1), np.float32), method="step")
