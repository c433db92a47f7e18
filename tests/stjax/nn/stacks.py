"""Random layers and stacks of layers, and their variables, for property tests."""

import hypothesis.strategies as st
import jax
import numpy as np

from stjax import nn
from stjax.nn.layer import FrameShape, Layer

MODES = st.sampled_from(["causal", "centred", "valid"])
ACTIVATIONS = st.sampled_from([None, "relu", "relu6"])
SMALL = st.integers(1, 3)


def random_variables(layer: Layer, clip: np.ndarray, seed: int = 0) -> dict:
    """Variables whose biases are not zero: a zero bias hides what a layer makes of frames that do not exist."""
    variables = layer.init(jax.random.key(seed), clip)
    rng = np.random.default_rng(seed)
    return jax.tree.map(lambda leaf: leaf + rng.uniform(0.1, 0.5, leaf.shape).astype(np.float32), variables)


def random_clip(frames: int, frame_shape: FrameShape, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(frames, *frame_shape)).astype(np.float32)


@st.composite
def conv3d(draw: st.DrawFn) -> Layer:
    kind = draw(st.sampled_from([nn.Conv3D, nn.SeparableConv3D, nn.Conv2Plus1D]))
    return kind(
        draw(SMALL),
        (draw(st.integers(1, 4)), draw(SMALL), draw(SMALL)),
        stride=draw(st.integers(1, 2)),
        dilation=(draw(st.integers(1, 2)), 1, draw(st.integers(1, 2))),
        time=draw(MODES),
        activation=draw(ACTIVATIONS),
    )


@st.composite
def temporal(draw: st.DrawFn) -> Layer:
    """Layers that keep height and width."""
    frames, mode = draw(st.integers(1, 4)), draw(MODES)
    look_back = draw(st.sampled_from(["causal", "valid"]))
    return draw(
        st.sampled_from(
            [
                nn.TemporalConv(frames, draw(st.integers(1, 2)), draw(st.integers(1, 2)), time=mode),
                nn.TemporalMix(draw(SMALL), frames, draw(st.integers(1, 2)), time=mode),
                nn.TemporalPool(frames, "mean", time=mode),
                nn.TemporalPool(frames, "max", time=mode),
                nn.TemporalShift(draw(st.integers(1, 4)), draw(st.integers(1, 2)), time=look_back),
                nn.Delay(frames),
            ]
        )
    )


@st.composite
def framewise(draw: st.DrawFn) -> Layer:
    """Layers that keep height and width, or halve them."""
    features, stride = draw(SMALL), draw(st.integers(1, 2))
    dilation = draw(st.integers(1, 2))
    return draw(
        st.sampled_from(
            [
                nn.Conv(features, draw(SMALL), stride=stride, dilation=dilation, activation=draw(ACTIVATIONS)),
                nn.DepthwiseConv(3, draw(st.integers(1, 2)), stride=stride, padding="symmetric"),
                nn.SeparableConv(features, 3, stride=stride, batch_norm=True),
                nn.InvertedResidual(features, 3, stride, draw(SMALL), squeeze_excite=draw(st.sampled_from([None, 2]))),
                nn.Activation("tanh"),
            ]
        )
    )


def simple_layers() -> st.SearchStrategy[Layer]:
    return st.one_of(conv3d(), temporal(), framewise())


@st.composite
def residuals(draw: st.DrawFn) -> Layer:
    """A shortcut around layers along time; the last one gives the input's channels back."""
    body = draw(st.lists(temporal(), min_size=1, max_size=2))
    last = nn.TemporalMix(CHANNELS, draw(st.integers(1, 3)), time=draw(MODES))
    return nn.Residual(nn.Sequential((*body, last)), activation=draw(ACTIVATIONS))


@st.composite
def branches(draw: st.DrawFn) -> Layer:
    sides = draw(st.lists(temporal(), min_size=1, max_size=3))
    return nn.Parallel(tuple(sides), "concat")


CHANNELS = 2


@st.composite
def stacks(draw: st.DrawFn) -> Layer:
    """A stack on frames with `CHANNELS` channels: perhaps a residual, then layers and branches."""
    layers = draw(st.lists(residuals(), max_size=1))
    layers += draw(st.lists(st.one_of(simple_layers(), branches()), min_size=1, max_size=3))
    return nn.Sequential(tuple(layers))
