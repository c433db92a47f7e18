"""Named networks, for four sizes of input:

    touch    27 x 15 x 1, 5 classes, T = 8     capacitive touch sensor
    shapes   32 x 32 x 1, 6 classes, T = 8     generated moving shapes
    fir      16 x 16 x 1, 7 classes, T = 12    thermal array, people from above
    96       96 x 96 x 3, 27 classes, T = 10   gestures on video; below 300 KB of weights and 0.01 GFLOP per frame

Within a size, the networks have about the same number of parameters and MACs per streamed frame.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from stjax.models.config import Block, VideoConfig
from stjax.models.vectors import GRUNet, TCNNet
from stjax.models.video import (
    Conv2Plus1DNet,
    Conv3DNet,
    FrameByFrame,
    OrderFreeNet,
    SeparableConv3DNet,
    StreamTinyNet,
    TSMNet,
    VideoNet,
)

_TOUCH = VideoConfig(27, 15, 1, classes=5, frames=8, stem=8, blocks=(Block(16, 2), Block(16)), hidden=(16,))
_SHAPES = VideoConfig(
    32, 32, 1, classes=6, frames=8, stem=8, blocks=(Block(16, 2), Block(16), Block(24, 2)), hidden=(32,)
)
_FIR = VideoConfig(16, 16, 1, classes=7, frames=12, stem=12, blocks=(Block(24, 2), Block(24)), hidden=(32,))
_VIDEO = VideoConfig(
    *(96, 96, 3),
    classes=27,
    frames=10,
    stem=8,
    blocks=(Block(16, 2), Block(16), Block(24, 2), Block(24), Block(32, 2, 4), Block(32)),
    hidden=(64,),
    batch_norm=True,
)
_SIZES = {"touch": _TOUCH, "shapes": _SHAPES, "fir": _FIR, "96": _VIDEO}

# What makes the other networks as large as StreamTinyNet: full convolutions cost more per channel than inverted
# residuals, separable ones less; without temporal filters the first dense layer reads fewer features.
_WIDER = {"touch": (32,), "shapes": (64,), "fir": (64,), "96": (128,)}
_CHANGES: dict[str, dict[str, Any]] = {
    **{f"{kind}-{size}": {"hidden": w} for kind in ("framebyframe", "orderfree", "tsm") for size, w in _WIDER.items()},
    "conv3d-touch": {"blocks": (Block(7, 2), Block(7)), "hidden": (64,)},
    "conv3d-shapes": {"blocks": (Block(8, 2), Block(8), Block(16, 2)), "hidden": (80,)},
    "conv3d-fir": {"blocks": (Block(7, 2), Block(8)), "hidden": (176,)},
    "conv3d-96": {"blocks": (Block(8, 2), Block(12, 2), Block(24), Block(32, 2), Block(40)), "hidden": (84,)},
    "conv2plus1d-touch": {"blocks": (Block(10, 2), Block(14)), "hidden": (32,)},
    "conv2plus1d-shapes": {"blocks": (Block(12, 2), Block(16), Block(24, 2)), "hidden": (40,)},
    "conv2plus1d-fir": {"blocks": (Block(15, 2), Block(18)), "hidden": (80,)},
    "conv2plus1d-96": {
        "blocks": (Block(16, 2), Block(20, 2), Block(24), Block(40, 2), Block(48)),
        "hidden": (64,),
    },
    "separable3d-touch": {"stem": 12, "blocks": (Block(32, 2), Block(32)), "hidden": (16,)},
    "separable3d-shapes": {"stem": 20, "blocks": (Block(32, 2), Block(40), Block(32, 2)), "hidden": (48,)},
    "separable3d-fir": {"stem": 24, "blocks": (Block(44, 2), Block(44)), "hidden": (34,)},
    "separable3d-96": {
        "stem": 16,
        "blocks": (Block(40, 2), Block(48), Block(48, 2), Block(48), Block(32, 2), Block(48)),
        "hidden": (80,),
    },
    "gru-touch": {"units": 24, "hidden": ()},
    "gru-shapes": {"units": 40, "hidden": ()},
    "gru-fir": {"units": 40, "hidden": ()},
    "gru-96": {"units": 88, "hidden": ()},
    "tcn-touch": {"units": 24, "hidden": ()},
    "tcn-shapes": {"units": 36, "hidden": ()},
    "tcn-fir": {"units": 32, "hidden": ()},
    "tcn-96": {"units": 72, "hidden": ()},
}

FAMILIES: dict[str, Callable[[VideoConfig], VideoNet]] = {
    "streamtinynet": StreamTinyNet,
    "framebyframe": FrameByFrame,
    "orderfree": OrderFreeNet,
    "tsm": TSMNet,
    "conv3d": Conv3DNet,
    "conv2plus1d": Conv2Plus1DNet,
    "separable3d": SeparableConv3DNet,
    "gru": GRUNet,
    "tcn": TCNNet,
}

NAMES = tuple(f"{family}-{size}" for family in FAMILIES for size in _SIZES)


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
    return FAMILIES[name.partition("-")[0]](chosen if frames is None else replace(chosen, frames=frames))
