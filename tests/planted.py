"""Channels that hold one value for every input, planted in a network that is being built."""

from dataclasses import replace

import numpy as np

from tests.random_models import Net
from verify.graph.tensor import Tensor

FAR = 2**30
"""A bias that no sum of the small networks' products comes near."""

WAYS = ("bias above", "bias below", "multiplier 0", "weights 0")
CHANNEL_AXIS = {"CONV_2D": 0, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 0}


def plant(net: Net, result: Tensor, channel: int, way: str) -> None:
    """Makes a channel of `result`, which an operator with weights computes, constant in one of WAYS.

    The bias is int32 and per channel; weights with one scale have no multiplier of their own, and keep it.
    """
    place = next(k for k, source in enumerate(net.sources) if source.outputs[0] is result)
    source = net.sources[place]
    weights, bias = source.inputs[1], source.inputs[2]
    assert weights is not None and weights.data is not None and weights.quantization is not None
    assert bias is not None and bias.data is not None
    scales = list(weights.quantization.scale)
    if way == "multiplier 0" and len(scales) > 1:
        scales[channel] = 1e-20
        quantization = replace(weights.quantization, scale=tuple(scales))
        changed = (source.inputs[0], replace(weights, quantization=quantization), bias)
        net.sources[place] = replace(source, inputs=changed)
    elif way == "weights 0":
        weights.data[(slice(None),) * CHANNEL_AXIS[source.kind] + (channel,)] = 0
    else:
        bias.data[channel] = -FAR if way == "bias below" else FAR


def plant_some(net: Net, seed: int) -> None:
    """Constant channels here and there, a third of all."""
    rng = np.random.default_rng(seed)
    for source in list(net.sources):
        if source.kind in CHANNEL_AXIS and len(source.inputs) > 2 and source.inputs[2] is not None:
            for channel in range(source.outputs[0].shape[-1]):
                if rng.integers(3) == 0:
                    plant(net, source.outputs[0], channel, WAYS[rng.integers(len(WAYS))])
