"""Models after public reports whose operators are arithmetic: the values of TensorFlow Lite Micro, and what streams."""

from pathlib import Path

import numpy as np
import pytest

from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay
from verify.tflite import read_model
from verify.tflite.upright import upright

MODELS = [
    "abs_frame_difference_two_inputs",
    "attention_batch_matmul",
    "layernorm_squared_difference_rsqrt",
    "wording_square_stays_float",
]


@pytest.mark.parametrize("name", MODELS)
def test_values_are_those_of_tflm_as_a_whole_and_streamed(models_dir: Path, name: str) -> None:
    folder = models_dir / "field"
    graph = upright(read_model((folder / f"{name}.tflite").read_bytes(), name))
    plan = make_plan(graph, Request())
    report, proved = check(graph, plan)
    assert proved is not None, report.verdicts
    with np.load(folder / "golden" / f"{name}.npz") as golden:
        for sample in range(3):
            inputs = [golden[f"s{sample}_in{k}"] for k in range(len(graph.inputs))]
            expected = [golden[f"s{sample}_tflm_out{k}"] for k in range(len(graph.outputs))]
            results = [evaluate(graph, inputs)] + ([replay(graph, plan, inputs, 1)] if sample == 2 else [])
            for result in results:
                for ours, theirs in zip(result, expected, strict=True):
                    np.testing.assert_array_equal(ours.reshape(theirs.shape), theirs)


def test_the_scores_of_attention_never_stand_as_a_whole(models_dir: Path) -> None:
    """64 by 64 of them, 4,096 bytes: a row of the first matrix is multiplied, its softmax is taken and multiplied."""
    graph = read_model((models_dir / "field" / "attention_batch_matmul.tflite").read_bytes(), "attention")
    lying, standing = (make_plan(network, Request("stream")).arena_bytes for network in (graph, upright(graph)))
    assert standing < 2200 < 8000 < lying


def test_what_the_converter_left_float_is_named(models_dir: Path) -> None:
    data = (models_dir / "field" / "wording_square_stays_float.tflite").read_bytes()
    (note,) = read_model(data, "square").notes
    assert note == "float between int8 operators, and computed by tables of int8, as TFLM would: SQUARE (before op 3)"
