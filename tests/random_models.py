"""Random small int8 networks: chains with shortcuts, branches, strides, dilations, paddings, pools and upsampling.

They are written as .tflite bytes and read back, so that reader, planner, prover, emitter and kernels see what a user's
file would give them.
"""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from tests.kept import packed
from tests.samples.registry import samples
from tests.tiny_model import activation, build_model, constant
from verify.clip import by_call
from verify.graph.graph import Graph
from verify.graph.tensor import Tensor
from verify.ops.base import Defaults, OperatorSource
from verify.ops.registry import operators
from verify.tflite import read_model


def same(size: int, stride: int) -> int:
    return -(-size // stride)


class Net:
    """A network being built; every method appends one operator and returns its output tensor."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng(seed)
        self.sources: list[OperatorSource] = []
        self.variables: list[Tensor] = []
        self.count = 0

    def __repr__(self) -> str:
        """An expression that makes the network again: a failing example can be kept as it is printed (tests/kept)."""
        return f"Kept.of({packed(self.bytes())!r})"

    def input(self, *shape: int) -> Tensor:
        return activation(self.next(), shape, 0.05, int(self.rng.integers(-20, 20)))

    def conv(
        self,
        x: Tensor,
        channels: int,
        kernel: Sequence[int],
        stride: Sequence[int],
        dilation: Sequence[int],
        padding: str = "SAME",
    ) -> Tensor:
        weights = self.weights((channels, *kernel, x.shape[3]), channels, 0)
        shape = (x.shape[0], *self.window(x, kernel, stride, dilation, padding), channels)
        return self._window_op("CONV_2D", x, weights, channels, shape, stride, dilation, padding, {})

    def depthwise(
        self,
        x: Tensor,
        kernel: Sequence[int],
        stride: Sequence[int],
        dilation: Sequence[int],
        multiplier: int = 1,
        padding: str = "SAME",
    ) -> Tensor:
        channels = x.shape[3] * multiplier
        weights = self.weights((1, *kernel, channels), channels, 3)
        shape = (x.shape[0], *self.window(x, kernel, stride, dilation, padding), channels)
        extra = {"depth_multiplier": multiplier}
        return self._window_op("DEPTHWISE_CONV_2D", x, weights, channels, shape, stride, dilation, padding, extra)

    def pool(self, kind: str, x: Tensor, kernel: Sequence[int], stride: Sequence[int], padding: str = "SAME") -> Tensor:
        shape = (x.shape[0], *self.window(x, kernel, stride, (1, 1), padding), x.shape[3])
        y = self.like(x, shape)
        options = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
        options |= {"filter_height": kernel[0], "filter_width": kernel[1], "fused_activation_function": "NONE"}
        return self.append(kind, (x,), y, options)

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        return self.append("ADD", (a, b), self.activation(a.shape, 0.1), {"fused_activation_function": "RELU"})

    def concatenate(self, *parts: Tensor) -> Tensor:
        shape = (*parts[0].shape[:3], sum(part.shape[3] for part in parts))
        options = {"axis": 3, "fused_activation_function": "NONE"}
        return self.append("CONCATENATION", parts, self.like(parts[0], shape), options)

    def upsample(self, x: Tensor, factor: int) -> Tensor:
        height, width = x.shape[1] * factor, x.shape[2] * factor
        size = constant(self.next(), np.array([height, width], np.int32))
        y = self.like(x, (x.shape[0], height, width, x.shape[3]))
        return self.append("RESIZE_NEAREST_NEIGHBOR", (x, size), y, {})

    def pad(self, x: Tensor, top: int, bottom: int, left: int, right: int) -> Tensor:
        sides = np.array([[0, 0], [top, bottom], [left, right], [0, 0]], np.int32)
        y = self.like(x, (x.shape[0], x.shape[1] + top + bottom, x.shape[2] + left + right, x.shape[3]))
        return self.append("PAD", (x, constant(self.next(), sides)), y, {})

    def reshape(self, x: Tensor, *shape: int) -> Tensor:
        target = constant(self.next(), np.array(shape, np.int32))
        return self.append("RESHAPE", (x, target), self.like(x, shape), {})

    def pad_time(self, x: Tensor, before: int) -> Tensor:
        sides = np.array([[before, 0], *[[0, 0]] * (len(x.shape) - 1)], np.int32)
        y = self.like(x, (x.shape[0] + before, *x.shape[1:]))
        return self.append("PAD", (x, constant(self.next(), sides)), y, {})

    def slice(self, x: Tensor, begin: Sequence[int], size: Sequence[int]) -> Tensor:
        bounds = [constant(self.next(), np.array(values, np.int32)) for values in (begin, size)]
        return self.append("SLICE", (x, *bounds), self.like(x, size), {})

    def frames_from(self, x: Tensor, begin: int, count: int) -> Tensor:
        return self.slice(x, (begin, *[0] * (len(x.shape) - 1)), (count, *x.shape[1:]))

    def mean(
        self, x: Tensor, axes: Sequence[int] = (1, 2), keep: bool = False, kind: str = "MEAN", scale: float = 0.02
    ) -> Tensor:
        listed = constant(self.next(), np.array(axes, np.int32))
        shape = [1 if axis in axes else extent for axis, extent in enumerate(x.shape) if keep or axis not in axes]
        return self.append(kind, (x, listed), self.activation(shape, scale), {"keep_dims": keep})

    def dense(self, x: Tensor, units: int) -> Tensor:
        weights = self.weights((units, x.shape[-1]), 1, 0)
        y = self.activation((x.shape[0], units), 0.1)
        return self.append("FULLY_CONNECTED", (x, weights, self.bias(units, 1)), y, {})

    def read_aliases(self) -> None:
        """Gives what only has another name, and that nothing reads, a reader: such outputs may be refused."""
        read = {tensor.index for source in self.sources for tensor in source.inputs if tensor is not None}
        for source in tuple(self.sources):
            kind = operators().get(source.kind)  # functions of floats are of no class
            if kind is not None and kind.alias is not Defaults.alias and source.outputs[0].index not in read:
                x = source.outputs[0]
                self.append("RELU", (x,), self.activation(x.shape, 0.05), {})

    def bytes(self) -> bytes:
        return build_model(self.sources, variables=self.variables)

    def graph(self) -> Graph:
        """The network; of one whose operators keep something from call to call, the program of one call."""
        return by_call(read_model(self.bytes(), "random"))

    def integers(self, *values: int) -> Tensor:
        """A constant vector."""
        return constant(self.next(), np.array(values, np.int32))

    def next(self) -> int:
        self.count += 1
        return self.count

    def activation(self, shape: Sequence[int], scale: float) -> Tensor:
        return activation(self.next(), shape, scale, int(self.rng.integers(-20, 20)))

    def like(self, x: Tensor, shape: Sequence[int]) -> Tensor:
        assert x.quantization is not None
        return activation(self.next(), shape, x.quantization.scale[0], x.quantization.zero_point[0])

    def weights(self, shape: Sequence[int], channels: int, axis: int) -> Tensor:
        data = self.rng.integers(-127, 128, shape, np.int8)
        return constant(self.next(), data, self.rng.uniform(0.005, 0.02, channels), 0, axis)

    def bias(self, units: int, scales: int) -> Tensor:
        data = self.rng.integers(-500, 500, units).astype(np.int32)
        return constant(self.next(), data, np.full(scales, 0.001))

    def window(
        self, x: Tensor, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int], padding: str
    ) -> tuple[int, int]:
        sizes = []
        for size, k, s, d in zip(x.shape[1:3], kernel, stride, dilation, strict=True):
            reach = (k - 1) * d + 1
            sizes.append(same(size, s) if padding == "SAME" else (size - reach) // s + 1)
        return sizes[0], sizes[1]

    def _window_op(
        self,
        kind: str,
        x: Tensor,
        weights: Tensor,
        channels: int,
        shape: Sequence[int],
        stride: Sequence[int],
        dilation: Sequence[int],
        padding: str,
        extra: dict[str, object],
    ) -> Tensor:
        options = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
        options |= {"dilation_h_factor": dilation[0], "dilation_w_factor": dilation[1]}
        options |= {"fused_activation_function": ["NONE", "RELU6"][self.rng.integers(2)]} | extra
        y = self.activation(shape, 0.1)
        return self.append(kind, (x, weights, self.bias(channels, channels)), y, options)

    def append(self, kind: str, inputs: Sequence[Tensor], output: Tensor, options: dict[str, object]) -> Tensor:
        self.append_many(kind, inputs, (output,), options)
        return output

    def append_many(
        self, kind: str, inputs: Sequence[Tensor | None], outputs: Sequence[Tensor], options: dict[str, object]
    ) -> None:
        self.sources.append(OperatorSource(kind, tuple(inputs), tuple(outputs), options))


USUAL = (
    *("CONV_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "ADD", "MAX_POOL_2D", "AVERAGE_POOL_2D"),
    *("CONCATENATION", "PAD", "RESIZE_NEAREST_NEIGHBOR"),
)
"""What networks of images are mostly made of. The others come now and then, in any place."""


@st.composite
def networks(draw: st.DrawFn, most: int = 8) -> Net:
    """A network of up to `most` random operators on an image of up to 20 x 6, sometimes with a dense head.

    Any operator may be among them: tests/samples says how.
    """
    net = Net(draw(st.integers(0, 2**16)))
    tensors = [net.input(1, draw(st.integers(2, 20)), draw(st.integers(1, 6)), draw(st.integers(1, 3)))]
    for _ in range(draw(st.integers(1, most))):
        kinds = USUAL if draw(st.integers(0, 3)) else sorted(samples())
        tensors += draw_op(draw, net, tensors, kinds)
    if draw(st.booleans()) and len(tensors[-1].shape) == 4:
        net.dense(net.mean(tensors[-1]), 3)
    net.read_aliases()
    return net


def draw_op(draw: st.DrawFn, net: Net, tensors: Sequence[Tensor], kinds: Sequence[str] = USUAL) -> tuple[Tensor, ...]:
    """One more operator of one of these kinds, and its results; where it does not take the tensor drawn, a RELU."""
    # Mostly the newest tensor, so that networks get deep; sometimes an older one, so that they branch.
    x = tensors[-1] if draw(st.integers(0, 3)) else draw(st.sampled_from(tensors))
    kind = draw(st.sampled_from(kinds))
    return samples()[kind](draw, net, x, tensors) or samples()["RELU"](draw, net, x, tensors)
