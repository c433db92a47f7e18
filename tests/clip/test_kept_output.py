"""A result that later frames read too: what is handed out is the frame's own, not the first one kept."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from export.__main__ import write_folder
from export.c.emit import emit
from tests.clip.c_library import Library
from tests.clip.test_per_frame import causal_window, stream
from verify.clip import per_frame
from verify.graph.graph import Graph
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.evaluate import evaluate


def with_kept_output(frames: int) -> Graph:
    """The window over frames reads what is itself a result."""
    clip = causal_window(frames)
    kept = clip.nodes[0].outputs[0]
    shapes = (*clip.output_shapes, clip.tensors[kept].shape)
    return replace(clip, outputs=(*clip.outputs, kept), output_shapes=shapes)


def test_a_result_that_later_frames_read_is_this_frames(tmp_path: Path) -> None:
    step = per_frame(with_kept_output(4))
    _, proved = check(step, make_plan(step, Request("layer")))
    assert proved is not None and step.kept_frames(step.outputs[1]) > 1
    write_folder(tmp_path, emit(proved))
    frames = stream(step, 9)
    expected = evaluate(with_kept_output(len(frames)), [frames])[1]
    library = Library(tmp_path, proved)
    for frame, answer in zip(frames, expected, strict=True):
        assert library.push(frame) == 0
        result = library.output(1)
        assert result is not None and np.array_equal(result, answer.reshape(-1))
