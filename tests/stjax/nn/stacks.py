"""Random layers and stacks of layers, and their variables, for property tests."""

from collections.abc import Callable

import hypothesis.strategies as st
import jax
import numpy as np

from stjax import nn
from stjax.nn.layer import FrameShape, Layer

CHANNELS = 2

# Strategies draw numbers only; the test builds the layer.
Builder = Callable[[], Layer]

Modes = st.SearchStrategy[str]
MODES = st.sampled_from(["causal", "centred", "valid"])
ACTIVATIONS = st.sampled_from([None, "relu", "relu6"])
SMALL = st.integers(1, 3)


def random_variables(layer: Layer, clip: np.ndarray, seed: int = 0) -> dict:
    """Variables of the right shapes, without running the initializers, which would take most of the tests' time.

    Vectors are positive: a zero bias hides what a layer makes of frames that do not exist, and some are variances.
    """
    shapes = jax.eval_shape(layer.init, jax.random.key(0), clip)
    rng = np.random.default_rng(seed)

    def draw(leaf: jax.ShapeDtypeStruct) -> np.ndarray:
        low = 0.1 if leaf.ndim == 1 else -0.5
        return rng.uniform(low, 0.6, leaf.shape).astype(np.float32)

    return jax.tree.map(draw, shapes)


def random_clip(frames: int, frame_shape: FrameShape, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(frames, *frame_shape)).astype(np.float32)


@st.composite
def conv3d(draw: st.DrawFn, modes: Modes) -> Builder:
    kind = draw(st.sampled_from([nn.Conv3D, nn.SeparableConv3D, nn.Conv2Plus1D]))
    features = draw(SMALL)
    options = {
        "kernel": (draw(st.integers(1, 4)), draw(SMALL), draw(SMALL)),
        "stride": draw(st.integers(1, 2)),
        "dilation": (draw(st.integers(1, 2)), 1, draw(st.integers(1, 2))),
        "time": draw(modes),
        "activation": draw(ACTIVATIONS),
    }
    return lambda: kind(features, **options)


@st.composite
def temporal(draw: st.DrawFn, modes: Modes) -> Builder:
    """Layers that keep height and width."""
    frames, features, distance, mode = draw(st.integers(1, 4)), draw(SMALL), draw(st.integers(1, 2)), draw(modes)
    back = "causal" if mode == "centred" else mode
    builders: list[Builder] = [
        lambda: nn.TemporalConv(frames, features, distance, time=mode),
        lambda: nn.TemporalMix(features, frames, distance, time=mode),
        lambda: nn.TemporalPool(frames, "mean", time=mode),
        lambda: nn.TemporalPool(frames, "max", time=mode),
        lambda: nn.TemporalShift(features, distance, time=back),
        lambda: nn.Delay(frames),
        lambda: nn.TCNBlock(features, frames, distance, time=mode),
    ]
    return builders[draw(st.integers(0, len(builders) - 1))]


@st.composite
def framewise(draw: st.DrawFn) -> Builder:
    """Layers that keep height and width, or halve them."""
    features, kernel, stride, dilation = draw(SMALL), draw(SMALL), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    activation, excite = draw(ACTIVATIONS), draw(st.sampled_from([None, 2]))
    builders: list[Builder] = [
        lambda: nn.Conv(features, kernel, stride=stride, dilation=dilation, activation=activation),
        lambda: nn.DepthwiseConv(3, features, stride=stride, padding="symmetric"),
        lambda: nn.SeparableConv(features, 3, stride=stride, batch_norm=True),
        lambda: nn.InvertedResidual(features, 3, stride, kernel, squeeze_excite=excite),
        lambda: nn.Activation("tanh"),
    ]
    return builders[draw(st.integers(0, len(builders) - 1))]


@st.composite
def residuals(draw: st.DrawFn, modes: Modes) -> Builder:
    """A shortcut around layers along time; the last one gives the input's channels back."""
    body = draw(st.lists(temporal(modes), min_size=1, max_size=2))
    frames, mode, activation = draw(SMALL), draw(modes), draw(ACTIVATIONS)

    def build() -> Layer:
        last = nn.TemporalMix(CHANNELS, frames, time=mode)
        return nn.Residual(nn.Sequential((*(layer() for layer in body), last)), activation=activation)

    return build


@st.composite
def branches(draw: st.DrawFn, modes: Modes) -> Builder:
    sides = draw(st.lists(temporal(modes), min_size=1, max_size=3))
    return lambda: nn.Parallel(tuple(side() for side in sides), "concat")


@st.composite
def stacks(draw: st.DrawFn, modes: Modes = MODES) -> Builder:
    """A stack on frames with `CHANNELS` channels: perhaps a residual, then layers and branches.

    Each layer draws what it does at a clip's ends from `modes`.
    """
    layers = draw(st.lists(residuals(modes), max_size=1))
    kinds = st.one_of(conv3d(modes), temporal(modes), framewise(), branches(modes))
    layers += draw(st.lists(kinds, min_size=1, max_size=3))
    return lambda: nn.Sequential(tuple(layer() for layer in layers))
