"""Gesture networks as people build them: small int8 clip models, one per way in which frames meet.

Each is made as `.tflite` bytes and read back. Extents are small and lopsided, weights random, and results not constant.
`python -m tests.clip.gestures FOLDER` writes them as files, for experiments/clip_programs.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.random_models import Net
from tests.tiny_model import constant
from verify.graph.tensor import Tensor


def features(net: Net, x: Tensor, channels: int = 3) -> Tensor:
    """A small network per frame, and one vector per frame."""
    x = net.conv(x, 4, (3, 2), (2, 1), (1, 1))
    return net.mean(net.conv(x, channels, (1, 1), (1, 1), (1, 1)))


def transposed(net: Net, x: Tensor, order: Sequence[int]) -> Tensor:
    return net.append("TRANSPOSE", (x, net.integers(*order)), net.like(x, [x.shape[axis] for axis in order]), {})


def pad_both(net: Net, x: Tensor, before: int, after: int) -> Tensor:
    sides = np.array([[before, after], *[[0, 0]] * (len(x.shape) - 1)], np.int32)
    y = net.like(x, (x.shape[0] + before + after, *x.shape[1:]))
    return net.append("PAD", (x, constant(net.next(), sides)), y, {})


def flattened_features(frames: int = 4) -> Net:
    """A network per frame, and a dense layer over the features of all frames."""
    net = Net(1)
    x = features(net, net.input(frames, 7, 5, 2))
    net.dense(net.reshape(x, 1, x.shape[0] * x.shape[1]), 3)
    return net


def flattened_maps(frames: int = 3) -> Net:
    """The same with whole maps."""
    net = Net(2)
    x = net.conv(net.input(frames, 5, 4, 1), 2, (3, 3), (2, 2), (1, 1))
    net.dense(net.reshape(x, 1, int(np.prod(x.shape))), 3)
    return net


def temporal_then_flat(frames: int = 6) -> Net:
    """A temporal convolution without padding, flattened."""
    net = Net(3)
    x = features(net, net.input(frames, 6, 5, 1))
    x = net.conv(net.reshape(x, 1, frames, 1, 3), 4, (3, 1), (1, 1), (1, 1), "VALID")
    net.dense(net.reshape(x, 1, (frames - 2) * 4), 3)
    return net


def two_windows(frames: int = 5) -> Net:
    """Maxima over two and over all frames of one tensor: not both can walk its ring."""
    net = Net(12)
    x = net.conv(net.input(frames, 4, 3, 1), 2, (3, 3), (1, 1), (1, 1))
    image = net.reshape(x, 1, frames, 12, 2)
    pools = [net.pool("MAX_POOL_2D", image, (n, 1), (1, 1), "VALID") for n in (2, frames)]
    last = net.slice(pools[0], (0, frames - 2, 0, 0), (1, 1, 12, 2))
    net.dense(net.mean(net.concatenate(last, pools[1])), 3)
    return net


def mean_of_time_and_height(frames: int = 4) -> Net:
    """A mean over frames and a part of each."""
    net = Net(13)
    x = net.mean(net.conv(net.input(frames, 4, 3, 1), 3, (3, 3), (1, 1), (1, 1)), (0, 1))
    net.dense(net.reshape(x, 1, 9), 3)
    return net


def same_in_time_then_mean(frames: int = 6) -> Net:
    """A temporal convolution with SAME padding, and the mean over the clip."""
    net = Net(4)
    x = features(net, net.input(frames, 6, 5, 1))
    x = net.conv(net.reshape(x, 1, frames, 1, 3), 4, (3, 1), (1, 1), (1, 1))
    net.dense(net.mean(x), 3)
    return net


def conv1d_same_then_flat(frames: int = 7) -> Net:
    """Keras' Conv1D: time is the width of an image of one row."""
    net = Net(5)
    x = features(net, net.input(frames, 6, 5, 1))
    x = net.conv(net.reshape(x, 1, 1, frames, 3), 2, (1, 3), (1, 1), (1, 1))
    net.dense(net.reshape(x, 1, frames * 2), 3)
    return net


def strided_in_time(frames: int = 7) -> Net:
    """A temporal convolution of stride 2, so that the results that are read lie two frames apart."""
    net = Net(6)
    x = features(net, net.input(frames, 6, 5, 1))
    x = net.conv(net.reshape(x, 1, frames, 1, 3), 2, (3, 1), (2, 1), (1, 1), "VALID")
    net.dense(net.reshape(x, 1, x.shape[1] * 2), 3)
    return net


def shift(net: Net, x: Tensor, both: bool) -> Tensor:
    """A temporal shift with zeros outside the clip: one channel from the frame before, one from the frame after."""
    frames, *frame, channels = x.shape
    zeros = [0] * len(frame)
    parts = [net.slice(x, (0, *zeros, k), (frames, *frame, 1)) for k in range(1 + both)]
    late = [net.frames_from(pad_both(net, parts[0], 1, 0), 0, frames)]
    early = [net.frames_from(pad_both(net, parts[1], 0, 1), 1, frames)] if both else []
    rest = net.slice(x, (0, *zeros, 1 + both), (frames, *frame, channels - 1 - both))
    return net.concatenate(*late, *early, rest)


def shifted_mean(both: bool, frames: int) -> Net:
    net = Net(7)
    x = net.conv(net.input(frames, 6, 5, 2), 4, (3, 3), (2, 2), (1, 1))
    x = net.conv(shift(net, x, both), 3, (2, 1), (1, 1), (1, 1))
    net.dense(net.mean(net.mean(x), (0,), keep=True), 3)
    return net


def tsm(frames: int = 5) -> Net:
    """A shift that looks back, and the mean over the clip."""
    return shifted_mean(False, frames)


def tsm_both_ways(frames: int = 6) -> Net:
    """A shift that looks both ways, and the mean over the clip."""
    return shifted_mean(True, frames)


def frames_as_channels(frames: int = 4) -> Net:
    """Frames become channels of one image."""
    net = Net(8)
    x = transposed(net, net.input(frames, 7, 5, 1), (3, 1, 2, 0))
    net.dense(net.mean(net.conv(x, 3, (3, 3), (1, 1), (1, 1))), 3)
    return net


def five_axes(frames: int = 4) -> Net:
    """`[1, T, H, W, C]`, which a network per frame sees as a batch, and a dense layer over all features."""
    net = Net(9)
    x = net.reshape(net.input(1, frames, 6, 5, 2), frames, 6, 5, 2)
    net.dense(net.reshape(features(net, x), 1, frames * 3), 3)
    return net


def time_distributed(frames: int = 3) -> Net:
    """`[1, T, H, W, C]` taken apart, one operator per frame with the same weights, and stacked."""
    net = Net(10)
    x = net.input(1, frames, 5, 4, 1)
    clip = [net.reshape(net.slice(x, (0, t, 0, 0, 0), (1, 1, 5, 4, 1)), 1, 5, 4, 1) for t in range(frames)]
    first = net.conv(clip[0], 3, (3, 3), (2, 1), (1, 1))
    like = net.sources[-1]
    weights = [tensor for tensor in like.inputs[1:] if tensor is not None]
    options = dict(like.options)
    again = [net.append("CONV_2D", (x, *weights), net.like(first, first.shape), options) for x in clip[1:]]
    y = net.like(first, (1, frames, *first.shape[1:]))
    stack = net.append("PACK", (first, *again), y, {"axis": 1, "values_count": frames})
    net.dense(net.reshape(stack, 1, int(np.prod(stack.shape))), 3)
    return net


def centred(net: Net, x: Tensor, channels: int) -> Tensor:
    """A 3-D convolution that sees one frame before and one after."""
    frames = x.shape[0]
    padded = pad_both(net, x, 1, 1)
    stack = net.concatenate(*(net.frames_from(padded, k, frames) for k in range(3)))
    return net.conv(stack, channels, (3, 3), (1, 1), (1, 1))


def centred_stack(frames: int = 4) -> Net:
    """A centred 3-D convolution, then a temporal convolution over the clip."""
    net = Net(11)
    x = centred(net, net.input(frames, 5, 4, 1), 2)
    x = net.depthwise(net.reshape(x, 1, frames, 20, 2), (frames, 1), (1, 1), (1, 1), padding="VALID")
    net.dense(net.reshape(x, 1, 40), 3)
    return net


GESTURES: tuple[Callable[[], Net], ...] = (
    flattened_features,
    flattened_maps,
    two_windows,
    mean_of_time_and_height,
    temporal_then_flat,
    same_in_time_then_mean,
    conv1d_same_then_flat,
    strided_in_time,
    tsm,
    tsm_both_ways,
    frames_as_channels,
    five_axes,
    time_distributed,
    centred_stack,
)


def main(folder: Path) -> None:
    """Writes all of them as files."""
    folder.mkdir(parents=True, exist_ok=True)
    for make in GESTURES:
        (folder / f"{make.__name__}.tflite").write_bytes(make().bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
