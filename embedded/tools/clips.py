"""Models that run frame by frame: clips as frames of a stream, and results beside those of the clip model's reference.

A clip is an array of the shape that the model file declares, a frame one of what the program of one frame takes.
Samples that are clips are pushed frame by frame, and the stream begins anew with each; samples that are frames are one
stream.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embedded.tools.board import FirmwareError
from embedded.tools.samples import check_inputs, read_arrays, read_inputs
from embedded.tools.signature import TensorSpec, signature_of
from verify.graph.graph import Graph
from verify.proof.evaluate import evaluate_calls, evaluate_stream


@dataclass(frozen=True)
class Compared:
    """How many results were compared with the reference's, and how many of their elements differ."""

    results: int
    different: int


def as_frames(arrays: Sequence[np.ndarray], clip: Graph, step: Graph) -> tuple[list[np.ndarray], bool]:
    """The samples as frames, and whether they were clips.

    Raises:
      FirmwareError: an array is neither, or some are and some are not.
    """
    clips, frames = signature_of(clip).inputs, signature_of(step).inputs
    kinds = [_kind(k, array, clips[k], frames[k]) for k, array in enumerate(arrays)]
    if len(set(kinds)) > 1:
        raise FirmwareError("some inputs are clips and some are frames; all must be the same")
    found = [array.reshape(-1, *spec.shape) for array, spec in zip(arrays, frames, strict=True)]
    return found, kinds[0]


def read_samples(path: Path, model: Graph, program: Graph) -> tuple[list[np.ndarray], bool]:
    """A file's samples as the firmware takes them, and whether they are clips.

    Raises:
      FirmwareError: as `read_inputs` and `as_frames`.
    """
    specs = signature_of(program).inputs
    if program.clip_frames == 1:
        return read_inputs(path, specs), False
    frames, clips = as_frames(read_arrays(path, len(specs)), model, program)
    check_inputs(frames, specs)
    return frames, clips


def usual_samples(program: Graph | None) -> int:
    """One; of what goes on from frame to frame, or call to call, one more than can reach a result."""
    if program is None or not program.goes_on:
        return 1
    return 1 + max(program.clip_frames, *(program.kept_frames(tensor) for tensor in program.tensors))


def _kind(k: int, array: np.ndarray, clip: TensorSpec, frame: TensorSpec) -> bool:
    """Whether an array holds clips; one clip by itself is as many frames."""
    if array.shape[1:] == clip.shape:
        return True
    if array.shape == clip.shape or array.shape[1:] in (frame.shape, frame.shape[1:]):
        return False
    shapes = [["samples", *clip.shape], ["frames", *frame.shape[1:]]]
    expected = " (clips) or ".join(map(str, shapes)).replace("'", "")
    raise FirmwareError(f"in{k} has shape {list(array.shape)}, but {expected} (frames of one stream) is needed")


def as_results(outputs: Sequence[np.ndarray], step: Graph, clips: bool) -> list[np.ndarray]:
    """Outputs per frame; of clips, those of each one's last frame, or of all frames where each may have a result."""
    if not clips:
        return list(outputs)
    by_clip = [output.reshape(-1, step.clip_frames, *output.shape[1:]) for output in outputs]
    return [output[:, -1] for output in by_clip] if step.results == 1 else by_clip


def compared_with(
    model: Graph,
    program: Graph,
    inputs: Sequence[np.ndarray],
    outputs: Sequence[np.ndarray],
    clips: bool,
    every: int,
) -> Compared:
    """Outputs beside the reference's, of whatever kind the model is; `every` frames there is a result."""
    if program.clip_frames > 1:
        return compared(model, program, inputs, outputs, clips, every)
    return compared_images(model, inputs, outputs)


def compared(
    clip: Graph, step: Graph, inputs: Sequence[np.ndarray], outputs: Sequence[np.ndarray], clips: bool, every: int
) -> Compared:
    """Results of a stream, or of a stream per clip, beside the clip model's, wherever C8 says what they are.

    Args:
      clip, step: the model and its program of one frame.
      inputs, outputs: per frame.
      clips: whether the stream begins anew after as many frames as a clip has.
      every: frames from one result to the next.
    """
    total = len(inputs[0])
    count = step.clip_frames if clips else total
    results, different = 0, 0
    for start in range(0, total, count):
        stream = [array[start : start + count] for array in inputs]
        for frame, expected in evaluate_stream(clip, step, stream, every):
            results += len(expected)
            different += _differences([output[start + frame] for output in outputs], expected)
    return Compared(results, different)


def compared_images(model: Graph, inputs: Sequence[np.ndarray], outputs: Sequence[np.ndarray]) -> Compared:
    """Outputs beside the reference's, sample by sample; a model's variables go on from one to the next."""
    results, different = 0, 0
    for k, expected in enumerate(evaluate_calls(model, [list(sample) for sample in zip(*inputs, strict=True)])):
        results += len(expected)
        different += _differences([output[k] for output in outputs], expected)
    return Compared(results, different)


def _differences(found: Sequence[np.ndarray], expected: Sequence[np.ndarray]) -> int:
    return sum(int(np.sum(f.ravel() != e.ravel())) for f, e in zip(found, expected, strict=True))
