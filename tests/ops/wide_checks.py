"""Operators on int16 activations with int8 weights, for the tests of the folder verify/ops/wide."""

from collections.abc import Sequence

import numpy as np

from tests.tiny_model import activation, constant
from verify.graph.tensor import DType, Tensor
from verify.ops.base import OperatorSource


def wide(index: int, shape: Sequence[int], scale: float = 0.001, zero_point: int = 0) -> Tensor:
    """An int16 activation."""
    return activation(index, shape, scale, zero_point, DType.INT16)


def weighted(
    kind: str,
    shape: Sequence[int],
    weights: np.ndarray,
    axis: int,
    result: Sequence[int],
    bias: bool = True,
    per_channel: bool = True,
    large: bool = False,
    seed: int = 0,
    **options: object,
) -> OperatorSource:
    """An operator with weights, and scales by which results use most of their range.

    `large`: biases beyond 32 bits, which saturate results.
    """
    rng = np.random.default_rng(seed)
    channels = weights.shape[axis]
    scales = rng.uniform(0.002, 0.02, channels if per_channel else 1)
    products = weights.size / channels
    values = rng.integers(-(2**35), 2**35, channels) if large else rng.integers(-(2**24), 2**24, channels)
    more = [constant(2, values, scales * 0.001)] if bias else []
    x, y = wide(0, shape), wide(3, result, 0.001 * 0.5 * np.sqrt(products) * 2)
    return OperatorSource(kind, (x, constant(1, weights, scales, axis=axis), *more), (y,), options)
