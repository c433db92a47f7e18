"""SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND as they move pixels, without paddings and crops."""

import numpy as np
import pytest

from tests.ops.node_checks import check_kernel, check_oracles, int8, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.ops.base import OperatorSource

NONE = ((0, 0), (0, 0))


Shape = tuple[int, ...]


def moved(kind: str, shape: Shape, block: Shape, sides: object, result: Shape) -> OperatorSource:
    counts = constant(2, np.array(block, np.int32)), constant(3, np.array(sides, np.int32))
    return source_of(kind, (activation(0, shape, 0.1, 3), *counts), activation(1, result, 0.1, 3))


def apart(shape: Shape, block: Shape, sides: object = NONE, result: Shape | None = None) -> OperatorSource:
    n, height, width, depth = shape
    parts = n * block[0] * block[1], height // block[0], width // block[1], depth
    return moved("SPACE_TO_BATCH_ND", shape, block, sides, result or parts)


def together(shape: Shape, block: Shape, sides: object = NONE, result: Shape | None = None) -> OperatorSource:
    n, height, width, depth = shape
    whole = n // (block[0] * block[1]), height * block[0], width * block[1], depth
    return moved("BATCH_TO_SPACE_ND", shape, block, sides, result or whole)


@pytest.mark.parametrize("block", [(1, 1), (2, 2), (3, 1), (1, 2), (2, 4)])
@pytest.mark.parametrize("batch", [1, 3])
def test_both(batch: int, block: tuple[int, int]) -> None:
    whole = batch, 3 * block[0], 2 * block[1], 5
    parts = batch * block[0] * block[1], 3, 2, 5
    for source, shape in ((apart(whole, block), whole), (together(parts, block), parts)):
        inputs = [int8(np.random.default_rng(0), *shape)]
        check_oracles(source, inputs)
        check_kernel(source, inputs)
        assert node_of(source).op.unfolded is None


def test_what_runs_in_a_pair_only() -> None:
    padded = apart((1, 3, 4, 2), (2, 2), ((1, 0), (0, 0)), (4, 2, 2, 2))
    assert "only in a pair around a convolution" in (node_of(padded).op.unfolded or "")
    cropped = together((4, 2, 2, 3), (2, 2), ((1, 0), (0, 0)), (1, 3, 4, 3))
    assert "only in a pair around a convolution" in (node_of(cropped).op.unfolded or "")
    opened = apart((1, 4, 4, 2), (2, 2), NONE, (1, 2, 2, 2))
    assert "as of an open batch" in (node_of(opened).op.unfolded or "")


def test_refusals() -> None:
    refuse(apart((1, 3, 4, 2), (2, 2)), r"padded extents must divide by \(2, 2\)")
    refuse(apart((1, 4, 4, 2), (2, 2), ((-1, 1), (0, 0))), "have a block and two counts each")
    refuse(together((4, 2, 2, 3), (2, 2), result=(1, 4, 5, 3)), "with this result shape is not supported")
