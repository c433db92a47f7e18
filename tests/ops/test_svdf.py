"""SVDF, whose state is a variable of the file and here what calls gave, kept as frames are."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.sequence_checks import check_program, check_tflm, refused
from tests.random_models import Net
from tests.samples.svdf import svdf
from tests.tiny_model import activation
from verify.ops.svdf import Svdf
from verify.tflite import read_model


def vectors(seed: int, batch: int = 1, depth: int = 5, filters: int = 4, calls: int = 3, **form: object) -> Net:
    net = Net(seed)
    svdf(net, net.input(batch, depth), filters, calls, **form)  # pyright: ignore[reportArgumentType]
    return net


NETWORKS: dict[str, Callable[[], Net]] = {
    "words": lambda: vectors(0),
    "bytes": lambda: vectors(1, wide=False, rank=2),
    "three vectors": lambda: vectors(2, batch=3, calls=2),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_call_after_call_is_as_tflm_has_it(name: str) -> None:
    check_tflm(NETWORKS[name]())


@pytest.mark.parametrize("name", NETWORKS)
def test_a_proved_program_gives_the_same_and_so_does_its_c(name: str, tmp_path: Path) -> None:
    check_program(NETWORKS[name](), tmp_path)


def test_without_a_bias(tmp_path: Path) -> None:
    """TFLM stops there."""
    check_program(vectors(3, bias=False), tmp_path)


@settings(max_examples=10)
@given(st.integers(0, 999), st.integers(1, 3), st.integers(1, 5), st.integers(1, 5), st.integers(1, 4))
def test_random_shapes(seed: int, batch: int, depth: int, calls: int, units: int) -> None:
    rank = 1 + seed % 2
    net = vectors(seed, batch, depth, units * rank, calls, rank=rank, wide=seed % 3 > 0)
    check_program(net, scheme="layer")
    check_tflm(net)


def test_sums_beyond_32_bits_are_as_large_as_these() -> None:
    (first, then) = read_model(vectors(0, filters=1, calls=4).bytes(), "svdf").nodes
    assert isinstance(then.op, Svdf)
    op = Svdf(then.op.filters, np.full((1, 4), 32767, np.int16), None, 1, (2**30, -24), 0)
    ring = np.full((1, 7, 1, 1), -32768, np.int16)
    (result,) = op.reference([ring], range(1))
    assert result.item() == -64
    wide = op.intermediates([(-32768, 32767)])
    assert wide[0].low.min() == -32768 * 32767 * 4 and wide[0].bounds[0] < -(2**40)
    assert first.op.macs == 5


def test_a_state_has_no_zero_point() -> None:
    net = vectors(0, wide=False)
    (source,) = net.sources
    state = net.variables[0]
    moved = activation(state.index, state.shape, 0.1, 3, state.dtype)
    net.variables[0] = moved
    net.sources[0] = type(source)(source.kind, (*source.inputs[:4], moved), source.outputs, source.options)
    refused(net, r"SVDF with such a state is not supported; the zero point must be 0; found 3")


def test_states_must_be_variables_of_their_own() -> None:
    net = vectors(0)
    net.variables.clear()
    refused(net, r"\(SVDF\): operand 4 must be a variable of the file; it is tensor \d+ ")
    twice = vectors(0)
    (source,) = twice.sources
    again = twice.activation(source.outputs[0].shape, 0.1)
    twice.sources.append(type(source)(source.kind, source.inputs, (again,), source.options))
    refused(twice, r"operand 4: tensor \d+ .* is a variable of several operators, \[0, 1\]")
    other = vectors(0)
    state = other.variables[0]
    other.append("RELU", (state,), other.activation(state.shape, 0.1), {})
    refused(other, r"is a variable")
