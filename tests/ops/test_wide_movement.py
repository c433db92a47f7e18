"""What only moves elements, on int16: PAD, CONCATENATION, SLICE, STRIDED_SLICE, SPLIT, TRANSPOSE as TFLM has them."""

import dataclasses

import numpy as np
import pytest

from tests.operator_harness import equals_tflm, kernel_equals_reference
from tests.ops.node_checks import refuse, source_of
from tests.ops.wide_checks import wide
from tests.tiny_model import constant
from verify.ops.base import OperatorSource

X, X2 = wide(0, (1, 4, 3, 5)), wide(1, (1, 4, 3, 2))
SIDES = np.array([[0, 0], [2, 1], [0, 3], [1, 0]], np.int32)
BOUNDS = [constant(i, np.array(v, np.int32)) for i, v in ((1, (0, 1, 0, 2)), (2, (1, 2, 3, 3)), (3, (1, 4, 3, 5)))]
STEPS = constant(4, np.array((1, 1, 2, 1), np.int32))
MASKS = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0)


def padded(value: int | None = None) -> OperatorSource:
    more = () if value is None else (constant(4, np.array(value, np.int16), 0.001),)
    kind = "PAD" if value is None else "PADV2"
    return source_of(kind, (X, constant(2, SIDES), *more), wide(3, (1, 7, 6, 6)))


CASES = [
    padded(),
    padded(-1),
    source_of("CONCATENATION", (X, X2), wide(3, (1, 4, 3, 7)), axis=3, fused_activation_function="NONE"),
    source_of("SLICE", (X, BOUNDS[0], BOUNDS[1]), wide(5, (1, 2, 3, 3))),
    source_of("STRIDED_SLICE", (X, BOUNDS[0], BOUNDS[2], STEPS), wide(5, (1, 3, 2, 3)), **MASKS),
    source_of(
        "SPLIT", (constant(1, np.array(2, np.int32)), X), [wide(5 + k, (1, 4, 1, 5)) for k in range(3)], num_splits=3
    ),
]


@pytest.mark.parametrize("source", CASES, ids=lambda source: source.kind)
def test_as_tflm(source: OperatorSource) -> None:
    kernel_equals_reference(equals_tflm(source, litert=False), dtype="int16")


def test_refusals() -> None:
    refuse(padded(3), "PADV2 on int16 with this value .*both its bytes must be the same; found 3")
    mixed = dataclasses.replace(X, quantization=wide(0, (1,), 0.5).quantization)
    refuse(source_of("PAD", (mixed, constant(2, SIDES)), wide(3, (1, 7, 6, 6))), "they must be equal")
