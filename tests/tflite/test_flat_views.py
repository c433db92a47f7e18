"""Operators that treat every element alike see a flattened image as the image that their reader sees."""

import numpy as np
import pytest

from tests.tiny_model import activation, build_model
from verify.ops.base import OperatorSource
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay
from verify.tflite import read_model

IMAGE, FLAT = (1, 16, 4, 2), (1, 128)


def model(kind: str, scale: float = 0.1, zero_point: int = 5) -> bytes:
    """A flat operator, a reshape, a pooling over the image."""
    x, y = activation(0, FLAT, 0.2, 5), activation(1, FLAT, scale, zero_point)
    image, pooled = activation(2, IMAGE, scale, zero_point), activation(3, (1, 15, 4, 2), scale, zero_point)
    pool = {"stride_h": 1, "stride_w": 1, "filter_height": 2, "filter_width": 1, "padding": "VALID"}
    return build_model(
        [
            OperatorSource(kind, (x,), (y,), {"beta": 1.0} if kind == "SOFTMAX" else {}),
            OperatorSource("RESHAPE", (y,), (image,), {"new_shape": IMAGE}),
            OperatorSource("MAX_POOL_2D", (image,), (pooled,), pool | {"fused_activation_function": "NONE"}),
        ]
    )


@pytest.mark.parametrize("kind", ["QUANTIZE", "HARD_SWISH", "LOGISTIC"])
def test_a_lookup_on_a_flattened_image_streams(kind: str) -> None:
    graph = read_model(model(kind, *((1 / 256, -128) if kind == "LOGISTIC" else ())), "flat")
    assert graph.input_shapes == (FLAT,)
    assert graph.nodes[0].input_shapes == graph.nodes[0].output_shapes == (IMAGE,)
    plan = make_plan(graph, Request("stream"))
    assert plan.arena_bytes < make_plan(graph, Request("layer")).arena_bytes
    assert check(graph, plan)[1] is not None
    x = np.random.default_rng(0).integers(-128, 128, FLAT).astype(np.int8)
    np.testing.assert_array_equal(replay(graph, plan, [x])[0], evaluate(graph, [x])[0])


def test_a_softmax_keeps_its_axes() -> None:
    graph = read_model(model("SOFTMAX", 1 / 256, -128), "flat")
    assert graph.nodes[0].input_shapes == (FLAT,)
