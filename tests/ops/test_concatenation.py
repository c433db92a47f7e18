"""CONCATENATION and PACK."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource


def concatenation(shapes, axis: int, dtype: DType = DType.INT8, **options: object) -> OperatorSource:
    result = np.concatenate([np.empty(shape, np.int8) for shape in shapes], axis).shape
    inputs = [activation(i, shape, dtype=dtype) for i, shape in enumerate(shapes)]
    return source_of("CONCATENATION", inputs, activation(99, result, dtype=dtype), axis=axis, **options)


def pack(shape, count: int, axis: int, dtype: DType = DType.INT8) -> OperatorSource:
    result = np.stack([np.empty(shape, np.int8)] * count, axis).shape
    inputs = [activation(i, shape, dtype=dtype) for i in range(count)]
    return source_of("PACK", inputs, activation(99, result, dtype=dtype), axis=axis, values_count=count)


def arrays(source: OperatorSource, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [int8(rng, *tensor.shape).astype(tensor.dtype.numpy) for tensor in source.inputs if tensor is not None]


@st.composite
def concatenations(draw: st.DrawFn, max_rank: int) -> OperatorSource:
    rank = draw(st.integers(1, max_rank))
    axis = draw(st.integers(-rank, rank - 1))
    shape = draw(st.lists(st.integers(1, 4), min_size=rank, max_size=rank))
    shapes = []
    for extent in draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)):
        shape[axis] = extent
        shapes.append(tuple(shape))
    return concatenation(shapes, axis)


@settings(max_examples=60)
@given(concatenations(max_rank=4), st.integers(0, 2**32 - 1))
def test_reference(source: OperatorSource, seed: int) -> None:
    check_oracles(source, arrays(source, seed))


@settings(max_examples=20)
@given(concatenations(max_rank=5), st.integers(0, 2**32 - 1))
def test_kernel_equals_reference(source: OperatorSource, seed: int) -> None:
    check_kernel(source, arrays(source, seed))


@pytest.mark.parametrize(
    ("axis", "windows", "row_wise"),
    [
        (1, (None, POINTWISE), False),
        (2, (POINTWISE, None), True),
        (3, (POINTWISE, POINTWISE), True),
        (-1, (POINTWISE, POINTWISE), True),
    ],
)
def test_windows(axis: int, windows, row_wise: bool) -> None:
    shapes = [[1, 4, 3, 2], [1, 4, 3, 2]]
    shapes[1][axis] = 5
    source = concatenation(list(map(tuple, shapes)), axis)
    op = node_of(source).op
    for position in (0, 1):
        assert (op.window(position, Axis.HEIGHT), op.window(position, Axis.WIDTH)) == windows
    assert op.row_wise == row_wise
    check_region(source, arrays(source))
    check_kernel(source, arrays(source))


def test_a_batch_has_no_window() -> None:
    source = concatenation([(1, 4, 3, 2), (1, 4, 3, 2)], 0)
    assert node_of(source).op.window(0, Axis.HEIGHT) is None
    assert not node_of(source).op.row_wise
    check_kernel(source, arrays(source))


def test_floats_and_constants() -> None:
    source = concatenation([(1, 2, 3), (1, 5, 3)], 1, DType.FLOAT32)
    check_oracles(source, arrays(source))
    check_kernel(source, arrays(source))
    fixed = constant(5, int8(np.random.default_rng(0), 2, 4), 1.0)
    mixed = source_of("CONCATENATION", (activation(0, (2, 3)), fixed), activation(1, (2, 7)), axis=1)
    assert node_of(mixed).op.operands == (0, 1)
    check_oracles(mixed, arrays(mixed)[:1] + [fixed.data])


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (4, 2, 3)])
@pytest.mark.parametrize("dtype", [DType.INT8, DType.INT32])
def test_pack(shape: tuple[int, ...], dtype: DType) -> None:
    for axis in range(-len(shape) - 1, len(shape) + 1):
        source = pack(shape, 3, axis, dtype)
        check_oracles(source, arrays(source), tflm=shape != ())
        check_kernel(source, arrays(source))


def test_pack_of_extents() -> None:
    """What models compute shapes with: scalars, the constant ones among them."""
    inputs = (activation(0, (), dtype=DType.INT32), constant(1, np.array(-1, np.int32)))
    source = source_of("PACK", inputs, activation(2, (2,), dtype=DType.INT32), axis=0, values_count=2)
    (result,) = node_of(source).op.reference([np.array(7, np.int32), np.array(-1, np.int32)], range(1))
    assert result.tolist() == [[7, -1]]


def test_refusals() -> None:
    refuse(
        concatenation([(2, 3), (2, 3)], 1, fused_activation_function="RELU"), "with a fused activation is not supported"
    )
    x1, x2, y = activation(0, (2, 3), 0.1), activation(1, (2, 3), 0.2), activation(2, (2, 6), 0.1)
    message = "CONCATENATION with rescaling is not supported; all scales and zero points must be equal"
    refuse(source_of("CONCATENATION", (x1, x2), y, axis=1), message)
    refuse(
        source_of("CONCATENATION", (x1, x1), y, axis=2), r"along this axis is not supported; it must be in \[-2, 2\)"
    )
    other = activation(1, (3, 3), 0.1)
    refuse(
        source_of("CONCATENATION", (x1, other), y, axis=1), "of these shapes is not supported; shapes may differ along"
    )
    refuse(source_of("PACK", (x1, other), y, axis=1), "PACK of these shapes is not supported; they must be equal")
    mixed = activation(1, (2, 3), dtype=DType.FLOAT32)
    refuse(source_of("CONCATENATION", (x1, mixed), y, axis=1), "CONCATENATION between element types is not supported")
