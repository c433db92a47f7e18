"""Named networks, for three sizes of input:

    touch    27 x 15 x 1, 5 classes, T = 8     capacitive touch sensor
    shapes   32 x 32 x 1, 6 classes, T = 8     generated moving shapes
    96       96 x 96 x 3, 27 classes, T = 10   gestures on video; below 300 KB of weights and 0.01 GFLOP per frame

Within a size, the networks have about the same number of parameters and MACs per streamed frame.
"""

from collections.abc import Callable
from dataclasses import replace

from stjax.models.config import Block, VideoConfig
from stjax.models.video import Conv2Plus1DNet, Conv3DNet, FrameByFrame, StreamTinyNet, TSMNet, VideoNet

_TOUCH = VideoConfig(27, 15, 1, classes=5, frames=8, stem=8, blocks=(Block(16, 2), Block(16)), hidden=(16,))
_SHAPES = VideoConfig(
    32, 32, 1, classes=6, frames=8, stem=8, blocks=(Block(16, 2), Block(16), Block(24, 2)), hidden=(32,)
)
_VIDEO = VideoConfig(
    *(96, 96, 3),
    classes=27,
    frames=10,
    stem=8,
    blocks=(Block(16, 2), Block(16), Block(24, 2), Block(24), Block(32, 2, 4), Block(32)),
    hidden=(64,),
    batch_norm=True,
)
_SIZES = {"touch": _TOUCH, "shapes": _SHAPES, "96": _VIDEO}

# What makes the other networks as large as StreamTinyNet: full convolutions cost more per channel than inverted
# residuals, and without temporal filters the first dense layer reads fewer features.
_CHANGES = {
    "framebyframe-touch": {"hidden": (32,)},
    "framebyframe-shapes": {"hidden": (64,)},
    "framebyframe-96": {"hidden": (128,)},
    "tsm-touch": {"hidden": (32,)},
    "tsm-shapes": {"hidden": (64,)},
    "tsm-96": {"hidden": (128,)},
    "conv3d-touch": {"blocks": (Block(7, 2), Block(7)), "hidden": (64,)},
    "conv3d-shapes": {"blocks": (Block(8, 2), Block(8), Block(16, 2)), "hidden": (80,)},
    "conv3d-96": {"blocks": (Block(8, 2), Block(12, 2), Block(24), Block(32, 2), Block(40)), "hidden": (84,)},
    "conv2plus1d-touch": {"blocks": (Block(10, 2), Block(14)), "hidden": (32,)},
    "conv2plus1d-shapes": {"blocks": (Block(12, 2), Block(16), Block(24, 2)), "hidden": (40,)},
    "conv2plus1d-96": {
        "blocks": (Block(16, 2), Block(20, 2), Block(24), Block(40, 2), Block(48)),
        "hidden": (64,),
    },
}

_FAMILIES: dict[str, Callable[[VideoConfig], VideoNet]] = {
    "streamtinynet": StreamTinyNet,
    "framebyframe": FrameByFrame,
    "tsm": TSMNet,
    "conv3d": Conv3DNet,
    "conv2plus1d": Conv2Plus1DNet,
}

NAMES = tuple(f"{family}-{size}" for family in _FAMILIES for size in _SIZES)


def config(name: str) -> VideoConfig:
    """The configuration of a named network, to change and build from.

    Raises:
      ValueError: if there is none of that name.
    """
    size = name.partition("-")[2]
    if name not in NAMES:
        raise ValueError(f'no network is called "{name}"; there are {", ".join(NAMES)}')
    return replace(_SIZES[size], **_CHANGES.get(name, {}))


def preset(name: str, frames: int | None = None) -> VideoNet:
    """A named network.

    Args:
      name: one of `NAMES`.
      frames: T, how many frames an answer depends on; None keeps the preset's.

    Raises:
      ValueError: if there is none of that name, or `frames` is not positive.
    """
    chosen = config(name)
    return _FAMILIES[name.partition("-")[0]](chosen if frames is None else replace(chosen, frames=frames))
