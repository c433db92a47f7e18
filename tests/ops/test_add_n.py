"""ADD_N."""

import numpy as np
import pytest

from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.tiny_model import activation
from verify.ops.base import OperatorSource

Shape = tuple[int, ...]
SCALES = (0.1, -3), (0.2, 5)


def add_n(shape: Shape, count: int, scales=SCALES) -> OperatorSource:
    operands = [activation(k, shape, *scales[0]) for k in range(count)]
    return source_of("ADD_N", operands, activation(99, shape, *scales[1]))


@pytest.mark.parametrize("count", [2, 3, 15])
@pytest.mark.parametrize("shape", [(7,), (3, 5), (4, 3, 2), (1, 5, 3, 2), (2, 3, 2, 3, 2)])
def test_shapes(shape: Shape, count: int) -> None:
    rng = np.random.default_rng(0)
    inputs = [int8(rng, *shape) for _ in range(count)]
    check_oracles(add_n(shape, count), inputs, litert=False)
    check_kernel(add_n(shape, count), inputs)


@pytest.mark.parametrize("scales", [((0.1, -128), (0.1, -128)), ((1.5, 0), (0.3, 100)), ((0.001, 127), (1.0, 0))])
def test_scales(scales) -> None:
    rng = np.random.default_rng(1)
    inputs = [np.concatenate([int8(rng, 500), np.full(9, end, np.int8)]) for end in (127, 127, -128)]
    check_oracles(add_n((509,), 3, scales), inputs, litert=False)
    check_kernel(add_n((509,), 3, scales), inputs)


def test_windows_and_in_place() -> None:
    rng = np.random.default_rng(0)
    inputs = [int8(rng, 1, 4, 3, 2) for _ in range(3)]
    check_region(add_n((1, 4, 3, 2), 3, ((0.1, 0), (0.5, 0))), inputs)
    check_in_place(add_n((1, 4, 3, 2), 3), inputs)


def test_refusals() -> None:
    refuse(add_n((3,), 1), "ADD_N of these operands is not supported; at least two, of one shape and quantization")
    refuse(
        add_n((3,), 16, ((0.1, -128), (0.1, 0))), "ADD_N of so many values is not supported; .*leave 32 bits; found 16"
    )
    operands = activation(0, (3,), 0.1), activation(1, (3,), 0.2)
    refuse(source_of("ADD_N", operands, activation(2, (3,), 0.1)), "ADD_N of these operands is not supported")
