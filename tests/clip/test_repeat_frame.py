"""Gating in the generated C: a frame that repeats the one before is not computed again, and changes no bit."""

import ctypes
import subprocess
from pathlib import Path

import numpy as np
import pytest

from export.__main__ import write_folder
from export.c.emit import emit
from tests.clip.c_library import begin
from tests.clip.test_per_frame import conv3d, expected, proved_plan, stream, streamtinynet
from tests.kernel_harness import called_kernels
from verify.clip import per_frame
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check

EMBEDDED = Path(__file__).parent.parent.parent / "embedded"


def library(folder: Path) -> ctypes.CDLL:
    output = folder / "model.so"
    sources = [folder / "stj_model.c", *called_kernels(folder)]
    options = ["-std=c99", "-O1", "-shared", "-fPIC", "-lm", f"-I{EMBEDDED / 'include'}", f"-I{folder}"]
    subprocess.run(["gcc", *map(str, sources), *options, "-o", str(output)], check=True)
    loaded = ctypes.CDLL(str(output))
    loaded.stj_model_output.restype = ctypes.c_void_p
    return loaded


@pytest.mark.parametrize("time_step", [1, 2])
def test_repeated_frames_equal_pushed_ones(tmp_path: Path, time_step: int) -> None:
    clip = streamtinynet(4)
    step = per_frame(clip)
    proved = check(step, make_plan(step, Request("stream", time_step=time_step)))[1]
    assert proved is not None
    write_folder(tmp_path, emit(proved))
    model = library(tmp_path)
    frames = stream(clip, 12)
    frames[[1, 4, 5, 9]] = frames[[0, 3, 3, 8]]
    answers = expected(clip, step, frames)
    arena = np.zeros(proved.plan.arena_bytes // 8 + 1, np.uint64)
    state = ctypes.create_string_buffer(256)
    assert begin(model, tmp_path)(state, arena.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(arena.nbytes)) == 0
    assert model.stj_model_repeat_frame(state) == -2  # there is no frame to repeat
    for t, (frame, answer) in enumerate(zip(frames, answers, strict=True)):
        if t in (1, 4, 5, 9):
            assert model.stj_model_repeat_frame(state) == 0
        else:
            assert model.stj_model_push_frame(state, np.ascontiguousarray(frame).ctypes.data_as(ctypes.c_void_p)) == 0
        output = model.stj_model_output(state, 0)
        if answer is None or (t - step.warm_up) % time_step:
            assert output is None
        else:
            assert output is not None
            np.testing.assert_array_equal(np.frombuffer(ctypes.string_at(output, answer.nbytes), np.int8), answer[0])


def test_a_frame_half_pushed_cannot_be_repeated(tmp_path: Path) -> None:
    clip = streamtinynet(3)
    proved = proved_plan(per_frame(clip))
    write_folder(tmp_path, emit(proved))
    model = library(tmp_path)
    arena = np.zeros(proved.plan.arena_bytes // 8 + 1, np.uint64)
    state = ctypes.create_string_buffer(256)
    begin(model, tmp_path)(state, arena.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(arena.nbytes))
    frame = np.ascontiguousarray(stream(clip, 1)).ctypes.data_as(ctypes.c_void_p)
    assert model.stj_model_push_frame(state, frame) == 0
    assert model.stj_model_push_rows(state, 0, frame, 1) == 0
    assert model.stj_model_repeat_frame(state) == -2


def test_a_network_whose_frames_remember_offers_no_repetition() -> None:
    header = emit(proved_plan(per_frame(conv3d())))["stj_model.h"]
    assert "stj_model_push_frame" in header and "stj_model_repeat_frame" not in header
