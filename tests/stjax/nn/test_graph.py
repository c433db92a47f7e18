"""What the clip faces are made of: plain 2-D operators, so that the int8 model has no float island."""

import pytest

pytest.importorskip("jax")
pytest.importorskip("flax")

import jax
import jax.numpy as jnp

from stjax import nn
from stjax.cost.program import flatten

pytestmark = pytest.mark.train

CLIP = jax.ShapeDtypeStruct((6, 5, 4, 3), jnp.float32)
MOVES_OF_PARAMETERS = {"broadcast_in_dim"}


def operations(layer: nn.Layer) -> list[tuple[str, tuple[int, ...]]]:
    """Primitives that work on frames, with the shapes of their results."""
    variables = jax.eval_shape(layer.init, jax.random.key(0), CLIP)
    traced = jax.make_jaxpr(layer.apply)(variables, CLIP)
    constants = len(jax.tree.leaves(variables))
    program = flatten(traced, [True] * constants + [False])
    return [
        (operation.kind, program.values[operation.outputs[0]].shape)
        for operation in program.operations
        if not program.values[operation.outputs[0]].constant
    ]


def test_temporal_conv_is_a_depthwise_convolution_between_reshapes():
    assert operations(nn.TemporalConv(6, 2, time="valid", activation="relu")) == [
        ("reshape", (1, 6, 20, 3)),
        ("conv_general_dilated", (1, 1, 20, 6)),
        ("add", (1, 1, 20, 6)),
        ("max", (1, 1, 20, 6)),
        ("reshape", (1, 5, 4, 6)),
    ]


def test_causal_conv3d_is_one_2d_convolution_over_frames_stacked_in_channels():
    assert operations(nn.Conv3D(7)) == [
        ("pad", (8, 5, 4, 3)),
        *[("slice", (6, 5, 4, 3))] * 3,
        ("concatenate", (6, 5, 4, 9)),
        ("conv_general_dilated", (6, 5, 4, 7)),
        ("add", (6, 5, 4, 7)),
    ]


def test_conv2plus1d_is_two_2d_convolutions():
    assert operations(nn.Conv2Plus1D(7, middle=4)) == [
        ("conv_general_dilated", (6, 5, 4, 4)),
        ("add", (6, 5, 4, 4)),
        ("max", (6, 5, 4, 4)),
        ("pad", (8, 5, 4, 4)),
        ("reshape", (1, 8, 20, 4)),
        ("conv_general_dilated", (1, 6, 20, 7)),
        ("add", (1, 6, 20, 7)),
        ("reshape", (6, 5, 4, 7)),
    ]


def test_depthwise_conv3d_adds_the_bias_to_its_first_convolution():
    kinds = [kind for kind, _ in operations(nn.DepthwiseConv3D(3))]
    assert kinds == ["pad", *["slice", "conv_general_dilated"] * 3, "add", "add", "add"] or kinds == [
        "pad",
        *["slice"] * 3,
        *["conv_general_dilated"] * 3,
        *["add"] * 3,
    ]


def test_shift_moves_data_only():
    kinds = [kind for kind, _ in operations(nn.TemporalShift())]
    assert kinds == ["pad", "slice", "slice", "concatenate"]


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv3D(3, 3, dilation=(2, 1, 1)),
        nn.SeparableConv3D(3, middle_activation="relu6"),
        nn.Conv2Plus1D(3, time="centred"),
        nn.TemporalConv(3, 2, time="centred"),
        nn.TemporalMix(3),
        nn.TemporalPool(3),
        nn.TemporalPool(3, "max"),
        nn.InvertedResidual(3, squeeze_excite=2, batch_norm=True),
        nn.GlobalPool(),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_nothing_has_more_axes_than_an_image(layer):
    """No 3-D convolution, and no transpose: data stays where it is."""
    for kind, shape in operations(layer):
        assert len(shape) <= 4
        assert kind not in ("transpose", "gather", "reduce_sum", "rev")
