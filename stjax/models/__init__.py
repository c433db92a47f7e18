"""Video networks that stream, and the networks of the MCUNet zoo."""

from stjax.models import mcunet
from stjax.models.config import Block, VideoConfig
from stjax.models.named import Named, named
from stjax.models.presets import NAMES, config, preset
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

__all__ = [
    "NAMES",
    "Block",
    "Conv2Plus1DNet",
    "Conv3DNet",
    "FrameByFrame",
    "GRUNet",
    "Named",
    "OrderFreeNet",
    "SeparableConv3DNet",
    "StreamTinyNet",
    "TCNNet",
    "TSMNet",
    "VideoConfig",
    "VideoNet",
    "config",
    "mcunet",
    "named",
    "preset",
]
