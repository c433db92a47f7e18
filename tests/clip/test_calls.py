"""Models with variables: what outlives a call is that of the model and of TFLM, proved, and begun anew by reset."""

import ctypes
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from export.__main__ import write_folder
from export.c.emit import emit
from tests.clip.c_library import Library
from tests.clip.stateful import Stateful, calls_of, filter_of_calls, graph_of, tflm_calls, wake_word
from verify.clip import NotAClipError, by_call
from verify.clip.calls import _Draft
from verify.clip.registers import by_registers
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.graph.plan_json import plan_from_json, plan_to_json
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import ProvedPlan, check
from verify.proof.evaluate import evaluate_calls
from verify.proof.replay import replay_frames
from verify.proof.verdict import Refuted

CALLS = 9


def passed_on(seed: int = 0) -> Stateful:
    """Two variables, the second of which holds what the first held before; and one that is never assigned again."""
    net = Stateful(seed)
    x = net.conv(net.input(1, 3, 2, 2), 2, (3, 2), (1, 1), (1, 1))
    net.first = {"never": np.full((1, 3, 2, 2), -7, np.int8), "second": np.full((1, 3, 2, 2), 9, np.int8)}
    net.call_once()
    first, second, never = (net.read(name, x, x.shape) for name in ("first", "second", "never"))
    net.assign("second", first)
    net.assign("first", x)
    again = net.read("first", x, x.shape)
    net.add(net.add(second, never), net.add(again, x))
    return net


NETWORKS: dict[str, Callable[[], Stateful]] = {
    "wake word": wake_word,
    "wake word from a value": lambda: wake_word(1, 3, first=-9),
    "wake word by rows": lambda: wake_word(1, 1, first=-9),
    "filter": filter_of_calls,
    "passed on": passed_on,
}


def planned(graph: Graph, scheme: str = "auto", mode: InputMode = InputMode.ROWS) -> tuple[Graph, Plan]:
    program = by_call(graph)
    return program, make_plan(program, Request(scheme, mode))


def proved_of(program: Graph, plan: Plan) -> ProvedPlan:
    report, proved = check(program, plan)
    assert proved is not None, report.verdicts
    return proved


def assert_same(found: list[list[np.ndarray]], expected: list[list[np.ndarray]]) -> None:
    for number, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
        for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            np.testing.assert_array_equal(a.ravel(), b.ravel(), f"call {number}, output {k}")


@pytest.mark.parametrize("name", NETWORKS)
def test_call_after_call_is_as_tflm_has_it(name: str) -> None:
    model = NETWORKS[name]().bytes()
    graph = graph_of(NETWORKS[name]())
    calls = calls_of(graph, CALLS)
    expected = list(evaluate_calls(graph, calls))
    assert len({array.tobytes() for outputs in expected for array in outputs}) > 2, "they say something"
    assert_same(tflm_calls(model, calls), expected)


@pytest.mark.parametrize("scheme", ["layer", "stream", "auto"])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_proved_plan_gives_the_same_over_garbage(name: str, scheme: str) -> None:
    graph = graph_of(NETWORKS[name]())
    program, plan = planned(graph, scheme)
    assert proved_of(program, plan_from_json(plan_to_json(plan))).plan == plan
    assert program.goes_on and plan.goes_on
    calls = calls_of(graph, CALLS)
    assert_same(replay_frames(program, plan, calls, 1), list(evaluate_calls(graph, calls)))


@pytest.mark.parametrize("name", ["wake word", "filter"])
def test_the_c_gives_the_same_and_starts_anew_where_asked(name: str, tmp_path: Path) -> None:
    graph = graph_of(NETWORKS[name]())
    proved = proved_of(*planned(graph))
    write_folder(tmp_path, emit(proved))
    library, calls = Library(tmp_path, proved), calls_of(graph, CALLS)
    expected = list(evaluate_calls(graph, calls))
    for _ in range(2):
        for (frame,), (wanted,) in zip(calls, expected, strict=True):
            assert library.push(frame) == 0
            np.testing.assert_array_equal(library.output(0), np.frombuffer(wanted.tobytes(), np.uint8).view(np.int8))
        assert library.c.stj_model_reset(library.state) == 0
    assert library.c.stj_model_reset(None) == -3
    assert library.c.stj_model_reset(ctypes.create_string_buffer(256)) == -1


@settings(max_examples=10)
@given(st.integers(0, 999), st.integers(1, 4), st.lists(st.integers(1, 4), min_size=1, max_size=3), st.booleans())
def test_random_chains_of_kept_rows(seed: int, rows: int, kept: list[int], filtered: bool) -> None:
    net = Stateful(seed)
    x = net.input(1, rows, 1, 2)
    for number, count in enumerate(kept):
        x = net.shifted(str(number), x, count)
        x = net.conv(x, 2 + number % 2, (min(x.shape[1], count + 1), 1), (1, 1), (1, 1), "VALID")
    if filtered:
        before = net.read("sum", x, x.shape)
        now = net.append("RELU", (net.add(before, x),), net.like(x, x.shape), {})
        net.assign("sum", now)
        x = net.add(now, x)
    net.dense(net.reshape(x, 1, int(np.prod(x.shape))), 2)
    graph, calls = graph_of(net), calls_of(graph_of(net), 2 * sum(kept) + 2, seed)
    expected = list(evaluate_calls(graph, calls))
    program, plan = planned(graph, ("auto", "stream", "layer")[seed % 3])
    proved_of(program, plan)
    assert_same(replay_frames(program, plan, calls, seed), expected)


@pytest.mark.parametrize("first", [None, -9])
def test_registers_are_read_where_their_rows_were_computed(first: int | None) -> None:
    """Nothing is written back, and windows walk over rings."""
    model = graph_of(wake_word(1, 1, first))
    program, stands = by_call(model), _Draft(model).program()
    kinds = [node.op.kind for node in program.nodes]
    assert kinds.count("CONCATENATION") == 1 and kinds.count("SLICE") == 2, kinds
    assert [len(node.delays_of(0)) for node in program.nodes if node.slides_over_frames] == [4, 3, 5, 3]
    kept = [sum(g.kept_frames(t) * g.tensors[t].size_bytes for t in g.tensors) for g in (program, stands)]
    assert 3 * kept[0] < 2 * kept[1]
    calls = calls_of(model, CALLS)
    assert_same(list(evaluate_calls(stands, calls)), list(evaluate_calls(model, calls)))


def test_rings_that_come_round_together_too_late_are_longer(tmp_path: Path) -> None:
    """Of 7, 11 and 13 rows each one longer than its window, so that they stand as before after few calls."""
    net = Stateful(5)
    x = net.input(1, 1, 1, 2)
    for number, kept in enumerate((6, 10, 12)):
        x = net.conv(net.shifted(str(number), x, kept), 2, (kept + 1, 1), (1, 1), (1, 1), "VALID")
    model = graph_of(net)
    program = by_call(model)
    rings = [program.kept_frames(node.inputs[0]) for node in program.nodes]
    assert all(ring >= window for ring, window in zip(rings, (7, 11, 13), strict=True)) and rings != [7, 11, 13]
    assert np.lcm.reduce(rings) <= 1000
    calls = calls_of(model, 40)
    expected = list(evaluate_calls(model, calls))
    proved = proved_of(program, make_plan(program, Request("stream")))
    assert_same(replay_frames(program, proved.plan, calls, 1), expected)
    write_folder(tmp_path, emit(proved))
    library = Library(tmp_path, proved)
    for (frame,), (wanted,) in zip(calls, expected, strict=True):
        assert library.push(frame) == 0
        np.testing.assert_array_equal(library.output(0), wanted.reshape(-1))


def two_beginnings() -> Stateful:
    """Two states that hold the same rows, and begin differently."""
    net = Stateful(3)
    x = net.input(1, 1, 1, 2)
    net.first = {"a": np.full((1, 2, 1, 2), 5, np.int8), "b": np.full((1, 2, 1, 2), -5, np.int8)}
    net.call_once()
    both = [net.conv(net.shifted(name, x, 2), 2, (3, 1), (1, 1), (1, 1), "VALID") for name in "ab"]
    net.add(*both)
    return net


@pytest.mark.parametrize("make", [two_beginnings, passed_on])
def test_other_states_are_written_as_the_model_writes_them(make: Callable[[], Stateful]) -> None:
    model = graph_of(make())
    with pytest.raises(NotAClipError):
        by_registers(model)
    calls = calls_of(model, CALLS)
    assert_same(list(evaluate_calls(by_call(model), calls)), list(evaluate_calls(model, calls)))


def test_fewer_frames_than_outlive_a_call_are_refuted() -> None:
    program, plan = planned(graph_of(filter_of_calls()))
    kept = next(buffer for buffer in plan.buffers if buffer.frames > 1)
    fewer = replace(plan, buffers=tuple(replace(b, frames=1) if b is kept else b for b in plan.buffers))
    report, proved = check(program, fewer)
    assert proved is None and isinstance(report.verdicts["C8"], Refuted)


def test_a_buffer_on_top_of_what_outlives_a_call_is_refuted() -> None:
    program, plan = planned(graph_of(filter_of_calls()), "layer")
    kept = next(buffer for buffer in plan.buffers if buffer.frames > 1)
    other = next(buffer for buffer in plan.buffers if buffer.frames == 1)
    moved = replace(plan, buffers=tuple(replace(b, offset=kept.offset) if b is other else b for b in plan.buffers))
    report, proved = check(program, moved)
    assert proved is None and isinstance(report.verdicts["C4"], Refuted)


def test_state_that_is_not_counted_is_refuted() -> None:
    """The struct of a model that goes on counts calls."""
    program, plan = planned(graph_of(filter_of_calls()))
    report, proved = check(program, replace(plan, state_bytes=plan.state_bytes - 12))
    assert proved is None and isinstance(report.verdicts["C5"], Refuted)
