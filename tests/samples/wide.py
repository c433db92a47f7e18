"""Random stretches on int16: QUANTIZE to it, one or two operators of verify/ops/wide, QUANTIZE back to int8."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from tests.samples.draws import window
from tests.tiny_model import activation, constant
from verify.graph.tensor import DType, Tensor

if TYPE_CHECKING:
    from tests.random_models import Net

SCALE = 0.0002


def int16(net: "Net", shape: tuple[int, ...], scale: float = SCALE) -> Tensor:
    return activation(net.next(), shape, scale, 0, DType.INT16)


def draw_wide(draw: st.DrawFn, net: "Net", x: Tensor) -> Tensor:
    y = net.append("QUANTIZE", (x,), int16(net, x.shape), {})
    steps = (convolved, by_channels, pooled, meaned, unary, paired) if len(x.shape) == 4 else (dense, unary, paired)
    for _ in range(draw(st.integers(1, 2))):
        y = draw(st.sampled_from(steps))(draw, net, y)
    return net.append("QUANTIZE", (y,), net.activation(y.shape, 0.05), {})


Step = Callable[[st.DrawFn, "Net", Tensor], Tensor]


def _weighted(
    net: "Net", kind: str, x: Tensor, shape: tuple[int, ...], axis: int, y: Tensor, **options: object
) -> Tensor:
    """Weights such that results use part of their range; results of their own scale."""
    scales = net.rng.uniform(0.002, 0.01, shape[axis])
    weights = constant(net.next(), net.rng.integers(-127, 128, shape, np.int8), scales.tolist(), axis=axis)
    bias = constant(net.next(), net.rng.integers(-(2**20), 2**20, shape[axis]), (scales * SCALE).tolist())
    return net.append(kind, (x, weights, bias), y, options)


def convolved(draw: st.DrawFn, net: "Net", x: Tensor) -> Tensor:
    kernel, stride, dilation, padding = window(draw, x)
    channels = draw(st.integers(1, 5))
    y = int16(net, (x.shape[0], *net.window(x, kernel, stride, dilation, padding), channels))
    options = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
    options |= {"dilation_h_factor": dilation[0], "dilation_w_factor": dilation[1]}
    return _weighted(net, "CONV_2D", x, (channels, *kernel, x.shape[3]), 0, y, **options)


def by_channels(draw: st.DrawFn, net: "Net", x: Tensor) -> Tensor:
    kernel, stride, dilation, padding = window(draw, x)
    y = int16(net, (x.shape[0], *net.window(x, kernel, stride, dilation, padding), x.shape[3]))
    options = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1], "depth_multiplier": 1}
    options |= {"dilation_h_factor": dilation[0], "dilation_w_factor": dilation[1]}
    return _weighted(net, "DEPTHWISE_CONV_2D", x, (1, *kernel, x.shape[3]), 3, y, **options)


def dense(draw: st.DrawFn, net: "Net", x: Tensor) -> Tensor:
    if not x.shape:
        return unary(draw, net, x)
    units = draw(st.integers(1, 5))
    y = int16(net, (*x.shape[:-1], units))
    return _weighted(net, "FULLY_CONNECTED", x, (units, x.shape[-1]), 0, y, keep_num_dims=True)


def pooled(draw: st.DrawFn, net: "Net", x: Tensor) -> Tensor:
    kernel, stride, _, padding = window(draw, x)
    kind = draw(st.sampled_from(("AVERAGE_POOL_2D", "MAX_POOL_2D")))
    assert x.quantization is not None
    y = int16(net, (x.shape[0], *net.window(x, kernel, stride, (1, 1), padding), x.shape[3]), x.quantization.scale[0])
    options = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
    return net.append(kind, (x,), y, options | {"filter_height": kernel[0], "filter_width": kernel[1]})


def meaned(draw: st.DrawFn, net: "Net", x: Tensor) -> Tensor:
    axes = draw(st.sampled_from(((1, 2), (2,), (3,))))
    shape = tuple(1 if axis in axes else extent for axis, extent in enumerate(x.shape))
    listed = constant(net.next(), np.array(axes, np.int32))
    return net.append(draw(st.sampled_from(("MEAN", "SUM"))), (x, listed), int16(net, shape), {"keep_dims": True})


def unary(draw: st.DrawFn, net: "Net", x: Tensor) -> Tensor:
    options: dict[str, dict[str, object]] = {"LEAKY_RELU": {"alpha": 0.3}, "SOFTMAX": {"beta": 1.0}}
    kinds = ("RELU", "ABS", "LOGISTIC", "TANH", *options) if x.shape else ("RELU", "ABS", "LOGISTIC", "TANH")
    kind = draw(st.sampled_from(kinds))
    scale = SCALE if kind == "ABS" or kind.endswith("RELU") else 2.0**-15
    return net.append(kind, (x,), int16(net, x.shape, scale), options.get(kind, {}))


def paired(draw: st.DrawFn, net: "Net", x: Tensor) -> Tensor:
    """With itself through another function."""
    other = net.append("LEAKY_RELU", (x,), int16(net, x.shape), {"alpha": 0.7})
    kind = draw(st.sampled_from(("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM")))
    return net.append(kind, (x, other), int16(net, x.shape, SCALE), {})
