"""Channels that hold one value for every input, planted in a network that is being built."""

import math
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from tests.random_models import Net, draw_op
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


KINDS = (
    *("CONV_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "MUL", "MAX_POOL_2D", "AVERAGE_POOL_2D"),
    *("PAD", "RELU", "LOGISTIC"),
)


@st.composite
def planted_networks(draw: st.DrawFn) -> Net:
    """A network in which many channels can leave: operators that let them go, half of what they compute constant.

    It begins with a convolution and ends with two, the first of 1 x 1, or with a dense head, so that what is planted is
    neither input nor output.
    """
    net = Net(draw(st.integers(0, 2**16)))
    shape = draw(st.integers(2, 9)), draw(st.integers(1, 5))
    tensors = [net.conv(net.input(1, *shape, 2), draw(st.integers(2, 6)), (3, 3), (1, 1), (1, 1))]
    for _ in range(draw(st.integers(1, 5))):
        tensors += draw_op(draw, net, tensors, KINDS)
    x = net.conv(tensors[-1], draw(st.integers(2, 5)), (1, 1), (1, 1), (1, 1))
    if draw(st.booleans()):
        net.conv(x, 2, draw(st.sampled_from([(1, 1), (3, 2)])), (1, 1), (1, 1))
    elif draw(st.booleans()):
        net.dense(net.mean(x), 3)
    else:
        net.dense(net.reshape(x, 1, math.prod(x.shape)), 3)
    plant_some(net, draw(st.integers(0, 2**16)))
    return net


def plant_some(net: Net, seed: int) -> None:
    """Constant channels here and there, half of all, mostly at the zero point."""
    rng = np.random.default_rng(seed)
    for source in list(net.sources):
        if source.kind in CHANNEL_AXIS and len(source.inputs) > 2 and source.inputs[2] is not None:
            for channel in range(source.outputs[0].shape[-1]):
                if rng.integers(2):
                    plant(net, source.outputs[0], channel, ("multiplier 0", *WAYS)[rng.integers(5)])
