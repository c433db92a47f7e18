"""Random gesture networks: stages along time of every kind, one after the other, under random heads."""

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.clip.gestures import centred, features, pad_both, shift
from tests.clip.test_gestures import clips_of, proved_plan, stream
from tests.random_models import Net
from verify.clip import NotAClipError, per_frame
from verify.graph.tensor import Tensor
from verify.proof.replay import replay_frames

IMAGES = ("none", "shift", "shift both ways", "causal", "centred")
VECTORS = ("none", "valid", "same", "strided", "width", "depthwise", "twice", "relu")
HEADS = ("flat", "mean", "window", "largest", "mean and flat")


def over_images(net: Net, x: Tensor, kind: str) -> Tensor:
    """Frames [T, H, W, C] to frames."""
    if kind.startswith("shift"):
        return shift(net, x, "both" in kind)
    if kind == "causal":
        padded = pad_both(net, x, 1, 0)
        return net.concatenate(*(net.frames_from(padded, k, x.shape[0]) for k in range(2)))
    return centred(net, x, 3) if kind == "centred" else x


def over_vectors(net: Net, x: Tensor, kind: str) -> Tensor:
    """[1, T, 1, C] to [1, T', 1, C']."""
    frames, channels = x.shape[1], x.shape[3]
    if kind in ("valid", "same", "strided") and (frames > 2 or kind == "same"):
        stride = 2 if kind == "strided" else 1
        return net.conv(x, 2, (2 + (frames > 3), 1), (stride, 1), (1, 1), "SAME" if kind == "same" else "VALID")
    if kind == "width":
        y = net.conv(net.reshape(x, 1, 1, frames, channels), 2, (1, 3), (1, 1), (1, 1))
        return net.reshape(y, 1, frames, 1, 2)
    if kind == "depthwise":
        return net.depthwise(x, (2, 1), (1, 1), (1, 1))
    if kind == "twice":
        late = net.slice(net.pad(x, 1, 0, 0, 0), (0, 0, 0, 0), x.shape)
        return net.add(x, net.append("RELU", (late,), net.activation(late.shape, 0.05), {}))
    return net.append("RELU", (x,), net.activation(x.shape, 0.04), {}) if kind == "relu" else x


def under(net: Net, x: Tensor, kind: str) -> None:
    """[1, T', 1, C] to a single result."""
    _, frames, _, channels = x.shape
    if kind == "window":
        x = net.conv(x, 2, (frames, 1), (1, 1), (1, 1), "VALID")
    elif kind == "largest":
        x = net.pool("MAX_POOL_2D", x, (frames, 1), (1, 1), "VALID")
    elif kind == "mean":
        x = net.mean(x)
    elif kind == "mean and flat":
        flat = net.reshape(x, 1, 1, 1, frames * channels)
        mean = net.pool("AVERAGE_POOL_2D", x, (frames, 1), (1, 1), "VALID")
        x = net.concatenate(flat, mean)
    net.dense(net.reshape(x, 1, int(np.prod(x.shape))), 3)


@settings(max_examples=12)
@given(
    st.integers(2, 6),
    st.integers(0, 999),
    st.sampled_from(IMAGES),
    st.lists(st.sampled_from(VECTORS), max_size=2),
    st.sampled_from(HEADS),
    st.booleans(),
)
def test_a_random_gesture_network_is_its_clip_model(
    frames: int, seed: int, image: str, vectors: list[str], head: str, five_axes: bool
) -> None:
    net = Net(seed)
    x = net.input(1, frames, 4, 3, 1) if five_axes else net.input(frames, 4, 3, 1)
    x = net.conv(net.reshape(x, frames, 4, 3, 1), 4, (3, 2), (1, 1), (1, 1))
    x = features(net, over_images(net, x, image))
    x = net.reshape(x, 1, frames, 1, 3)
    for kind in vectors:
        x = over_vectors(net, x, kind)
    under(net, x, head)
    clip = net.graph()
    try:
        step = per_frame(clip)
    except NotAClipError as error:
        if "padding in time reaches every frame" not in str(error):
            raise
        event("not worth it")
        return
    event("a program per frame")
    assert step.warm_up == frames - 1
    samples = stream(step, frames + 3, seed)
    results = replay_frames(step, proved_plan(step).plan, [[frame] for frame in samples], seed)
    for f, answer in clips_of(clip, samples, frames).items():
        np.testing.assert_array_equal(results[f][0], answer)
