"""Networks of other layouts: transposes that cancel are gone, and the results are the same."""

from dataclasses import replace

import numpy as np
import pytest

from tests.random_models import Net
from tests.tiny_model import activation, constant
from verify.commands.check import random_inputs
from verify.graph.graph import Graph
from verify.graph.tensor import Tensor
from verify.ops.fully_connected import FullyConnected
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay
from verify.tflite import read

TO_LAST, TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)


def transposed(net: Net, x: Tensor, order: tuple[int, ...]) -> Tensor:
    axes = constant(net.next(), np.array(order, np.int32))
    return net.append("TRANSPOSE", (x, axes), net.like(x, [x.shape[axis] for axis in order]), {})


def padded(net: Net, x: Tensor) -> Tensor:
    """Around height and width, with the channels in front of them."""
    sides = constant(net.next(), np.array([[0, 0], [0, 0], [1, 0], [2, 1]], np.int32))
    shape = (*x.shape[:2], x.shape[2] + 1, x.shape[3] + 3)
    return net.append("PAD", (x, sides), net.like(x, shape), {})


def scores(net: Net, x: Tensor) -> Tensor:
    """Along the last axis, which is not that of the channels here."""
    return activation(net.next(), x.shape, 1 / 256, -128)


def channels_first(between: str, result: bool = False) -> Net:
    """Two convolutions with a transpose round each, and something between them."""
    net = Net(4)
    x = net.conv(net.input(1, 9, 7, 2), 4, (3, 3), (1, 1), (1, 1))
    x = transposed(net, x, TO_FIRST)
    if between == "PAD":
        x = padded(net, x)
    if between == "MEAN":
        x = net.mean(padded(net, x), (2,), keep=True)
    y = transposed(net, x, TO_LAST)
    z = net.conv(y, 3, (1, 3), (1, 1), (1, 1))
    if between == "also read":
        soft = net.append("SOFTMAX", (x,), scores(net, x), {"beta": 1.0})
        net.dense(net.reshape(soft, 1, 9 * 7 * 4), 2)
    if not result:
        net.dense(net.mean(z), 2)
    return net


def as_it_stands(net: Net, monkeypatch: pytest.MonkeyPatch) -> Graph:
    with monkeypatch.context() as patch:
        patch.setattr(read, "without_cancelling_transposes", lambda nodes, outputs: list(nodes))
        return net.graph()


@pytest.mark.parametrize("result", [False, True])
@pytest.mark.parametrize(("between", "left"), [("nothing", 0), ("PAD", 0), ("MEAN", 0), ("also read", 1)])
def test_transposes_that_cancel_are_gone(
    between: str, left: int, result: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = channels_first(between, result)
    whole, graph = as_it_stands(net, monkeypatch), net.graph()
    assert [n.op.kind for n in whole.nodes].count("TRANSPOSE") == 2
    assert [n.op.kind for n in graph.nodes].count("TRANSPOSE") == left
    plan = make_plan(graph, Request("stream"))
    assert plan.arena_bytes < make_plan(whole, Request("stream")).arena_bytes or left
    report, proved = check(graph, plan)
    assert proved is not None, report.verdicts
    inputs = random_inputs(graph, 1)
    for got, expected in zip(replay(graph, plan, inputs, 2), evaluate(whole, inputs), strict=True):
        np.testing.assert_array_equal(got, expected)


def test_transposes_that_do_not_cancel_stay() -> None:
    net = Net(4)
    x = net.conv(net.input(1, 9, 7, 2), 4, (3, 3), (1, 1), (1, 1))
    x = transposed(net, transposed(net, x, TO_FIRST), (0, 3, 2, 1))
    net.dense(net.mean(net.conv(x, 3, (1, 3), (1, 1), (1, 1))), 2)
    assert [n.op.kind for n in net.graph().nodes].count("TRANSPOSE") == 2


def test_a_result_of_the_network_is_written_where_it_is_declared() -> None:
    net = Net(4)
    x = net.conv(net.input(1, 9, 7, 2), 4, (3, 3), (1, 1), (1, 1))
    transposed(net, transposed(net, x, TO_FIRST), TO_LAST)
    graph = net.graph()
    assert [n.op.kind for n in graph.nodes] == ["CONV_2D"] and graph.nodes[0].outputs == graph.outputs != (x.index,)
    assert graph.output_shapes == ((1, 9, 7, 4),)


def convolution(net: Net, x: Tensor, channels: int, kernel: tuple[int, int] = (3, 3)) -> Tensor:
    """As a converter writes one of PyTorch's."""
    return transposed(net, net.conv(transposed(net, x, TO_LAST), channels, kernel, (1, 1), (1, 1)), TO_FIRST)


def residual(end: str) -> Net:
    """Channels first: two blocks with a shortcut, of which one is scaled channel by channel, and what comes after."""
    net = Net(9)
    x = convolution(net, net.input(1, 2, 9, 7), 5)
    y = net.add(x, convolution(net, x, 5, (1, 3)))
    gate = convolution(net, net.mean(y, (2, 3), keep=True), 5, (1, 1))
    scaled = net.append("MUL", (convolution(net, y, 5), gate), net.activation(y.shape, 0.1), {})
    z = net.add(scaled, y)
    if end == "RESHAPE":
        net.dense(net.reshape(z, 1, 5 * 9 * 7), 3)
    if end == "MEAN":
        net.dense(net.mean(z, (2, 3)), 3)
    if end == "SOFTMAX":
        net.append("SOFTMAX", (z,), scores(net, z), {"beta": 1.0})
    return net


@pytest.mark.parametrize(("end", "left"), [("RESHAPE", 1), ("MEAN", 1), ("result", 4), ("SOFTMAX", 4)])
def test_residual_networks_compute_with_channels_last(end: str, left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network's input is transposed, and what has to be as the file has it."""
    net = residual(end)
    whole, graph = as_it_stands(net, monkeypatch), net.graph()
    assert [n.op.kind for n in whole.nodes].count("TRANSPOSE") == 8
    assert [n.op.kind for n in graph.nodes].count("TRANSPOSE") == left
    plan = make_plan(graph, Request("stream"))
    report, proved = check(graph, plan)
    assert proved is not None, report.verdicts
    assert left > 1 or plan.arena_bytes < make_plan(whole, Request("stream")).arena_bytes
    inputs = random_inputs(graph, 1)
    expected = evaluate(whole, inputs)
    assert all(len(np.unique(values)) > 1 for values in expected)
    for got, values in zip(replay(graph, plan, inputs, 2), expected, strict=True):
        np.testing.assert_array_equal(got, values)


def test_elements_that_are_taken_in_another_order_are_told_apart() -> None:
    """A dense layer reads each column of its matrix for one element; with the columns as they were it gives others."""
    graph = residual("RESHAPE").graph()
    node = graph.nodes[-1]
    columns = np.arange(5 * 9 * 7).reshape(9, 7, 5).transpose(2, 0, 1).reshape(-1)
    assert isinstance(node.op, FullyConnected)
    wrong = replace(node, op=replace(node.op, weights=node.op.weights[:, columns]))
    inputs = random_inputs(graph, 1)
    right = evaluate(graph, inputs)
    assert not np.array_equal(evaluate(replace(graph, nodes=(*graph.nodes[:-1], wrong)), inputs)[0], right[0])
