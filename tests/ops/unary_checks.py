"""Checks of operators that are functions of one int8 value."""

import numpy as np

from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, check_region, int8, source_of
from tests.tiny_model import activation, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource

Scaled = tuple[float, int]

EVERY = np.arange(-128, 128, dtype=np.int8)


def unary(
    kind: str,
    operand: Scaled,
    result: Scaled,
    shape: tuple[int, ...] = (256,),
    dtypes: tuple[DType, DType] = (DType.INT8, DType.INT8),
    **options: object,
) -> OperatorSource:
    x, y = activation(0, shape, *operand, dtypes[0]), activation(1, shape, *result, dtypes[1])
    return source_of(kind, (x,), y, **options)


def check_every_value(kind: str, operand: Scaled, result: Scaled, litert: bool = True, **options: object) -> None:
    check_oracles(unary(kind, operand, result, **options), [EVERY], litert=litert)


def check_pointwise(kind: str, operand: Scaled, result: Scaled, **options: object) -> None:
    """Kernel, windows and in-place work on shapes of several ranks."""
    rng = np.random.default_rng(0)
    for shape in ((7,), (3, 5), (4, 3, 2), (1, 5, 3, 2), (2, 2, 3, 2), (2, 1, 2, 3, 2)):
        source = unary(kind, operand, result, shape, **options)
        inputs = [int8(rng, *shape)]
        check_kernel(source, inputs)
        check_in_place(source, inputs)
        check_region(source, inputs)
        windows = [node_of(source).op.window(0, axis) for axis in (Axis.HEIGHT, Axis.WIDTH, Axis.TIME)]
        assert windows == ([POINTWISE, POINTWISE, None] if shape == (1, 5, 3, 2) else [None] * 3)
        assert node_of(source).op.row_wise
