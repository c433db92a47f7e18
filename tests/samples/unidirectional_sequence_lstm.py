"""Random UNIDIRECTIONAL_SEQUENCE_LSTM: the elements of a tensor as sequences."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from tests.tiny_model import activation, constant
from verify.graph.tensor import DType, Tensor

if TYPE_CHECKING:
    from tests.random_models import Net

MOST = 64
"""Elements of sequences; longer ones take a reference long."""


def lstm(net: "Net", x: Tensor, units: int, power: int = -11, time_major: bool = False, clip: float = 0.0) -> Tensor:
    """An LSTM over sequences [batch, steps, depth], whose cells are in steps of 2^power."""
    batch, depth = x.shape[time_major], x.shape[2]
    weights = [
        constant(net.next(), net.rng.integers(-127, 128, (units, size)).astype(np.int8), scale)
        for size, scale in [(depth, 0.02 / math.sqrt(depth))] * 4 + [(units, 0.02 / math.sqrt(units))] * 4
    ]
    biases = [constant(net.next(), net.rng.integers(-2000, 2000, units).astype(np.int32), 0.0005) for _ in range(4)]
    last = activation(net.next(), (batch, units), 1 / 128, int(net.rng.integers(-9, 9)))
    cells = activation(net.next(), (batch, units), 2.0**power, 0, DType.INT16)
    net.variables += [last, cells]
    assert last.quantization is not None
    y = activation(net.next(), (*x.shape[:2], units), 1 / 128, last.quantization.zero_point[0])
    operands = [x, *weights, *[None] * 3, *biases, None, None, last, cells, *[None] * 4]
    options: dict[str, object] = {"fused_activation_function": "TANH", "time_major": time_major, "cell_clip": clip}
    net.append_many("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, (y,), options)
    return y


def draw_unidirectional_sequence_lstm(
    draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]
) -> tuple[Tensor, ...]:
    depth = x.shape[-1]
    if x.elements > MOST:
        return ()
    shape = (1, x.elements // depth, depth)
    sequences = x if x.shape == shape else net.reshape(x, *shape)
    return (lstm(net, sequences, draw(st.integers(1, 4)), draw(st.sampled_from([-15, -11, -9]))),)
