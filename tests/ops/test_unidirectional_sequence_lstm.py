"""UNIDIRECTIONAL_SEQUENCE_LSTM, whose states are variables of the file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.sequence_checks import check_program, check_tflm, refused
from tests.random_models import Net
from tests.samples.svdf import svdf
from tests.samples.unidirectional_sequence_lstm import lstm
from verify.graph.tensor import DType
from verify.ops.arithmetic import stored_range
from verify.ops.sigmoid_16 import TABLE, sigmoid_16, tanh_16


def sequences(seed: int, batch: int = 1, steps: int = 5, depth: int = 3, units: int = 4, **form: object) -> Net:
    net = Net(seed)
    x = net.input(steps, batch, depth) if form.get("time_major") else net.input(batch, steps, depth)
    lstm(net, x, units, **form)  # pyright: ignore[reportArgumentType]
    return net


def deep(seed: int) -> Net:
    """An SVDF with int16 between calls, one with int8, and an LSTM over what they give."""
    net = Net(seed)
    x = svdf(net, net.input(2, 7), 6, 4, rank=2)
    x = svdf(net, net.reshape(x, 1, 6), 4, 3, wide=False)
    lstm(net, net.reshape(x, 1, 2, 2), 3)
    return net


NETWORKS: dict[str, Callable[[], Net]] = {
    "one sequence": lambda: sequences(0),
    "two sequences": lambda: sequences(1, batch=2, power=-15),
    "steps first": lambda: sequences(2, batch=2, time_major=True),
    "clipped": lambda: sequences(3, units=1, power=-9, clip=0.5),
    "coarse cells": lambda: sequences(4, power=-6),
    "deep": lambda: deep(0),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_call_after_call_is_as_tflm_has_it(name: str) -> None:
    check_tflm(NETWORKS[name]())


@pytest.mark.parametrize("name", NETWORKS)
def test_a_proved_program_gives_the_same_and_so_does_its_c(name: str, tmp_path: Path) -> None:
    check_program(NETWORKS[name](), tmp_path)


@settings(max_examples=10)
@given(st.integers(0, 999), st.integers(1, 3), st.integers(1, 4), st.integers(1, 5), st.integers(1, 4))
def test_random_shapes(seed: int, batch: int, steps: int, depth: int, units: int) -> None:
    net = sequences(seed, batch, steps, depth, units, time_major=seed % 3 == 0, power=-15 + seed % 10)
    check_program(net, scheme="layer")
    check_tflm(net)


def test_forms_that_tflm_does_not_have_are_refused() -> None:
    net = sequences(0)
    (source,) = net.sources
    operands = list(source.inputs)
    for position, what in ((9, "peepholes"), (17, "projection"), (20, "normalization")):
        changed = [*operands[:position], operands[12], *operands[position + 1 :]]
        net.sources[0] = type(source)(source.kind, tuple(changed), source.outputs, source.options)
        refused(net, rf"UNIDIRECTIONAL_SEQUENCE_LSTM with {what} is not supported; TFLM has none")
    options = {**source.options, "fused_activation_function": "RELU"}
    net.sources[0] = type(source)(source.kind, source.inputs, source.outputs, options)
    refused(net, r"with this activation is not supported; TFLM's cell gate has TANH; found RELU")


def test_the_functions_rise_to_their_ends() -> None:
    x = np.arange(*(end + k for k, end in enumerate(stored_range(DType.INT16))), dtype=np.int64)
    assert (np.diff(TABLE) >= 0).all() and (TABLE[0], TABLE[-1]) == (2**15, 2**16 - 1)
    for shift, values in ((0, sigmoid_16(x)), (0, tanh_16(x)), (-3, tanh_16(x, -3)), (6, tanh_16(x, 6))):
        assert (np.diff(values) >= 0).all(), shift
    assert (sigmoid_16(x)[0], sigmoid_16(x)[-1]) == (11, 32757)
    near = np.abs(tanh_16(x) / 2**15 - np.tanh(x / 2**12))
    assert near.max() < 2e-4
