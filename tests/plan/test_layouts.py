"""Networks of other layouts: what follows a TRANSPOSE of the image streams as if it had come so."""

import numpy as np
import pytest

from tests.random_models import Net
from tests.tiny_model import activation, constant
from verify.commands.check import random_inputs
from verify.graph.graph import Graph
from verify.graph.plan import InputMode
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay


def channels_first(height: int, width: int, channels: int) -> Graph:
    """Convolutions of an image that arrives as [1, channels, height, width]."""
    net = Net(6)
    image = activation(net.next(), (1, channels, height, width), 0.05, 3)
    order = constant(net.next(), np.array([0, 2, 3, 1], np.int32))
    x = net.append("TRANSPOSE", (image, order), net.like(image, (1, height, width, channels)), {})
    x = net.conv(net.conv(x, 4, (3, 3), (2, 2), (1, 1)), 6, (3, 3), (2, 2), (1, 1))
    net.dense(net.mean(x), 3)
    return net.graph()


@pytest.mark.parametrize("mode", InputMode)
@pytest.mark.parametrize(("height", "width", "channels"), [(16, 12, 3), (19, 14, 2), (12, 12, 3)])
def test_what_follows_a_transpose_of_the_image_streams(mode: InputMode, height: int, width: int, channels: int) -> None:
    """The image stands whole, in the caller's memory or in the arena; of its transpose there are a few rows."""
    graph = channels_first(height, width, channels)
    plan, layer = (make_plan(graph, Request(scheme, mode)) for scheme in ("stream", "layer"))
    assert plan.stages[0].ticks > 1 and len(plan.stages[0].firings) >= 2
    assert plan.arena_bytes < layer.arena_bytes
    report, proved = check(graph, plan)
    assert proved is not None, report.verdicts
    inputs = random_inputs(graph, 0)
    for got, expected in zip(replay(graph, plan, inputs, 1), evaluate(graph, inputs), strict=True):
        np.testing.assert_array_equal(got, expected)
