"""Receptive fields against what changes: one input row or column at a time, run through the references."""

import numpy as np
import pytest

from tests.clip.test_per_frame import conv3d, streamtinynet
from tests.random_models import Net
from verify.clip import per_frame
from verify.graph.graph import Graph
from verify.proof.evaluate import evaluate
from verify.report.receptive_field import Field, receptive_fields

HEIGHT, WIDTH = 40, 36


def chain() -> Graph:
    net = Net(2)
    x = net.conv(net.input(1, HEIGHT, WIDTH, 2), 3, (3, 5), (2, 1), (1, 1))
    x = net.add(net.depthwise(x, (3, 3), (1, 1), (1, 1)), x)
    net.conv(net.upsample(x, 2), 2, (3, 1), (1, 1), (1, 1))
    return net.graph()


def strided() -> Graph:
    net = Net(3)
    x = net.conv(net.input(1, HEIGHT, WIDTH, 2), 2, (3, 3), (2, 2), (1, 1))
    net.conv(net.depthwise(x, (5, 3), (1, 1), (1, 1)), 3, (3, 1), (2, 1), (1, 1))
    return net.graph()


@pytest.mark.parametrize("graph", [chain(), strided()], ids=["chain", "strided"])
@pytest.mark.parametrize("axis", [1, 2])
def test_fields_are_as_wide_as_what_changes_the_middle(graph: Graph, axis: int) -> None:
    """No input position outside the field matters, and all but the sparse ones of upsampling inside do."""
    field = receptive_fields(graph)[graph.outputs[0]]
    said = (field.height, field.width)[axis - 1]
    rng = np.random.default_rng(0)
    matters: set[int] = set()
    for _ in range(3):
        image = rng.integers(-128, 128, graph.input_shapes[0], np.int8)
        (before,) = evaluate(graph, [image])
        middle = before.shape[axis] // 2
        for position in range(graph.input_shapes[0][axis]):
            changed = image.copy()
            np.moveaxis(changed, axis, 0)[position] ^= 0x55
            (after,) = evaluate(graph, [changed])
            if np.any(np.take(after, middle, axis) != np.take(before, middle, axis)):
                matters.add(position)
    seen = max(matters) - min(matters) + 1
    assert said is not None and said - 1 <= seen <= said


def test_a_mean_sees_everything() -> None:
    net = Net(4)
    net.mean(net.conv(net.input(1, 9, 9, 2), 2, (3, 3), (1, 1), (1, 1)))
    graph = net.graph()
    assert receptive_fields(graph)[graph.outputs[0]] == Field(None, None)


@pytest.mark.parametrize(("graph", "frames"), [(streamtinynet(5), 5), (conv3d(8), 4)])
def test_frames_of_a_clip_add_up(graph: Graph, frames: int) -> None:
    program = per_frame(graph)
    assert receptive_fields(program)[program.outputs[0]].frames == frames
