"""What operators say about time, against their references: frame by frame is the batch, tall windows are the same."""

import numpy as np
import pytest

from tests.random_models import Net
from tests.tiny_model import node_of
from verify.graph.graph import Node
from verify.graph.tensor import row_count

FRAMES = 3


def nodes() -> list[Node]:
    """One node per kind of operator that random models have, on a batch of frames."""
    net = Net(4)
    x = net.conv(net.input(FRAMES, 6, 5, 4), 4, (3, 2), (1, 1), (2, 1))
    y = net.depthwise(x, (3, 3), (1, 1), (1, 1))
    z = net.add(x, y)
    z = net.concatenate(z, net.slice(z, (0, 0, 0, 1), (*x.shape[:3], 2)))
    z = net.pool("MAX_POOL_2D", net.pool("AVERAGE_POOL_2D", z, (2, 3), (2, 1)), (2, 2), (1, 1), "VALID")
    net.dense(net.mean(net.pad(net.upsample(z, 2), 1, 0, 2, 0)), 3)
    return list(net.graph().nodes)


def garbage(node: Node, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(-128, 128, shape, np.int8) for shape in node.input_shapes]


@pytest.mark.parametrize("node", nodes(), ids=lambda node: node.op.kind)
def test_frame_by_frame_is_the_batch(node: Node) -> None:
    one = node.op.frame()
    assert one is not None
    operands = garbage(node, 0)
    rows = row_count(node.output_shapes[0])
    whole = node.op.reference(operands, range(rows))[0].reshape(FRAMES, -1)
    for t in range(FRAMES):
        frame = one.reference([x[t : t + 1] for x in operands], range(rows // FRAMES))[0]
        np.testing.assert_array_equal(frame.reshape(-1), whole[t])


@pytest.mark.parametrize("reach", [2, 4])
def test_a_tall_window_computes_the_same_rows(reach: int) -> None:
    net = Net(1)
    x = net.input(1, reach, 5, 3)
    for y in (
        net.depthwise(x, (reach, 1), (1, 1), (1, 1), padding="VALID"),
        net.conv(x, 2, (reach, 3), (1, 1), (1, 1), "VALID"),
        net.pool("MAX_POOL_2D", x, (reach, 1), (1, 1), "VALID"),
    ):
        node = next(node for node in net.graph().nodes if y.index != x.index and node.output_shapes[0] == y.shape)
        tall = node.op.tall(2 * reach - 1)
        assert tall is not None
        image = np.random.default_rng(0).integers(-128, 128, (1, 2 * reach - 1, 5, 3), np.int8)
        for first in range(reach):
            expected = node.op.reference([image[:, first : first + reach]], range(1))[0]
            np.testing.assert_array_equal(tall.reference([image], range(first, first + 1))[0], expected)


@pytest.mark.parametrize(
    ("shape", "axes"),
    [((4, 3), (0,)), ((4, 2, 5, 3), (0,)), ((4, 2, 5, 3), (0, 1, 2)), ((1, 4, 5, 3), (1, 3)), ((4, 1, 5, 3), (0, 2))],
)
@pytest.mark.parametrize("kind", ["MEAN", "SUM"])
def test_a_reduction_of_time_is_one_over_frames(kind: str, shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    net = Net(1)
    net.mean(net.input(*shape), axes, kind=kind)
    (node,) = net.graph().nodes
    over = node.op.over_frames(4)
    assert over is not None
    tall = over.op.tall(7)
    assert tall is not None
    frames = np.random.default_rng(0).integers(-128, 128, (4, *over.input_shape[2:]), np.int8)
    (expected,) = node.op.reference([frames.reshape(shape)], range(row_count(node.output_shapes[0])))
    image = np.concatenate([frames, frames[:3]])[None]
    for first in range(4):  # the slots of a ring, from any of them on
        (found,) = tall.reference([image], range(first, first + 1))
        np.testing.assert_array_equal(found.reshape(-1), expected.reshape(-1))


@pytest.mark.parametrize(
    ("shape", "axes", "frames"), [((4, 3), (1,), 4), ((4, 3), (0,), 3), ((4, 2, 5, 3), (0, 1), 4), ((4, 3), (0,), 1)]
)
def test_what_is_no_reduction_of_all_frames(shape: tuple[int, ...], axes: tuple[int, ...], frames: int) -> None:
    net = Net(1)
    net.mean(net.input(*shape), axes)
    assert net.graph().nodes[0].op.over_frames(frames) is None


@pytest.mark.parametrize("kind", ["CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D"])
def test_a_window_alone_is_one_row_of_many_and_turned_is_the_other_way_round(kind: str) -> None:
    net = Net(2)
    x = net.input(1, 7, 5, 3)
    if kind == "MAX_POOL_2D":
        net.pool(kind, x, (3, 2), (2, 1), "VALID")
    elif kind == "CONV_2D":
        net.conv(x, 2, (3, 2), (2, 1), (1, 2), "VALID")
    else:
        net.depthwise(x, (3, 2), (2, 1), (1, 2), padding="VALID")
    (node,) = net.graph().nodes
    image = garbage(node, 0)[0]
    alone, turned = node.op.alone(), node.op.turned()
    assert alone is not None and turned is not None
    for y in range(node.output_shapes[0][1]):
        (expected,) = node.op.reference([image], range(y, y + 1))
        np.testing.assert_array_equal(alone.reference([image[:, 2 * y : 2 * y + 3]], range(1))[0], expected)
    whole = node.op.reference([image], range(node.output_shapes[0][1]))[0]
    (other,) = turned.reference([np.swapaxes(image, 1, 2)], range(node.output_shapes[0][2]))
    np.testing.assert_array_equal(np.swapaxes(other, 0, 1), whole)


def test_rows_of_padding_stand_for_padding() -> None:
    net = Net(3)
    net.conv(net.input(1, 4, 5, 3), 2, (3, 2), (1, 1), (1, 1))
    (node,) = net.graph().nodes
    alone, padding = node.op.alone(), node.op.padding
    assert alone is not None and padding is not None
    image = garbage(node, 0)[0]
    padded = np.pad(image, ((0, 0), (1, 1), (0, 0), (0, 0)), constant_values=padding.value)
    for y in range(4):
        (expected,) = node.op.reference([image], range(y, y + 1))
        np.testing.assert_array_equal(alone.reference([padded[:, y : y + 3]], range(1))[0], expected)


def test_a_dense_layer_over_all_frames_is_a_convolution_that_starts_at_any_slot() -> None:
    net = Net(4)
    net.dense(net.input(1, 4 * 6), 3)
    (node,) = net.graph().nodes
    over = node.op.over_frames(4)
    assert over is not None and over.input_shape == (1, 4, 1, 6) and node.op.over_frames(5) is None
    tall = over.op.tall(7)
    assert tall is not None
    image = np.random.default_rng(0).integers(-128, 128, (1, 7, 1, 6), np.int8)
    for first in range(4):
        (expected,) = node.op.reference([image[:, first : first + 4].reshape(1, 24)], range(1))
        np.testing.assert_array_equal(tall.reference([image], range(first, first + 1))[0].reshape(1, 3), expected)


@pytest.mark.parametrize("kind", ["FULLY_CONNECTED", "RELU", "ADD"])
def test_a_part_is_computed_by_itself(kind: str) -> None:
    net = Net(5)
    x = net.input(1, 4, 6)
    if kind == "FULLY_CONNECTED":
        weights = net.weights((3, 6), 1, 0)
        y = net.activation((1, 4, 3), 0.1)
        net.append(kind, (x, weights, net.bias(3, 1)), y, {"keep_num_dims": True})
    elif kind == "RELU":
        net.append(kind, (x,), net.activation(x.shape, 0.05), {})
    else:
        net.add(x, net.append("RELU", (x,), net.activation(x.shape, 0.05), {}))
    node = net.graph().nodes[-1]
    one = node.op.part(4)
    assert one is not None and node.op.part(3) is None
    operands = garbage(node, 0)
    (whole,) = node.op.reference(operands, range(row_count(node.output_shapes[0])))
    for t in range(4):
        (part,) = one.reference([x[:, t : t + 1] for x in operands], range(1))
        np.testing.assert_array_equal(part.reshape(-1), whole.reshape(4, -1)[t])


@pytest.mark.parametrize("kind", ["PAD", "SLICE", "TRANSPOSE", "CONCATENATION", "PACK"])
def test_marks_are_rearranged_as_values_are(kind: str) -> None:
    net = Net(6)
    x = net.input(2, 3, 4, 2)
    if kind == "PAD":
        net.pad(x, 1, 0, 2, 1)
    elif kind == "SLICE":
        net.slice(x, (1, 0, 1, 0), (1, 2, 3, 2))
    elif kind == "TRANSPOSE":
        net.append(kind, (x, net.integers(2, 0, 3, 1)), net.like(x, (4, 2, 2, 3)), {})
    elif kind == "CONCATENATION":
        net.concatenate(x, net.like(x, x.shape))
    else:
        net.append(kind, (x, net.like(x, x.shape)), net.like(x, (2, 2, 3, 4, 2)), {"axis": 1, "values_count": 2})
    op = node_of(net.sources[-1]).op
    operands = [np.random.default_rng(k).integers(-128, 128, x.shape, np.int8) for k in op.operands]
    marks = [np.arange(48).reshape(x.shape) + 1000 * k for k in range(len(operands))]
    (found,) = op.rearranged(marks) or ()
    shape = net.sources[-1].outputs[0].shape
    values = op.reference(operands, range(row_count(shape)))[0].reshape(shape)
    known = np.concatenate([np.pad(x.reshape(-1), (0, 952)) for x in operands])
    taken = np.where(found < 0, (-1 - found).astype(np.uint8).view(np.int8).reshape(shape), known[np.maximum(found, 0)])
    np.testing.assert_array_equal(taken, values)


def test_what_computes_rearranges_nothing() -> None:
    assert all(node.op.rearranged(garbage(node, 0)) is None for node in nodes() if node.macs)


def test_padding_above_cannot_be_tall() -> None:
    net = Net(1)
    net.conv(net.input(1, 4, 5, 3), 2, (3, 3), (1, 1), (1, 1))
    assert net.graph().nodes[0].op.tall(7) is None
