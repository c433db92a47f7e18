"""Random SVDF: the elements of a tensor as vectors."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from tests.tiny_model import activation, constant
from verify.graph.tensor import DType, Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def svdf(
    net: "Net", x: Tensor, filters: int, calls: int, rank: int = 1, wide: bool = True, bias: bool = True
) -> Tensor:
    """An SVDF on vectors [batch, depth]; `wide` keeps int16 from call to call, else int8."""
    batch, depth = x.shape
    assert x.quantization is not None
    dtype, most = (DType.INT16, 2000) if wide else (DType.INT8, 127)
    state_scale = 40 * x.quantization.scale[0] * 0.01 * np.sqrt(depth) / (100 if wide else 1)
    features = constant(net.next(), net.rng.integers(-127, 128, (filters, depth)).astype(np.int8), 0.01)
    times = constant(net.next(), net.rng.integers(-most, most + 1, (filters, calls)).astype(dtype.numpy), 0.5 / most)
    state = activation(net.next(), (batch, filters * calls), float(np.float32(state_scale)), 0, dtype)
    net.variables.append(state)
    assert state.quantization is not None and times.quantization is not None
    scale = float(np.float32(state.quantization.scale[0]) * np.float32(times.quantization.scale[0]))
    added = (
        constant(net.next(), net.rng.integers(-3000, 3000, filters // rank).astype(np.int32), scale) if bias else None
    )
    spread = state_scale * np.sqrt(calls * rank) * (100 if wide else 1) / 4
    y = activation(net.next(), (batch, filters // rank), float(spread), int(net.rng.integers(-9, 9)))
    options: dict[str, object] = {"rank": rank, "fused_activation_function": "NONE"}
    net.append_many("SVDF", (x, features, times, added, state), (y,), options)
    return y


def draw_svdf(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    depth = x.shape[-1]
    vectors = x if len(x.shape) == 2 else net.reshape(x, x.elements // depth, depth)
    rank = draw(st.sampled_from([1, 1, 2]))
    return (svdf(net, vectors, rank * draw(st.integers(1, 3)), draw(st.integers(1, 4)), rank, draw(st.booleans())),)
