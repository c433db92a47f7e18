"""What each layer computes, against plain statements of its definition."""

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("flax")

import jax
import jax.numpy as jnp
from jax import lax

from stjax import nn
from stjax.nn.functional import depthwise_conv2d, resolve_padding
from tests.stjax.nn.stacks import random_clip, random_variables

pytestmark = pytest.mark.train

CLIP = random_clip(6, (5, 4, 3))


def applied(layer, clip=CLIP):
    """The layer's output, its kernel and its bias."""
    variables = random_variables(layer, clip)
    return layer.apply(variables, clip), variables["params"]["kernel"], variables["params"]["bias"]


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def convolution_3d(clip, kernel, time_padding, groups=1, stride=1, dilation=(1, 1, 1)):
    """XLA's own 3-D convolution, kernel `time height width in out`, "same" padding of height and width."""
    sides = resolve_padding("same", clip.shape[1:3], kernel.shape[1:3], (stride, stride), dilation[1:])
    return lax.conv_general_dilated(
        clip[None],
        kernel,
        (1, stride, stride),
        (time_padding, *sides),
        rhs_dilation=dilation,
        dimension_numbers=("NDHWC", "DHWIO", "NDHWC"),
        feature_group_count=groups,
    )[0]


@pytest.mark.parametrize(("time", "padding"), [("causal", (4, 0)), ("centred", (2, 2)), ("valid", (0, 0))])
def test_conv3d_is_a_3d_convolution(time, padding):
    layer = nn.Conv3D(4, (3, 3, 2), stride=2, dilation=(2, 1, 2), time=time)
    output, kernel, bias = applied(layer)
    kernel = kernel.transpose(2, 0, 1, 3, 4)
    close(output, convolution_3d(CLIP, kernel, padding, stride=2, dilation=(2, 1, 2)) + bias)


def test_depthwise_conv3d_is_a_grouped_3d_convolution():
    output, kernel, bias = applied(nn.DepthwiseConv3D((3, 2, 3), time="causal"))
    kernel = kernel.transpose(2, 0, 1, 3)[:, :, :, None, :]
    close(output, convolution_3d(CLIP, kernel, (2, 0), groups=3) + bias)


def test_temporal_conv_is_streamtinynets_pipeline():
    """Split T maps by channel, stack the T maps of each channel, 1 x 1 convolution over each stack, put together."""
    layer = nn.TemporalConv(6, multiplier=2, time="valid")
    output, kernel, bias = applied(layer)
    channels = []
    for c in range(CLIP.shape[-1]):
        stacked = np.moveaxis(CLIP[..., c], 0, -1)  # height width T
        pointwise = kernel[:, 0, 0, 2 * c : 2 * c + 2]  # T outputs
        channels.append(stacked @ pointwise)
    close(output[0], np.concatenate(channels, -1) + bias)


def test_temporal_mix_sums_over_frames_and_channels():
    output, kernel, bias = applied(nn.TemporalMix(5, 3, time="valid"))
    windows = np.stack([CLIP[t : t + 3] for t in range(4)])
    close(output, np.einsum("tkhwc,kco->thwo", windows, kernel[:, 0]) + bias)


def test_conv2plus1d_is_a_2d_convolution_then_one_along_time():
    layer = nn.Conv2Plus1D(4, time="causal")
    variables = random_variables(layer, CLIP)
    spatial = nn.Conv(layer.middle_channels(3), 3, activation="relu")
    middle = spatial.apply({"params": variables["params"]["spatial"]}, CLIP)
    expected = nn.TemporalMix(4, 3).apply({"params": variables["params"]["temporal"]}, middle)
    close(layer.apply(variables, CLIP), expected)


def test_conv2plus1d_has_the_parameters_of_the_full_convolution():
    layer = nn.Conv2Plus1D(32)
    middle = layer.middle_channels(16)
    factored, full = 9 * 16 * middle + 3 * middle * 32, 27 * 16 * 32
    assert full - (9 * 16 + 3 * 32) < factored <= full


def test_shift_takes_the_first_channels_from_the_earlier_frame():
    clip = random_clip(5, (2, 2, 8))
    shifted = nn.TemporalShift(4, distance=2).apply({}, clip)
    np.testing.assert_array_equal(shifted[..., 2:], clip[..., 2:])
    np.testing.assert_array_equal(shifted[2:, ..., :2], clip[:-2, ..., :2])
    np.testing.assert_array_equal(shifted[:2, ..., :2], 0)


def test_temporal_pools():
    windows = np.stack([CLIP[t : t + 3] for t in range(4)])
    close(nn.TemporalPool(3, "mean", time="valid").apply({}, CLIP), windows.mean(1))
    close(nn.TemporalPool(3, "max", time="valid").apply({}, CLIP), windows.max(1))


def test_squeeze_excite_scales_each_channel_of_a_frame_by_one_gate():
    layer = nn.SqueezeExcite(2)
    variables = random_variables(layer, CLIP)
    params = variables["params"]
    hidden = np.maximum(CLIP.mean((1, 2)) @ params["squeeze"]["kernel"][0, 0] + params["squeeze"]["bias"], 0)
    gates = 1 / (1 + np.exp(-(hidden @ params["excite"]["kernel"][0, 0] + params["excite"]["bias"])))
    close(layer.apply(variables, CLIP), CLIP * gates[:, None, None])


def test_inverted_residual_adds_its_input_where_it_can():
    layer = nn.InvertedResidual(3, expansion=2)
    variables = random_variables(layer, CLIP)
    without = nn.InvertedResidual(3, expansion=2, shortcut=False)
    close(layer.apply(variables, CLIP), CLIP + without.apply(variables, CLIP))
    for other in (nn.InvertedResidual(4, expansion=2), nn.InvertedResidual(3, stride=2)):
        close(
            other.apply(random_variables(other, CLIP), CLIP),
            other.clone(shortcut=False).apply(random_variables(other, CLIP), CLIP),
        )


def test_expansion_of_one_has_no_expansion_layer():
    params = random_variables(nn.InvertedResidual(3, expansion=1), CLIP)["params"]
    assert set(params) == {"depthwise", "project"}


def test_pools_and_dense():
    flat = CLIP.reshape(6, -1)
    np.testing.assert_array_equal(nn.Flatten().apply({}, CLIP), flat)
    close(nn.GlobalPool().apply({}, CLIP), CLIP.mean((1, 2)))
    blocks = CLIP[:, :4].reshape(6, 2, 2, 2, 2, 3)
    close(nn.Pool(2, "mean").apply({}, CLIP), blocks.mean((2, 4)))
    close(nn.Pool(2, "max").apply({}, CLIP), blocks.max((2, 4)))
    output, kernel, bias = applied(nn.Dense(7, activation="relu"), flat)
    close(output, np.maximum(flat @ kernel + bias, 0))


def test_paddings():
    window = {"size": (7, 6), "kernel": (3, 4), "stride": (2, 2), "dilation": (1, 1)}
    assert resolve_padding("same", **window) == ((1, 1), (1, 1))
    assert resolve_padding("symmetric", **window) == ((1, 1), (2, 2))
    assert resolve_padding("valid", **window) == ((0, 0), (0, 0))
    assert resolve_padding(((0, 1), (2, 3)), **window) == ((0, 1), (2, 3))


@pytest.mark.parametrize("multiplier", [1, 2])
def test_depthwise_gradients_are_those_of_the_convolution(multiplier):
    """It is differentiated through another formula, so that training is fast on CPUs."""
    rng = np.random.default_rng(0)
    images = jnp.asarray(rng.normal(size=(2, 7, 6, 3)), jnp.float32)
    kernel = jnp.asarray(rng.normal(size=(3, 2, 1, 3 * multiplier)), jnp.float32)
    geometry = ((2, 1), (1, 2), ((1, 0), (2, 1)))

    def plain(images, kernel):
        stride, dilation, padding = geometry
        numbers = ("NHWC", "HWIO", "NHWC")
        return lax.conv_general_dilated(
            images, kernel, stride, padding, None, dilation, dimension_numbers=numbers, feature_group_count=3
        )

    def loss(function):
        return jax.value_and_grad(lambda *x: jnp.sin(function(*x)).sum(), argnums=(0, 1))(images, kernel)

    close(depthwise_conv2d(images, kernel, *geometry), plain(images, kernel))
    for found, expected in zip(
        jax.tree.leaves(loss(lambda x, k: depthwise_conv2d(x, k, *geometry))), jax.tree.leaves(loss(plain)), strict=True
    ):
        close(found, expected)
