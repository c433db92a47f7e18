"""Layers for video that run on whole clips and frame by frame with the same parameters.

Clips are `time height width channels`, frames `height width channels`; there is no batch axis (see `apply_batch`).
`stjax.nn.layer` states the protocol.
"""

from stjax.nn.activations import ACTIVATIONS, Activation
from stjax.nn.basic import Dense, Dropout, Flatten, GlobalPool, Pool
from stjax.nn.blocks import InvertedResidual, SqueezeExcite
from stjax.nn.compose import Composite, Identity, Parallel, Residual, Sequential
from stjax.nn.conv import Conv, DepthwiseConv, SeparableConv
from stjax.nn.conv3d import Conv2Plus1D, Conv3D, DepthwiseConv3D, SeparableConv3D
from stjax.nn.layer import FrameLayer, Layer
from stjax.nn.norm import BatchNorm, fold_batch_norm
from stjax.nn.stream import apply_batch, run_stream
from stjax.nn.temporal import Delay, TemporalConv, TemporalMix, TemporalPool, TemporalShift
from stjax.nn.time import TimeLayer
from stjax.nn.weights import Weighted

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "BatchNorm",
    "Composite",
    "Conv",
    "Conv2Plus1D",
    "Conv3D",
    "Delay",
    "Dense",
    "DepthwiseConv",
    "DepthwiseConv3D",
    "Dropout",
    "Flatten",
    "FrameLayer",
    "GlobalPool",
    "Identity",
    "InvertedResidual",
    "Layer",
    "Parallel",
    "Pool",
    "Residual",
    "SeparableConv",
    "SeparableConv3D",
    "Sequential",
    "SqueezeExcite",
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
