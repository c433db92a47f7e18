"""Frames of which only some rows changed: what is computed is closed under need, and changes no bit."""

import ctypes
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from embedded.tools.firmware import build, run
from export.__main__ import write_folder
from export.c.emit import ExportError, emit
from tests.clip.c_library import Library
from tests.clip.test_per_frame import conv3d, expected, head, stream, streamtinynet
from tests.random_models import Net, draw_op
from verify.clip import per_frame
from verify.graph.graph import Graph
from verify.graph.plan import InputMode
from verify.graph.tensor import Axis
from verify.ops.streaming import edge_window, output_rows
from verify.plan.build import build as build_plan
from verify.plan.candidates import Space, candidates, least_peak
from verify.plan.forms.layer import layer
from verify.plan.request import Request
from verify.plan.runs import Runs, grow
from verify.plan.search import make_plan
from verify.plan.select import within
from verify.plan.uses import Uses
from verify.program.reuse import intervals_of
from verify.proof.check import ProvedPlan, check
from verify.proof.evaluate import evaluate


@st.composite
def clips(draw: st.DrawFn) -> Graph:
    """Random operators on each frame, then a window of all frames or the last two frames side by side."""
    net, frames = Net(draw(st.integers(0, 2**16))), draw(st.integers(2, 4))
    tensors = [net.input(frames, draw(st.integers(2, 20)), draw(st.integers(1, 6)), draw(st.integers(1, 3)))]
    for _ in range(draw(st.integers(1, 7))):
        tensors += draw_op(draw, net, tensors)
    x = net.conv(tensors[-1], 2, (3, 1), (1, 1), (1, 1))  # a window at the end, so that the last rows have neighbours
    if draw(st.booleans()):
        clip = head(net, x, frames)
        assume(len(clip.outputs) == 1)  # what nothing reads is an output
        return clip
    late = net.frames_from(x, 0, frames - 1)
    pair = net.concatenate(late, net.frames_from(x, 1, frames - 1))
    net.dense(net.mean(net.conv(pair, 2, (3, 3), (1, 1), (1, 1))), 3)
    clip = net.graph()
    assume(len(clip.outputs) == 1)
    return clip


def proved_plan(step: Graph, scheme: str, mode: InputMode, time_step: int = 1) -> ProvedPlan:
    proved = check(step, make_plan(step, Request(scheme, mode, time_step=time_step)))[1]
    assert proved is not None
    return proved


def changing(clip: Graph, count: int, seed: int) -> np.ndarray:
    """A stream of which each frame differs from the one before in some rows only, sometimes in none or in all."""
    frames, rng = stream(clip, count, seed), np.random.default_rng(seed)
    for t in range(1, count):
        first, last = np.sort(rng.integers(0, frames.shape[1] + 1, 2))
        kept = np.r_[0:first, last : frames.shape[1]]
        frames[t, kept] = frames[t - 1, kept]
    return frames


def changed_rows(before: np.ndarray, now: np.ndarray) -> tuple[int, int]:
    rows = np.flatnonzero((now != before).any((1, 2)))
    return (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)


@settings(max_examples=60)
@given(clips())
def test_intervals_are_closed_under_need(clip: Graph) -> None:
    graph = per_frame(clip)
    reuse = intervals_of(graph)
    producer = graph.producers
    height = graph.tensors[graph.inputs[0]].rows
    for node in (node for node in graph.nodes if node.index in reuse.nodes):
        for operand, tensor in enumerate(node.inputs):
            if graph.tensors[tensor].data is not None or tensor in reuse.kept:
                continue
            source = reuse.nodes[producer[tensor].index] if tensor in producer else reuse.input
            window = edge_window(graph, node, operand, producer.get(tensor), Axis.HEIGHT)
            todo = reuse.nodes[node.index]
            assert todo.rows == output_rows(node)
            for a in range(height):
                for b in range(a + 1, height + 1):
                    first, last = int(todo.first[a]), int(todo.last[b])
                    if first >= last:
                        continue
                    whole = window is None or not node.op.row_wise
                    need = (0, source.rows) if whole else window.need(first, last, source.rows)
                    assert need[0] >= source.first[a] or need[0] == need[1]
                    assert need[1] <= source.last[b]


# Each example is compiled: too slow to be shrunk.
@settings(
    max_examples=15,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(clips(), st.sampled_from(["layer", "stream"]), st.sampled_from(InputMode), st.integers(1, 2), st.integers(0, 99))
def test_changed_rows_give_the_clips_bits(
    tmp_path: Path, clip: Graph, scheme: str, mode: InputMode, time_step: int, seed: int
) -> None:
    step = per_frame(clip)
    if mode is InputMode.PATCHES and step.kept_frames(step.inputs[0]) > 1:
        mode = InputMode.ROWS
    proved = proved_plan(step, scheme, mode, time_step)
    write_folder(tmp_path, emit(proved, reuse_rows=True))
    model = Library(tmp_path, proved)
    frames = changing(clip, 14, seed)
    assert model.push_rows_of(frames[0], 0, 1) == -2  # there is no frame before
    for t, frame in enumerate(frames):
        if t == 0:
            assert model.push(frame) == 0
        else:
            assert model.push_rows_of(frame, *changed_rows(frames[t - 1], frame)) == 0
        model.spoil(seed + t)
        acts = t >= step.warm_up and (t - step.warm_up) % time_step == 0
        output = model.output(0)
        assert (output is not None) == acts
        if acts and t + 1 >= step.clip_frames:
            answer = evaluate(clip, [frames[t + 1 - step.clip_frames : t + 1]])[0][-1]
            np.testing.assert_array_equal(output, answer.reshape(-1))


@pytest.mark.parametrize("mode", [InputMode.ROWS, InputMode.WHOLE])
def test_sanitized_firmware_pushes_changed_rows(mode: InputMode, tmp_path: Path) -> None:
    clip = streamtinynet(4, 13)
    step = per_frame(clip)
    frames = changing(clip, 20, 1)
    write_folder(tmp_path / "gen", emit(proved_plan(step, "stream", mode), reuse_rows=True))
    outputs = run(build(tmp_path / "gen", "host", tmp_path / "host", sanitize=True), [frames[:, None]]).outputs[0]
    for output, answer in zip(outputs, expected(clip, step, frames), strict=True):
        np.testing.assert_array_equal(output, np.zeros_like(output) if answer is None else answer)


def test_fewer_changed_rows_take_fewer_instructions(tmp_path: Path) -> None:
    clip = streamtinynet(3, 24, 12)
    proved = proved_plan(per_frame(clip), "stream", InputMode.ROWS)
    frames = np.repeat(stream(clip, 1), 6, 0)
    frames[3, 10:14] += 1
    frames[4:] = frames[3]
    frames[5:] = stream(clip, 1, seed=1)
    executed = {}
    for reuse in (False, True):
        write_folder(tmp_path / f"gen{reuse}", emit(proved, reuse_rows=reuse))
        result = run(build(tmp_path / f"gen{reuse}", "mps2-an500", tmp_path / f"fw{reuse}"), [frames[:, None]])
        assert not result.problems, result.problems
        executed[reuse] = result.instructions
    whole = executed[False][2]
    # Nothing changed: only the head runs, on other values at frame 4.
    assert executed[True][4] == pytest.approx(executed[True][2], rel=0.01)
    assert executed[True][2] < 0.5 * whole
    assert executed[True][2] < executed[True][3] < 0.8 * whole  # four rows of 24 changed
    assert 0.9 * whole < executed[True][5] < 1.1 * whole  # all rows changed


def test_a_stage_that_also_computes_a_result_runs_that_in_full(tmp_path: Path) -> None:
    net = Net(0)
    x = net.conv(net.input(3, 9, 4, 2), 2, (3, 3), (1, 1), (1, 1))
    pair = net.concatenate(net.frames_from(net.pad_time(x, 1), 0, 3), x)
    net.dense(net.mean(net.conv(pair, 2, (3, 3), (1, 1), (1, 1))), 3)
    clip = net.graph()
    step = per_frame(clip)
    uses = Uses(step)
    fused = [draft for draft in grow(uses, 0, ()) if draft.end == 3]
    drafts = [*fused, *(layer(uses, k) for k in range(3, len(step.nodes)))]
    proved = check(step, build_plan(uses, drafts, InputMode.WHOLE, "stream"))[1]
    assert proved is not None
    files = emit(proved, reuse_rows=True)
    assert "stj_model_repeat_frame" not in files["stj_model.h"]  # it would leave out the result
    write_folder(tmp_path, files)
    model, frames = Library(tmp_path, proved), changing(clip, 12, 5)
    for t, frame in enumerate(frames):
        changes = changed_rows(frames[t - 1], frame)
        assert (model.push_rows_of(frame, *changes) if t else model.push(frame)) == 0
        if t >= 2:
            answer = evaluate(clip, [frames[t - 2 : t + 1]])[0][-1]
            np.testing.assert_array_equal(model.output(0), answer)


def test_rows_out_of_range_and_half_a_frame_are_refused(tmp_path: Path) -> None:
    clip = streamtinynet(3)
    proved = proved_plan(per_frame(clip), "stream", InputMode.ROWS)
    write_folder(tmp_path, emit(proved, reuse_rows=True))
    model = Library(tmp_path, proved)
    frame = stream(clip, 1)[0]
    assert model.push(frame) == 0
    for first, last in ((-1, 2), (3, 2), (0, 10)):
        assert model.push_rows_of(frame, first, last) == -3
    assert model.c.stj_model_push_rows(model.state, 0, model.pointer(frame), 1) == 0
    assert model.push_rows_of(frame, 0, 1) == -2


def test_what_remembers_frames_cannot_reuse_rows() -> None:
    proved = proved_plan(per_frame(conv3d()), "stream", InputMode.ROWS)
    with pytest.raises(
        ExportError, match="rows cannot be reused: what later frames need of a frame depends on earlier"
    ):
        emit(proved, reuse_rows=True)


def test_a_plan_by_columns_cannot_reuse_rows() -> None:
    step = per_frame(streamtinynet(3))
    uses = Uses(step)  # the arena's least, whatever stack that takes
    found = candidates(Runs(uses, InputMode.ROWS), 1, Space(), lambda done, total: None)
    choice = within(found, least_peak(found))
    assert choice is not None
    plan = build_plan(uses, [stage.draft for stage in choice.stages], InputMode.ROWS, "auto")
    report, proved = check(step, plan)
    assert proved is not None and any(buffer.tiled for buffer in proved.plan.buffers), report.verdicts
    with pytest.raises(ExportError, match=r"splits rows by columns .* made with python -m verify.plan --scheme stream"):
        emit(proved, reuse_rows=True)


def test_without_the_option_nothing_is_written_of_it() -> None:
    files = emit(proved_plan(per_frame(streamtinynet(3)), "stream", InputMode.ROWS))
    assert "push_frame_rows" not in "".join(files.values())


@pytest.mark.parametrize(("tolerance", "ends"), [(0, (2, 6)), (1, (3, 6)), (5, (5, 6)), (6, (0, 0))])
def test_changed_rows_are_found(tmp_path: Path, tolerance: int, ends: tuple[int, int]) -> None:
    clip = streamtinynet(2)
    proved = proved_plan(per_frame(clip), "stream", InputMode.ROWS)
    write_folder(tmp_path, emit(proved, reuse_rows=True))
    arguments = "const int8_t *a, const int8_t *b, int32_t n, int32_t w, int32_t t, int32_t *e"
    body = "{ stj_changed_rows(a, b, n, w, t, e, e + 1); }"
    text = f'#include "stj_reuse.h"\nvoid find({arguments});\nvoid find({arguments}) {body}\n'
    (tmp_path / "find.c").write_text(text)
    before = np.zeros((8, 3), np.int8)
    before[5] = 125
    now = before.copy()
    now[2, 1], now[3, 2], now[5, 0] = 1, -3, 119
    found = (ctypes.c_int32 * 2)()
    c = Library(tmp_path, proved).c
    c.find(before.ctypes.data_as(ctypes.c_void_p), now.ctypes.data_as(ctypes.c_void_p), 8, 3, tolerance, found)
    assert found[0] == found[1] if ends == (0, 0) else tuple(found) == ends
