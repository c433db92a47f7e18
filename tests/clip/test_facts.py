"""What operators say about time, against their references: frame by frame is the batch, tall windows are the same."""

import numpy as np
import pytest

from tests.random_models import Net
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


def test_padding_above_cannot_be_tall() -> None:
    net = Net(1)
    net.conv(net.input(1, 4, 5, 3), 2, (3, 3), (1, 1), (1, 1))
    assert net.graph().nodes[0].op.tall(7) is None
