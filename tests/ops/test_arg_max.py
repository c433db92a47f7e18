"""ARG_MAX and ARG_MIN."""

import numpy as np
import pytest

from tests.ops.node_checks import check_kernel, int8, refuse, source_of
from tests.tiny_model import activation, build_model, constant, node_of, run_litert, run_tflm
from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource

KINDS = ["ARG_MAX", "ARG_MIN"]
SHAPES = [(7,), (3, 5), (2, 3, 4), (2, 3, 4, 5), (1, 6, 4, 3)]


def arg(
    kind: str, shape: tuple[int, ...], axis: int, dtype: DType = DType.INT32, x: DType = DType.INT8
) -> OperatorSource:
    result = tuple(np.delete(np.array(shape, int), axis).tolist())
    operands = activation(0, shape, 0.1, 3, x), constant(2, np.array([axis], np.int32))
    y = activation(1, result, dtype=dtype)
    return source_of(kind, operands, y, output_type=2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_all_axes(kind: str, shape: tuple[int, ...]) -> None:
    """With few different values, so that there are equal ones."""
    for axis in range(-1, len(shape)):
        if len(shape) == 1:
            continue  # a scalar, which networks do not have
        source = arg(kind, shape, axis)
        node, image = node_of(source), int8(np.random.default_rng(axis + 1), *shape) // 40
        ours = node.op.reference([image], range(10**6))[0].reshape(source.outputs[0].shape)
        for oracle in (run_tflm, run_litert):
            np.testing.assert_array_equal(ours, oracle(build_model([source]), [image])[0], err_msg=oracle.__name__)
        check_kernel(source, [image])
        check_kernel(source, [int8(np.random.default_rng(axis + 1), *shape)])


@pytest.mark.parametrize(
    ("axis", "high", "wide"), [(3, True, True), (2, True, False), (1, False, True), (0, False, False)]
)
def test_windows(axis: int, high: bool, wide: bool) -> None:
    """Per pixel, or along what is left; the node sees an image of one channel."""
    node = node_of(arg("ARG_MAX", (1, 6, 4, 3), axis))
    assert node.output_shapes[0][axis] == 1 and len(node.output_shapes[0]) == 4
    assert node.op.window(0, Axis.HEIGHT) == (POINTWISE if high else None)
    assert node.op.window(0, Axis.WIDTH) == (POINTWISE if wide else None)
    assert node.op.row_wise == high


def test_range_of_the_result() -> None:
    assert node_of(arg("ARG_MIN", (2, 3, 4), 1)).op.stored([(-128, 127)]) == (0, 2)


def test_refusals() -> None:
    refuse(arg("ARG_MAX", (2, 3), 1, DType.INT64), "elements must be int32")
    refuse(arg("ARG_MAX", (2, 3), 1, x=DType.UINT8), "ARG_MAX on uint8 is not supported")
    two = constant(2, np.array([0, 1], np.int32))
    source = source_of("ARG_MAX", (activation(0, (2, 3)), two), activation(1, (), dtype=DType.INT32))
    refuse(source, "the axis must be one integer")
