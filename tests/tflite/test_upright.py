"""Signals along width, seen upright: the same bytes, streamed row by row."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.random_models import Net
from tests.tiny_model import constant
from verify.commands import check as check_command
from verify.commands import plan as plan_command
from verify.commands.check import random_inputs
from verify.graph.graph import Graph
from verify.graph.plan import InputMode
from verify.graph.tensor import Tensor, row_count
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay
from verify.proof.verdict import Refuted
from verify.tflite.upright import upright

LONG = 30


def convolutions(net: Net, x: Tensor) -> Tensor:
    x = net.conv(x, 6, (1, 5), (1, 2), (1, 1))
    x = net.add(x, net.depthwise(x, (1, 3), (1, 1), (1, 2)))
    return net.pool("AVERAGE_POOL_2D", net.pad(x, 0, 0, 2, 1), (1, 3), (1, 2), "VALID")


def image_throughout(net: Net) -> None:
    x = convolutions(net, net.input(1, 1, LONG, 4))
    net.dense(net.reshape(net.mean(x), 1, 6), 3)


def as_keras_makes_it(net: Net) -> None:
    """Three axes outside of the convolutions: padding at the beginning, a shortcut, a bias of its own, a mean."""
    x = net.input(1, LONG, 4)
    sides = constant(net.next(), np.array([[0, 0], [4, 0], [0, 0]], np.int32))
    padded = net.append("PAD", (x, sides), net.like(x, (1, LONG + 4, 4)), {})
    y = net.conv(net.reshape(padded, 1, 1, LONG + 4, 4), 4, (1, 3), (1, 1), (1, 2), "VALID")
    y = net.add(net.reshape(y, 1, LONG, 4), x)
    bias = constant(net.next(), net.rng.integers(-100, 100, 4).astype(np.int8), 0.05, 3)
    y = net.append("ADD", (y, bias), net.activation((1, LONG, 4), 0.1), {"fused_activation_function": "NONE"})
    net.dense(net.mean(y, (1,)), 3)


def a_result_as_long_as_the_signal(net: Net) -> None:
    x = convolutions(net, net.input(1, 1, LONG, 4))
    x = net.concatenate(net.pool("MAX_POOL_2D", x, (1, 2), (1, 1)), x)
    net.append("LOGISTIC", (x,), activation_of(net, x), {})


def activation_of(net: Net, x: Tensor) -> Tensor:
    y = net.activation(x.shape, 1 / 256)
    assert y.quantization is not None
    return replace(y, quantization=replace(y.quantization, zero_point=(-128,)))


NETWORKS = [image_throughout, as_keras_makes_it, a_result_as_long_as_the_signal]


def network(make) -> Graph:
    net = Net(8)
    make(net)
    return net.graph()


@pytest.mark.parametrize("make", NETWORKS)
@pytest.mark.parametrize("mode", [InputMode.ROWS, InputMode.WHOLE])
def test_what_lay_along_width_streams(make, mode: InputMode) -> None:
    graph = network(make)
    other = upright(graph)
    assert other.upright and upright(other) is other
    assert (other.input_shapes, other.output_shapes) == (graph.input_shapes, graph.output_shapes)
    assert all(view[1:2] != (1,) or view[2] == 1 for n in other.nodes for view in n.input_shapes if len(view) == 4)
    lying, plan = (make_plan(g, Request("stream", mode)) for g in (graph, other))
    assert plan.arena_bytes < 0.9 * lying.arena_bytes
    report, proved = check(other, plan)
    assert proved is not None, report.verdicts
    inputs = random_inputs(graph, 0)
    for got, same, expected in zip(
        replay(other, plan, inputs, 1), evaluate(other, inputs), evaluate(graph, inputs), strict=True
    ):
        np.testing.assert_array_equal(same, expected)
        np.testing.assert_array_equal(got, expected)


def test_padding_of_three_axes_goes_into_the_convolution() -> None:
    graph = network(as_keras_makes_it)
    assert "PAD" in {node.op.kind for node in graph.nodes}
    assert "PAD" not in {node.op.kind for node in upright(graph).nodes}


def test_what_stands_beside_an_operator_that_cannot_be_exchanged_lies_as_before() -> None:
    net = Net(3)
    x = net.conv(net.input(1, 1, LONG, 4), 6, (1, 5), (1, 2), (1, 1))
    order = constant(net.next(), np.array([0, 1, 3, 2], np.int32))
    net.append("TRANSPOSE", (x, order), net.like(x, (1, 1, 6, x.shape[2])), {})
    graph = net.graph()
    assert upright(graph) is graph


def test_an_image_stays_an_image() -> None:
    net = Net(3)
    net.dense(net.mean(net.conv(net.input(1, 7, LONG, 2), 3, (7, 3), (1, 1), (1, 1), "VALID")), 2)
    graph = net.graph()
    assert upright(graph) is graph


@pytest.mark.parametrize("told", [True, False])
def test_a_plan_of_the_other_network_is_refuted(told: bool) -> None:
    graph = network(image_throughout)
    plan = make_plan(upright(graph), Request("stream"))
    about, changed = (graph, plan) if told else (upright(graph), replace(plan, upright=False))
    report, proved = check(about, changed)
    assert proved is None and isinstance(report.verdicts["C1"], Refuted)
    assert "signals along width" in report.verdicts["C1"].counterexample


def test_the_planner_takes_it_for_the_least_memory_and_writes_so(tmp_path: Path) -> None:
    net = Net(8)
    image_throughout(net)
    model, plan = tmp_path / "signal.tflite", tmp_path / "plan.json"
    model.write_bytes(net.bytes())
    assert plan_command.run([str(model), "-o", str(plan), "--json"]) == 0
    assert json.loads(plan.read_text())["upright"] is True
    assert check_command.run([str(model), str(plan), "--replay", "--json"]) == 0
    assert plan_command.run([str(model), "-o", str(plan), "--json", "--scheme", "layer"]) == 0
    assert "upright" not in json.loads(plan.read_text())


REORDERED = {
    "CONV_2D": lambda net, x: net.conv(x, 2, (3, 2), (2, 1), (1, 2)),
    "DEPTHWISE_CONV_2D": lambda net, x: net.depthwise(x, (2, 3), (1, 2), (2, 1)),
    "MAX_POOL_2D": lambda net, x: net.pool("MAX_POOL_2D", x, (3, 2), (2, 1)),
    "ADD": lambda net, x: net.add(x, net.input(1, 5, 7, 3)),
    "CONCATENATION": lambda net, x: net.concatenate(x, net.like(x, (1, 5, 7, 2))),
    "PAD": lambda net, x: net.pad(x, 1, 0, 3, 2),
    "RESIZE_NEAREST_NEIGHBOR": lambda net, x: net.upsample(x, 2),
    "SLICE": lambda net, x: net.slice(x, (0, 1, 2, 0), (1, 3, 4, 2)),
    "MEAN": lambda net, x: net.mean(x, (2,), keep=True),
    "LOGISTIC": lambda net, x: net.append("LOGISTIC", (x,), activation_of(net, x), {}),
}


@pytest.mark.parametrize("kind", REORDERED)
@pytest.mark.parametrize("axes", [(0, 2, 1, 3), (0, 3, 1, 2), (0, 1, None, 2, 3)])
def test_an_operator_reordered_computes_the_same_of_reordered_operands(kind: str, axes: Sequence[int | None]) -> None:
    net = Net(5)
    REORDERED[kind](net, net.input(1, 5, 7, 3))
    (node,) = net.graph().nodes
    found = node.op.reordered(axes)
    if found is None:
        assert axes != (0, 2, 1, 3), "height and width can be exchanged in all of these"
        return
    rng = np.random.default_rng(1)
    operands = [rng.integers(-128, 128, shape, np.int8) for shape in node.input_shapes]
    (expected,) = node.op.reference(operands, range(row_count(node.output_shapes[0])))
    others = [along(x, axes) for x in operands]
    assert tuple(x.shape for x in others) == found.input_shapes
    (got,) = found.op.reference(others, range(row_count(found.output_shapes[0])))
    expected = along(expected.reshape(node.output_shapes[0]), axes)
    np.testing.assert_array_equal(got.reshape(found.output_shapes[0]), expected)


def along(array: np.ndarray, axes: Sequence[int | None]) -> np.ndarray:
    moved = np.transpose(array, [axis for axis in axes if axis is not None])
    for place in (place for place, axis in enumerate(axes) if axis is None):
        moved = np.expand_dims(moved, place)
    return moved
