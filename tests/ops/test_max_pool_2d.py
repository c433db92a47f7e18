"""MAX_POOL_2D: reference against TFLM, C kernel against reference, region rule, refusals."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import changed, equals_tflm, kernel_equals_reference, window_equals_impulse_response
from tests.ops.pools import pool, pools
from tests.tiny_model import activation, node_of
from verify.graph.tensor import Axis, DType
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.max_pool_2d import MaxPool2D

KIND = "MAX_POOL_2D"


@settings(max_examples=150)
@given(pools(KIND), st.integers(0, 99))
def test_reference_equals_tflm(source: OperatorSource, seed: int) -> None:
    equals_tflm(source, seed)


@settings(max_examples=50)
@given(pools(KIND), st.integers(0, 99))
def test_kernel_equals_reference(source: OperatorSource, seed: int) -> None:
    kernel_equals_reference(node_of(source), seed)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (3, 2), (2, 3), (7, 7)])
def test_windows_are_sound_and_tight(kernel: int, stride: int, padding: str) -> None:
    node = node_of(pool(KIND, (1, 8, 7, 2), (kernel, kernel), (stride, stride), padding))
    for axis in (Axis.HEIGHT, Axis.WIDTH):
        window_equals_impulse_response(node, axis)


def test_facts() -> None:
    op = MaxPool2D.from_tflite(pool(KIND))
    assert (op.macs, op.padding) == (0, None)
    assert MaxPool2D.from_tflite(pool(KIND, (2, 6, 5, 3))).window(0, Axis.HEIGHT) is None


def test_refusals() -> None:
    source = pool(KIND)
    cases = [
        (changed(source, 0, dtype=DType.UINT8), "uint8"),
        (dataclasses.replace(source, outputs=(activation(1, (1, 6, 5, 3), 0.1, 3),)), "they must be equal"),
        (dataclasses.replace(source, outputs=(activation(1, (1, 5, 5, 3), 0.05, 3),)), r"must be \(1, 6, 5, 3\)"),
        (dataclasses.replace(source, options=dict(source.options) | {"filter_height": 0}), "kernel .=0. must be"),
        (dataclasses.replace(source, options=dict(source.options) | {"padding": "FULL"}), "padding FULL"),
        (pool(KIND, activation_function="TANH"), "fused activation TANH"),
    ]
    for case, message in cases:
        with pytest.raises(UnsupportedError, match=message):
            MaxPool2D.from_tflite(case)
