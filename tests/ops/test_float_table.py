"""Functions of a float between DEQUANTIZE and QUANTIZE, as tables of int8."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.unary_checks import EVERY
from tests.tiny_model import activation, build_model, run_tflm
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.float_table import EXACT, LIBRARY, STEPS, FloatTable
from verify.tflite import read_model
from verify.tflite.islands import FUNCTIONS

POSITIVE = {"LOG", "RSQRT", "SQRT"}
POINTS = st.integers(-128, 127)
Scaled = tuple[float, int]


def island(steps: tuple[str, ...], operand: Scaled, result: Scaled) -> bytes:
    x, y = activation(0, (256,), *operand), activation(99, (256,), *result)
    reals = [activation(1 + k, (256,), dtype=DType.FLOAT32) for k in range(len(steps) + 1)]
    ends = [x, *reals, y]
    kinds = ("DEQUANTIZE", *steps, "QUANTIZE")
    return build_model([OperatorSource(kind, (ends[k],), (ends[k + 1],), {}) for k, kind in enumerate(kinds)])


def table(steps: tuple[str, ...], operand: Scaled, result: Scaled) -> FloatTable:
    ends = activation(0, (256,), *operand), activation(1, (256,), *result)
    return FloatTable.from_tflite(OperatorSource("QUANTIZE", ends[:1], ends[1:], {STEPS: steps}))


def agreed(*drawn) -> bool:
    """Whether all C libraries give the same table."""
    try:
        table(*drawn)
    except UnsupportedError:
        return False
    return True


@pytest.mark.parametrize("kind", sorted(FUNCTIONS))
@settings(max_examples=25)
@given(st.floats(-8, 0), POINTS, st.floats(-7, 1), POINTS)
def test_every_value_equals_tflm(kind: str, exponent: float, point: int, out_exponent: float, out_point: int) -> None:
    """Where TFLM's conversion to an integer is defined, or refused."""
    operand, result = (2.0 ** (exponent - 4 * (kind == "EXP")), point), (2.0**out_exponent, out_point)
    values = np.maximum(EVERY, min(point, 126) + 1) if kind in POSITIVE else EVERY
    if kind in POSITIVE and point == 127:
        return
    if kind in LIBRARY and not agreed((kind,), operand, result):
        return
    (node,) = read_model(island((kind,), operand, result), kind).nodes
    assert node.op.kind == kind
    (expected,) = run_tflm(island((kind,), operand, result), [values])
    np.testing.assert_array_equal(node.op.reference([values], range(1))[0][0], expected)


def test_one_after_the_other() -> None:
    data = island(("ABS", "SQRT", "NEG"), (0.1, 3), (0.05, 100))
    (node,) = read_model(data, "chain").nodes
    assert node.label == 'op 4 "t99" (ABS+SQRT+NEG)'
    np.testing.assert_array_equal(node.op.reference([EVERY], range(1))[0][0], run_tflm(data, [EVERY])[0])


def test_what_is_no_number_is_the_zero_point_and_what_is_too_large_the_end() -> None:
    op = table(("RSQRT",), (0.1, 0), (0.05, 7))
    assert op.apply(np.array([-5, 0])).tolist() == [7, 127]


def test_a_result_halfway_between_two_values_is_refused_where_libraries_may_differ() -> None:
    """exp(0) is 1, halfway between 6 and 7 steps of 1 / 6.5."""
    with pytest.raises(
        UnsupportedError, match="EXP between these quantizations is not supported; C libraries may differ"
    ):
        table(("EXP",), (0.1, 0), (float(np.float32(1 / 6.5)), 0))
    assert {"NEG", "SQUARE"} <= EXACT.keys(), "which IEEE 754 defines"
