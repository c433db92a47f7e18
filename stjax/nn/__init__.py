"""Layers for video that run on whole clips and frame by frame with the same parameters.

Every layer is a Flax (Linen) module with two faces:

    clip   a whole clip      [time, *frame] -> [time', *frame']
    step   one frame         (state, [*frame]) -> (state, [*frame'])

A frame is `height width channels`, or any shape after `Flatten` or `GlobalPool`. There is no batch axis; `apply_batch`
adds one.

A layer that looks along time is "causal" (output t reads frames up to t), "centred" (as many after t as before), both
with zeros in the place of frames outside the clip, or "valid" (causal without padding: a window of T frames gives one
output; this is what is deployed).

Streaming gives what the clip face gives, later: output t of the clip face is streamed output
t + warmup_frames + delay_frames.

- `delay_frames`: how many frames a layer must see ahead, (taps - 1) // 2 * dilation if "centred", else 0. Streamed
  output lags by as many, and as many frames of zeros follow the clip to get the last ones out (`run_stream` does it).
- `warmup_frames`: how many frames at the start the clip face gives no output for, (taps - 1) * dilation if "valid",
  else 0. What is streamed meanwhile is computed from missing frames and means nothing.

Containers add delays up, and put delay lines behind branches and shortcuts that would come too early.
"""

from stjax.nn.activations import ACTIVATIONS, Activation
from stjax.nn.basic import Dense, Dropout, Flatten, GlobalPool, Pool
from stjax.nn.blocks import InvertedResidual, SqueezeExcite, TCNBlock
from stjax.nn.compose import Composite, Identity, Parallel, Residual, Sequential
from stjax.nn.conv import Conv, DepthwiseConv, SeparableConv
from stjax.nn.conv3d import Conv2Plus1D, Conv3D, DepthwiseConv3D, SeparableConv3D
from stjax.nn.gating import EarlyExit, Gated, RowGate
from stjax.nn.layer import FrameLayer, Layer
from stjax.nn.norm import fold_batch_norm
from stjax.nn.recurrent import GRU
from stjax.nn.stream import apply_batch, run_stream
from stjax.nn.temporal import Delay, TemporalConv, TemporalMix, TemporalPool, TemporalShift
from stjax.nn.time import TimeLayer
from stjax.nn.weights import Weighted

__all__ = [
    "ACTIVATIONS",
    "GRU",
    "Activation",
    "Composite",
    "Conv",
    "Conv2Plus1D",
    "Conv3D",
    "Delay",
    "Dense",
    "DepthwiseConv",
    "DepthwiseConv3D",
    "Dropout",
    "EarlyExit",
    "Flatten",
    "FrameLayer",
    "Gated",
    "GlobalPool",
    "Identity",
    "InvertedResidual",
    "Layer",
    "Parallel",
    "Pool",
    "Residual",
    "RowGate",
    "SeparableConv",
    "SeparableConv3D",
    "Sequential",
    "SqueezeExcite",
    "TCNBlock",
    "TemporalConv",
    "TemporalMix",
    "TemporalPool",
    "TemporalShift",
    "TimeLayer",
    "Weighted",
    "apply_batch",
    "fold_batch_norm",
    "run_stream",
]
