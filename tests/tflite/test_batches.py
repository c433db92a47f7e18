"""Dilated convolutions that the file has as three operators are one, with the same results as LiteRT's, and as TFLM's
where nothing is padded: TFLM never sets what it pads with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import random_inputs
from tests.random_models import Net
from tests.tiny_model import activation, constant, run_litert, run_tflm
from verify.graph.graph import Graph
from verify.ops.conv_2d import Conv2D
from verify.proof.evaluate import evaluate
from verify.tflite import read_model
from verify.tflite.errors import ModelError

Pair = tuple[int, int]


def network(
    image: tuple[int, int, int, int] = (1, 9, 7, 3),
    kernel: Pair = (3, 2),
    block: Pair = (2, 2),
    before: Pair = (2, 1),
    crops: Pair = (0, 0),
    more: Pair = (0, 0),
    padding: str = "VALID",
    depthwise: bool = False,
    opened: bool = False,
    relu: bool = True,
    stride: Pair = (1, 1),
    zero_point: int = 0,
) -> Net:
    """`more` is cut off at the end; `opened`: the file has one image in place of all parts."""
    net = Net(3)
    x = activation(net.next(), image, 0.05, zero_point)
    after = [-(e + b) % n + n * (k - 1) for e, b, n, k in zip(image[1:3], before, block, kernel, strict=True)]
    parts = [(e + b + a) // n for e, b, a, n in zip(image[1:3], before, after, block, strict=True)]
    images = image[0] * (1 if opened else block[0] * block[1])
    blocks = net.integers(*block)
    sides = constant(net.next(), np.array(list(zip(before, after, strict=True)), np.int32))
    y = net.append("SPACE_TO_BATCH_ND", (x, blocks, sides), net.like(x, (images, *parts, image[3])), {})
    if depthwise:
        y = net.depthwise(y, kernel, stride, (1, 1), 2, padding)
    else:
        y = net.conv(y, 4, kernel, stride, (1, 1), padding)
    if relu:
        y = net.append("RELU", (y,), net.activation(y.shape, 0.05), {})
    size = [e * n - c - m for e, n, c, m in zip(y.shape[1:3], block, crops, more, strict=True)]
    cut = constant(net.next(), np.array(list(zip(crops, more, strict=True)), np.int32))
    net.append("BATCH_TO_SPACE_ND", (y, blocks, cut), net.like(y, (image[0], *size, y.shape[3])), {})
    return net


def folded(net: Net) -> Graph:
    graph = net.graph()
    assert not any(node.op.taken_apart or node.op.put_together for node in graph.nodes)
    return graph


@settings(max_examples=40)
@given(st.data())
def test_as_litert_computes_it(data: st.DataObject) -> None:
    pair = lambda low, high: (data.draw(st.integers(low, high)), data.draw(st.integers(low, high)))  # noqa: E731
    before, crops = pair(0, 3), pair(0, 2)
    net = network(
        (1, data.draw(st.integers(4, 9)), data.draw(st.integers(4, 8)), data.draw(st.integers(1, 3))),
        pair(1, 3),
        pair(1, 3),
        before,
        (min(before[0], crops[0]), min(before[1], crops[1])),
        pair(0, 1),
        data.draw(st.sampled_from(["VALID", "SAME"])),
        data.draw(st.booleans()),
        relu=data.draw(st.booleans()),
        zero_point=data.draw(st.sampled_from([0, -128, 5])),
    )
    graph, model = folded(net), net.bytes()
    inputs = random_inputs([graph.input_shapes[0]], 0)
    ours = evaluate(graph, inputs)[0]
    np.testing.assert_array_equal(ours.ravel(), run_litert(model, inputs)[0].ravel())


def test_an_open_batch() -> None:
    """The file then has one image for all parts. LiteRT counts anew; TFLM computes the first part only, and the rest of
    its result is what memory held: ours is what the model says."""
    nets = [network((1, 8, 6, 3), (1, 1), before=(0, 0), opened=opened) for opened in (True, False)]
    inputs = random_inputs([(1, 8, 6, 3)], 0)
    ours, every = (evaluate(folded(net), inputs)[0] for net in nets)
    assert [len(folded(net).notes) for net in nets] == [1, 0]
    assert "records 1 image for 4 parts" in folded(nets[0]).notes[0]
    np.testing.assert_array_equal(ours, every)
    np.testing.assert_array_equal(every.ravel(), run_tflm(nets[1].bytes(), inputs)[0].ravel())
    np.testing.assert_array_equal(ours.ravel(), run_litert(nets[0].bytes(), inputs)[0].ravel())
    theirs = run_tflm(nets[0].bytes(), inputs)[0]
    np.testing.assert_array_equal(ours.reshape(theirs.shape)[:, ::2, ::2], theirs[:, ::2, ::2])


def test_the_convolution_is_dilated() -> None:
    convolution = folded(network(crops=(1, 0))).nodes[0].op
    assert isinstance(convolution, Conv2D)
    assert convolution.geometry.dilation == (2, 2)
    assert (convolution.geometry.top, convolution.geometry.left) == (1, 1)


def test_a_signal() -> None:
    """Three axes, seen by the convolution as an image of one row or of one column."""
    for along in (1, 2):
        net = Net(5)
        x = activation(net.next(), (1, 12, 3), 0.05, 0)
        blocks, sides = net.integers(2), constant(net.next(), np.array([[2, 2]], np.int32))
        parts = net.append("SPACE_TO_BATCH_ND", (x, blocks, sides), net.like(x, (2, 8, 3)), {})
        view = (2, 8, 1, 3) if along == 1 else (2, 1, 8, 3)
        kernel = (3, 1) if along == 1 else (1, 3)
        y = net.conv(net.reshape(parts, *view), 4, kernel, (1, 1), (1, 1), "VALID")
        back = net.reshape(y, 2, 6, 4)
        cut = constant(net.next(), np.array([[0, 0]], np.int32))
        net.append("BATCH_TO_SPACE_ND", (back, blocks, cut), net.like(back, (1, 12, 4)), {})
        graph = folded(net)
        inputs = random_inputs([graph.input_shapes[0]], 0)
        np.testing.assert_array_equal(evaluate(graph, inputs)[0].ravel(), run_litert(net.bytes(), inputs)[0].ravel())


@pytest.mark.parametrize("change", [{"stride": (2, 2), "relu": False}, {"crops": (2, 0), "before": (1, 1)}])
def test_what_is_not_folded_is_refused_by_name(change: dict[str, Pair]) -> None:
    with pytest.raises(ModelError, match=r"op 0 .*SPACE_TO_BATCH_ND.*only in a pair around a convolution of stride 1"):
        read_model(network(**change).bytes(), "pair")  # pyright: ignore[reportArgumentType]
