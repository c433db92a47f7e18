"""Step models of hand-made clip models: operators that stjax's layers do not make, and what is refused."""

import numpy as np
import pytest

from export.tflite import StepError, to_step
from export.tflite.model import read_model
from tests.tiny_model import activation, build_model, constant, run_tflm
from verify.graph.tensor import Tensor
from verify.ops.base import OperatorSource

CLIP = (4, 3, 2, 2)


def int32(index: int, values: list) -> Tensor:
    return constant(index, np.array(values, np.int32))


def one(kind: str, result: tuple[int, ...], *others: Tensor, shape: tuple[int, ...] = CLIP, **options) -> bytes:
    """A model of one operator on a clip."""
    source = OperatorSource(kind, (activation(0, shape, 0.5, 3), *others), (activation(1, result, 0.5, 3),), options)
    versions = {"SLICE": 2, "STRIDED_SLICE": 2, "PAD": 2, "MEAN": 2}
    return build_model([source], versions=versions)


def stream(clip: bytes, frames: np.ndarray) -> np.ndarray:
    step = to_step(clip)
    inputs = [read_model(step.contents).tensors[key] for key in read_model(step.contents).inputs[1:]]
    states = [np.full(state.shape, 3, np.int8) for state in inputs]
    results = []
    for frame in frames:
        result, *states = run_tflm(step.contents, [frame[None], *states])
        results.append(result)
    return np.concatenate(results[step.warmup_frames :])


SLICES = {"begin_mask": 0, "end_mask": 0, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 0}
WHOLE = {
    "strided slice": one(
        "STRIDED_SLICE", (2, 3, 2, 2), int32(2, [2, 0, 0, 0]), int32(3, CLIP), int32(4, [1, 1, 1, 1]), **SLICES
    ),
    "strided slice of channels": one(
        "STRIDED_SLICE",
        (2, 3, 2, 1),
        int32(2, [9, 0, 0, 1]),
        int32(3, [2, 3, 2, 2]),
        int32(4, [1, 1, 1, 1]),
        **(SLICES | {"begin_mask": 1}),
    ),
    "all frames in one vector": one("RESHAPE", (1, 48), int32(2, [1, 48]), new_shape=(1, 48)),
    "mean of each frame": one("MEAN", (4, 2), int32(2, [1, 2]), keep_dims=False),
    "padding of each frame": one("PAD", (4, 5, 2, 2), int32(2, [[0, 0], [1, 1], [0, 0], [0, 0]])),
    "padding in time and height": one("PAD", (6, 5, 2, 2), int32(2, [[2, 0], [1, 1], [0, 0], [0, 0]])),
}


@pytest.mark.parametrize("name", WHOLE)
def test_operator_streams_bit_for_bit(name):
    pytest.importorskip("tflite_micro")
    frames = np.random.default_rng(0).integers(-128, 128, CLIP).astype(np.int8)
    expected = run_tflm(WHOLE[name], [frames])[0]
    found = stream(WHOLE[name], frames)
    # Padding alone gives frames from before the first, which no step gives.
    frames_given = min(len(expected), len(frames))
    np.testing.assert_array_equal(found, expected[-frames_given:])


REFUSED = {
    r"op 0 .*MEAN.*: it reduces time": one("MEAN", (1, 3, 2, 2), int32(2, [0]), keep_dims=True),
    r"op 0 .*PAD.*: it adds 2 frames after the last": one(
        "PAD", (6, 3, 2, 2), int32(2, [[0, 2], [0, 0], [0, 0], [0, 0]])
    ),
    r"op 0 .*STRIDED_SLICE.*: it must take consecutive frames": one(
        "STRIDED_SLICE", (2, 3, 2, 2), int32(2, [0, 0, 0, 0]), int32(3, CLIP), int32(4, [2, 1, 1, 1]), **SLICES
    ),
    r"op 0 .*RESHAPE.*: its result \(2, 24\) has no axis with the 4 frames": one(
        "RESHAPE", (2, 24), int32(2, [2, 24]), new_shape=(2, 24)
    ),
    r"op 0 .*CONCATENATION.*: it joins clips one after the other": build_model(
        [
            OperatorSource(
                "CONCATENATION",
                (both := activation(0, CLIP), both),
                (activation(1, (8, 3, 2, 2)),),
                {"axis": 0, "fused_activation_function": "NONE"},
            )
        ]
    ),
    r"op 0 .*RESIZE_NEAREST_NEIGHBOR.*: what it does along time is not known": one(
        "RESIZE_NEAREST_NEIGHBOR", (4, 6, 4, 2), int32(2, [6, 4]), align_corners=False, half_pixel_centers=False
    ),
    r"op 0 .*ADD.*: its constant differs from frame to frame": one(
        "ADD", CLIP, constant(2, np.zeros(CLIP, np.int8), 0.5), fused_activation_function="NONE"
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_cannot_follow_a_stream_is_refused(message):
    with pytest.raises(StepError, match=message):
        to_step(REFUSED[message])


def test_model_of_two_inputs_is_refused():
    ends = (activation(0, CLIP), activation(1, CLIP)), (activation(2, CLIP),)
    clip = build_model([OperatorSource("ADD", *ends, {"fused_activation_function": "NONE"})])
    with pytest.raises(StepError, match="a clip model has one input and one output, not 2 and 1"):
        to_step(clip)
