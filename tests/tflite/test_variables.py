"""Variables as states of a graph: what they begin with, what is read of them where, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from tests.tflite.raw import IMAGE, KINDS, constant, model, operator, tensor
from verify.graph.graph import Graph
from verify.tflite import ModelError, read
from verify.tflite.read import build_graph
from verify.tflite.schema import RawModel, RawOperator

FIRST = np.arange(24, dtype=np.int8).reshape(IMAGE)


@pytest.fixture(autouse=True)
def _made_up_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "operators", lambda: KINDS)


def handle(index: int, key: int, name: str = "v") -> RawOperator:
    return operator(index, "VAR_HANDLE", [], [key], shared_name=name)


def reading(index: int, handle_key: int, key: int) -> RawOperator:
    return operator(index, "READ_VARIABLE", [handle_key], [key])


def assigning(index: int, handle_key: int, key: int) -> RawOperator:
    return operator(index, "ASSIGN_VARIABLE", [handle_key, key], [])


def build(
    *operators: RawOperator, outputs: tuple[int, ...] = (2,), once: RawModel | None = None, **changes: object
) -> Graph:
    """Tensors 0 to 6, of which 4 is a handle; `changes` are those of tensor 3."""
    tensors = [tensor(k) for k in range(7)]
    tensors[3], tensors[4] = tensor(3, **changes), tensor(4, (), dtype="RESOURCE")
    found = model(tensors, operators, (0,), outputs)
    return build_graph(replace(found, called={} if once is None else {1: once}), "test", "0" * 64)


def once(*operators: RawOperator, values: np.ndarray = FIRST) -> RawModel:
    """A subgraph that assigns constant 1 to the variable of handle 0."""
    tensors = [tensor(0, (), dtype="RESOURCE"), constant(1, values), tensor(2)]
    return model(tensors, operators or [handle(0, 0), assigning(1, 0, 1)], (), ())


CALL = operator(0, "CALL_ONCE", [], [], init_subgraph_index=1)


def test_what_is_read_first_and_assigned_later_is_a_state() -> None:
    graph = build(handle(0, 4), reading(1, 4, 3), operator(2, "COPY", [3], [2]), assigning(3, 4, 0))
    (state,) = graph.states
    assert (state.read, state.written) == (3, 0)
    assert (state.first == 3).all(), "the zero point of what is read"
    assert [node.inputs for node in graph.nodes] == [(3,)]


def test_it_begins_with_what_is_assigned_once() -> None:
    graph = build(CALL, handle(1, 4), reading(2, 4, 3), operator(3, "COPY", [3], [2]), assigning(4, 4, 0), once=once())
    np.testing.assert_array_equal(graph.states[0].first, FIRST)


def test_what_was_assigned_in_the_same_run_is_no_state() -> None:
    graph = build(
        handle(0, 4), operator(1, "COPY", [0], [1]), assigning(2, 4, 1), reading(3, 4, 3), operator(4, "COPY", [3], [2])
    )
    assert graph.states == ()
    assert [node.inputs for node in graph.nodes] == [(0,), (1,)]


def test_two_handles_of_one_name_are_one_variable() -> None:
    graph = build(
        handle(0, 4),
        handle(1, 5),
        reading(2, 4, 3),
        reading(3, 5, 6),
        operator(4, "COPY", [3, 6], [2]),
        assigning(5, 5, 0),
    )
    assert [(state.read, state.written) for state in graph.states] == [(3, 0)]
    assert graph.nodes[0].inputs == (3, 3)


def test_what_never_changes_is_a_constant() -> None:
    graph = build(CALL, handle(1, 4), reading(2, 4, 3), operator(3, "COPY", [0, 3], [2]), once=once())
    assert graph.states == ()
    np.testing.assert_array_equal(graph.tensors[3].data, FIRST)


def test_what_only_feeds_a_state_that_nobody_reads_is_not_computed() -> None:
    graph = build(
        handle(0, 4), reading(1, 4, 3), operator(2, "COPY", [3], [1]), assigning(3, 4, 1), operator(4, "COPY", [0], [2])
    )
    assert (len(graph.nodes), graph.states) == (1, ())


READ = (handle(0, 4), reading(1, 4, 3))


@pytest.mark.parametrize(
    ("operators", "called", "message"),
    [
        (READ, None, r'^op 1 "t3" \(READ_VARIABLE\): nothing assigns a value to the variable "v"$'),
        ([reading(0, 4, 3)], None, r"its first operand is no handle that a VAR_HANDLE before it gives"),
        ([*READ, assigning(2, 4, 5)], None, r"it must assign what an operator before it computes"),
        ([*READ, assigning(2, 4, 0), CALL], once(), r"what is run once must come first"),
        (
            [CALL],
            once(handle(0, 0), operator(1, "COPY", [1], [2])),
            r"subgraph 0 has COPY; what is run once may assign",
        ),
        ([CALL], once(handle(0, 0), assigning(1, 0, 2)), r"subgraph 0 assigns a value that is not constant"),
        (
            [CALL, *READ],
            once(values=FIRST[:, :2]),
            r"the variable is of two kinds: int8 \[1, 2, 3, 2\] and int8 \[1, 4, 3, 2\]",
        ),
        ([operator(0, "VAR_HANDLE", [], [])], None, r"it has 0 results; it must have one"),
    ],
)
def test_what_is_no_state_of_a_graph_is_refused(
    operators: list[RawOperator], called: RawModel | None, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        build(*operators, outputs=(0,), once=called)


def test_a_value_of_another_size_is_refused() -> None:
    with pytest.raises(ModelError, match=r"\(ASSIGN_VARIABLE\): the variable is of two kinds: int8 \[1, 5, 3, 2\]"):
        build(*READ, assigning(2, 4, 0), shape=(1, 5, 3, 2))
