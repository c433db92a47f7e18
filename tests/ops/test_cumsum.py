"""CUMSUM."""

import numpy as np
import pytest

from tests.ops.node_checks import check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource

Shape = tuple[int, ...]
SCALES = (0.1, -3), (0.2, 5)


def cumsum(shape: Shape, axis: int, scales=SCALES, **ways: bool) -> OperatorSource:
    x, y = activation(0, shape, *scales[0]), activation(2, shape, *scales[1])
    return source_of("CUMSUM", (x, constant(1, np.array([axis], np.int32))), y, **ways)


@pytest.mark.parametrize("way", range(4))
@pytest.mark.parametrize("shape", [(7,), (1,), (3, 5), (4, 3, 2), (1, 5, 3, 2), (2, 3, 2, 3, 2)])
def test_all_axes(shape: Shape, way: int) -> None:
    rng = np.random.default_rng(0)
    inputs = [int8(rng, *shape), np.array([0], np.int32)]
    for axis in range(-1, len(shape)):
        source = cumsum(shape, axis, exclusive=bool(way % 2), reverse=bool(way // 2))
        check_oracles(source, inputs[:1], litert=False)
        check_kernel(source, inputs[:1])


@pytest.mark.parametrize("scales", [((0.1, -128), (0.1, -128)), ((1.5, 0), (0.3, 100)), ((0.001, 127), (1.0, 0))])
def test_scales(scales) -> None:
    """As many values as TFLM can add of any, and a zero point at an end."""
    inputs = [int8(np.random.default_rng(1), 40, 15)]
    inputs[0][0], inputs[0][1] = 127, -128
    source = cumsum((40, 15), 1, scales)
    check_oracles(source, inputs, litert=False)
    check_kernel(source, inputs)


def test_windows() -> None:
    """Rows are independent of each other along width and channels."""
    shape = (1, 4, 3, 2)
    for axis in (2, 3):
        check_region(cumsum(shape, axis), [int8(np.random.default_rng(0), *shape)])
        assert node_of(cumsum(shape, axis)).op.window(0, Axis.HEIGHT) == POINTWISE
    assert node_of(cumsum(shape, 1)).op.window(0, Axis.HEIGHT) is None
    assert not node_of(cumsum(shape, 1)).op.row_wise


def test_upright() -> None:
    other = node_of(cumsum((1, 6, 3), 2)).op.reordered((0, 1, None, 2))
    assert other is not None and other.op.axis == 3 and other.output_shapes == ((1, 6, 1, 3),)


def test_refusals() -> None:
    refuse(
        cumsum((3, 16), 1, ((0.1, -128), (0.1, 0))),
        "CUMSUM of so many values is not supported; .*leave 32 bits; found 16",
    )
    refuse(
        cumsum((3,), 0, ((1e6, 0), (0.1, 0))), "CUMSUM between these scales is not supported; twice the operand's scale"
    )
    refuse(cumsum((3,), 1), "CUMSUM along this axis is not supported")
