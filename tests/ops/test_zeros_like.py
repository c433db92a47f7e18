"""ZEROS_LIKE, which exists only while a model is read."""

import numpy as np

from tests.ops.node_checks import refuse, source_of
from tests.tiny_model import activation, build_model, node_of, run_tflm
from verify.graph.tensor import DType


def test_stored_zeros_whatever_the_zero_point() -> None:
    source = source_of("ZEROS_LIKE", (activation(0, (2, 3), 0.1, 7),), activation(1, (2, 3), 0.1, 7))
    op = node_of(source).op
    assert op.operands == ()
    (expected,) = run_tflm(build_model([source]), [np.ones((2, 3), np.int8)])
    np.testing.assert_array_equal(op.reference([], range(2))[0], expected)


def test_refusals() -> None:
    x = activation(0, (2, 3))
    refuse(source_of("ZEROS_LIKE", (x,), activation(1, (2, 3), dtype=DType.INT32)), "ZEROS_LIKE between element types")
    boolean = activation(0, (2, 3), dtype=DType.BOOL), activation(1, (2, 3), dtype=DType.BOOL)
    refuse(source_of("ZEROS_LIKE", boolean[:1], boolean[1]), "ZEROS_LIKE on bool is not supported")
