"""Networks without channels: outputs are the same bit for bit, and what cannot leave stays or is refused by name."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planted import WAYS, plant, planted_networks
from tests.random_models import Net, networks
from verify.channels.ranges import channel_ranges
from verify.channels.reduced import NotReducibleError, reduced
from verify.commands.check import random_inputs
from verify.graph.graph import Graph, LeftOut
from verify.graph.tensor import Tensor
from verify.ops.channels import last_axis
from verify.plan.left_out import constant_channels
from verify.proof.evaluate import evaluate


def inputs_of(graph: Graph) -> list[list[np.ndarray]]:
    """Random inputs, and all inputs at either end of their type."""
    found = [random_inputs(graph, seed) for seed in (0, 1)]
    ends = [np.iinfo(x.dtype) if x.dtype.kind in "iu" else np.finfo(x.dtype) for x in found[0]]
    lows = [np.full_like(x, end.min) for x, end in zip(found[0], ends, strict=True)]
    highs = [np.full_like(x, end.max) for x, end in zip(found[0], ends, strict=True)]
    return [*found, lows, highs]


def everything(graph: Graph) -> Graph:
    """The network with every tensor that it computes as an output."""
    tensors = tuple(graph.producers)
    return replace(graph, outputs=tensors, output_shapes=tuple(graph.tensors[t].shape for t in tensors))


def assert_equal(graph: Graph, other: Graph) -> None:
    for inputs in inputs_of(graph):
        for one, two in zip(evaluate(graph, inputs), evaluate(other, inputs), strict=True):
            np.testing.assert_array_equal(one, two)


@given(st.one_of(planted_networks(), planted_networks(), networks()))
@settings(max_examples=50)
def test_outputs_are_the_same_without_the_channels(net: Net) -> None:
    graph = net.graph()
    left_out = constant_channels(graph)
    less = reduced(graph, left_out)
    assert sum(node.macs for node in less.nodes) <= sum(node.macs for node in graph.nodes)
    assert_equal(graph, less)


@given(st.one_of(planted_networks(), networks()))
@settings(max_examples=30)
def test_every_channel_holds_what_its_interval_says(net: Net) -> None:
    graph = everything(net.graph())
    ranges = channel_ranges(graph)
    for inputs in inputs_of(graph):
        for tensor, values in zip(graph.outputs, evaluate(graph, inputs), strict=True):
            if values.dtype.kind == "f":
                continue
            columns = values.reshape(-1, len(ranges[tensor].low))
            assert (columns.min(axis=0) >= ranges[tensor].low).all() and (
                columns.max(axis=0) <= ranges[tensor].high
            ).all()


def left_of(graph: Graph) -> dict[int, dict[int, int | None]]:
    return {e.tensor: dict(zip(e.channels, e.values, strict=True)) for e in constant_channels(graph)}


def key(graph: Graph, tensor: Tensor) -> int:
    """A tensor's index in the file."""
    return next(k for k, found in graph.tensors.items() if found.name == tensor.name)


def linear(net: Net, result: Tensor) -> None:
    """Takes the fused activation from the operator of a result, so that constants reach the ends of int8."""
    place = next(k for k, source in enumerate(net.sources) if source.outputs[0] is result)
    options = {**net.sources[place].options, "fused_activation_function": "NONE"}
    net.sources[place] = replace(net.sources[place], options=options)


def bottleneck(way: str, kernel: tuple[int, int] = (1, 1)) -> tuple[Net, list[Tensor]]:
    """An inverted bottleneck with a residual and a head; channel 1 of the depthwise result is planted."""
    net = Net(5)
    x = net.conv(net.input(1, 8, 6, 2), 4, (3, 3), (1, 1), (1, 1))
    wide = net.conv(x, 6, (1, 1), (1, 1), (1, 1))
    deep = net.depthwise(wide, (3, 3), (1, 1), (1, 1))
    narrow = net.conv(deep, 4, kernel, (1, 1), (1, 1))
    total = net.add(narrow, x)
    net.dense(net.mean(total), 3)
    linear(net, deep)
    plant(net, deep, 1, way)
    return net, [x, wide, deep, narrow, total]


@pytest.mark.parametrize("way", WAYS)
def test_what_a_constant_depthwise_channel_reads_is_not_computed(way: str) -> None:
    net, (_, wide, deep, *_) = bottleneck(way)
    graph = net.graph()
    left = left_of(graph)
    assert left.keys() == {key(graph, wide), key(graph, deep)}
    assert left[key(graph, wide)] == {1: None}
    assert isinstance(left[key(graph, deep)][1], int)
    less = reduced(graph, constant_channels(graph))
    assert [node.op.macs for node in less.nodes[1:4]] == [node.op.macs * 5 // 6 for node in graph.nodes[1:4]]
    assert less.tensors[key(graph, deep)].shape == (1, 8, 6, 5)
    assert_equal(graph, less)


def test_a_constant_that_is_not_zero_stays_where_the_next_window_reads_padding() -> None:
    net, _ = bottleneck("bias above", (3, 3))
    assert constant_channels(net.graph()) == ()


@pytest.mark.parametrize("kind", ["CONV_2D", "DEPTHWISE_CONV_2D"])
def test_what_a_window_makes_of_constants_varies_where_it_reads_padding(kind: str) -> None:
    net = Net(7)
    x = net.conv(net.input(1, 5, 5, 2), 1, (1, 1), (1, 1), (1, 1))
    linear(net, x)
    plant(net, x, 0, "bias above")
    shape = (3, 3), (1, 1), (1, 1)
    y = net.conv(x, 1, *shape) if kind == "CONV_2D" else net.depthwise(x, *shape)
    linear(net, y)
    weights = net.sources[1].inputs[1]
    assert weights is not None and weights.data is not None
    weights.data[...] = 5
    graph = everything(net.graph())
    ranges = channel_ranges(graph)
    assert ranges[key(graph, x)].constant == {0: 127} and not ranges[key(graph, y)].constant
    values = evaluate(graph, random_inputs(graph, 0))[1]
    assert len(np.unique(values)) > 1 and constant_channels(net.graph()) == ()


def test_the_zero_point_leaves_before_padding_too() -> None:
    net, (_, _, deep, *_) = bottleneck("multiplier 0", (3, 3))
    graph = net.graph()
    assert deep.quantization is not None
    assert left_of(graph)[key(graph, deep)] == {1: deep.quantization.zero_point[0]}
    assert_equal(graph, reduced(graph, constant_channels(graph)))


def test_a_residual_channel_leaves_where_it_is_constant_in_all_that_is_added() -> None:
    net, (x, _, _, narrow, total) = bottleneck("bias above")
    plant(net, x, 2, "multiplier 0")
    graph = net.graph()
    assert key(graph, total) not in left_of(graph)
    plant(net, narrow, 2, "multiplier 0")
    graph = net.graph()
    left = left_of(graph)
    assert [left[key(graph, t)].keys() for t in (x, narrow, total)] == [{2}] * 3
    assert_equal(graph, reduced(graph, constant_channels(graph)))


@pytest.mark.parametrize("kind", ["MAX_POOL_2D", "AVERAGE_POOL_2D"])
def test_channels_leave_through_pools_means_and_dense_layers(kind: str) -> None:
    net = Net(2)
    x = net.conv(net.input(1, 9, 7, 3), 5, (3, 3), (1, 1), (1, 1))
    plant(net, x, 4, "bias below")
    pooled = net.pool(kind, x, (3, 2), (2, 2))
    mean = net.mean(pooled)
    hidden = net.dense(mean, 6)
    net.dense(hidden, 2)
    plant(net, hidden, 0, "bias above")
    graph = net.graph()
    left = left_of(graph)
    assert [set(left[key(graph, t)]) for t in (x, pooled, mean, hidden)] == [{4}, {4}, {4}, {0}]
    assert_equal(graph, reduced(graph, constant_channels(graph)))


def test_a_flattened_image_leaves_its_channel_at_every_pixel() -> None:
    net = Net(4)
    x = net.conv(net.input(1, 3, 4, 2), 3, (3, 3), (1, 1), (1, 1))
    plant(net, x, 1, "bias above")
    net.dense(net.reshape(x, 1, 36), 2)
    graph = net.graph()
    assert set(left_of(graph)[key(graph, x)]) == {1}
    less = reduced(graph, constant_channels(graph))
    assert less.nodes[1].op.constants["weights"].shape == (2, 24)
    assert_equal(graph, less)


def test_a_tensor_of_constants_alone_keeps_one() -> None:
    net = Net(3)
    x = net.conv(net.input(1, 4, 4, 2), 3, (1, 1), (1, 1), (1, 1))
    for channel in range(3):
        plant(net, x, channel, "multiplier 0")
    net.conv(net.depthwise(x, (3, 3), (1, 1), (1, 1)), 2, (1, 1), (1, 1), (1, 1))
    graph = net.graph()
    assert left_of(graph)[key(graph, x)].keys() == {1, 2}
    assert_equal(graph, reduced(graph, constant_channels(graph)))


def test_a_bias_that_leaves_int32_wraps_as_the_accumulator_did() -> None:
    """Where a channel with multiplier 0 has a bias at the end of int32, a constant's share would push it out."""
    net = Net(6)
    x = net.conv(net.input(1, 4, 4, 2), 3, (1, 1), (1, 1), (1, 1))
    linear(net, x)
    plant(net, x, 1, "bias above")
    y = net.conv(x, 2, (1, 1), (1, 1), (1, 1))
    net.pool("MAX_POOL_2D", y, (2, 2), (1, 1))
    plant(net, y, 0, "multiplier 0")
    weights, bias = (tensor.data for tensor in next(s for s in net.sources if s.outputs[0] is y).inputs[1:] if tensor)
    assert weights is not None and bias is not None
    weights[0, ..., 1], bias[0] = 127, 2**31 - 1
    graph = net.graph()
    assert_equal(graph, reduced(graph, constant_channels(graph)))


@given(planted_networks(), st.integers(0, 2**16))
@settings(max_examples=50)
def test_any_channels_leave_soundly_or_are_refused(net: Net, seed: int) -> None:
    """Whoever chose them: if the values are the intervals', and no operator refuses, outputs are the same."""
    graph, rng = net.graph(), np.random.default_rng(seed)
    ranges, chosen = channel_ranges(graph), {e.tensor: {*e.channels} for e in constant_channels(graph)}
    for tensor in rng.choice(list(graph.producers), rng.integers(3)):
        chosen[tensor] = chosen.get(tensor, set()) ^ {int(rng.integers(len(ranges[tensor].low)))}
    entries = []
    for tensor, channels in chosen.items():
        known = ranges[tensor].constant
        if channels:
            entries.append(LeftOut(tensor, tuple(sorted(channels)), tuple(map(known.get, sorted(channels)))))
    try:
        less = reduced(graph, tuple(entries))
    except NotReducibleError:
        return
    assert_equal(graph, less)


@given(planted_networks())
@settings(max_examples=20)
def test_as_many_leave_as_kernels_compute_at_a_time(net: Net) -> None:
    graph = net.graph()
    left_out = constant_channels(graph, 2)
    counts = {t: last_axis(tensor.shape) for t, tensor in graph.tensors.items()}
    assert all(len(entry.channels) % 2 == 0 for entry in left_out if counts[entry.tensor] % 2 == 0)
    every = {entry.tensor: set(entry.channels) for entry in constant_channels(graph)}
    assert all(set(entry.channels) <= every[entry.tensor] for entry in left_out)
    assert_equal(graph, reduced(graph, left_out))


@pytest.fixture(scope="module")
def planted() -> tuple[Graph, int, int]:
    """A network, the tensor of its wide layer, and that of the depthwise result with a constant channel 1."""
    net, (_, wide, deep, *_) = bottleneck("bias above")
    graph = net.graph()
    return graph, key(graph, wide), key(graph, deep)


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        (lambda w, d: [LeftOut(d, (1,), (127,))], r"op \d+ .*DEPTHWISE.*cannot do without the channels .* tensors"),
        (lambda w, d: [LeftOut(d, (2,), (None,)), LeftOut(w, (2,), (None,))], r"CONV_2D.*cannot do without"),
        (lambda w, d: [LeftOut(d, (1, 1), (127, 127))], r"must ascend, exist \(there are 6\), and leave one"),
        (lambda w, d: [LeftOut(d, (6,), (127,))], r"must ascend, exist \(there are 6\), and leave one"),
        (lambda w, d: [LeftOut(d, tuple(range(6)), (0,) * 6)], r"and leave one"),
        (lambda w, d: [LeftOut(d, (1,), ())], r"1 channels are left out, with 0 values"),
        (
            lambda w, d: [LeftOut(d, (1,), (127,)), LeftOut(d, (2,), (127,))],
            r"of one tensor are left out in two places",
        ),
        (lambda w, d: [LeftOut(999, (1,), (127,))], r"tensor 999: .* is not in this model"),
        (lambda w, d: [LeftOut(0, (1,), (127,))], r"the network's own inputs and outputs are not left out"),
    ],
)
def test_what_cannot_leave_is_refused_by_name(planted, entries, text: str) -> None:
    graph, wide, deep = planted
    found = [replace(e, tensor=graph.inputs[0]) if e.tensor == 0 else e for e in entries(wide, deep)]
    with pytest.raises(NotReducibleError, match=text):
        reduced(graph, tuple(found))


def test_what_is_left_of_what_is_left_comes_from_the_whole(planted) -> None:
    graph, _, _ = planted
    left_out = constant_channels(graph)
    less = reduced(graph, left_out)
    again = reduced(less, left_out)
    assert again.whole is graph and again.tensors.keys() == graph.tensors.keys()
    assert [t.shape for t in again.tensors.values()] == [t.shape for t in less.tensors.values()]
    assert reduced(less, ()) is graph
