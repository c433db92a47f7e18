"""DEPTH_TO_SPACE and SPACE_TO_DEPTH."""

import numpy as np
import pytest

from tests.ops.node_checks import check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.tiny_model import activation, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import Window
from verify.ops.base import OperatorSource


def blocks(kind: str, shape: tuple[int, ...], block: int, dtype: DType = DType.INT8) -> OperatorSource:
    n, height, width, depth = shape
    deep = kind == "SPACE_TO_DEPTH"
    size = (height // block, width // block) if deep else (height * block, width * block)
    result = (n, *size, depth * block**2 if deep else depth // block**2)
    return source_of(kind, (activation(0, shape, dtype=dtype),), activation(1, result, dtype=dtype), block_size=block)


CASES = [
    ("DEPTH_TO_SPACE", (1, 3, 4, 12), 2),
    ("DEPTH_TO_SPACE", (1, 4, 1, 9), 3),
    ("DEPTH_TO_SPACE", (2, 3, 2, 8), 2),
    ("DEPTH_TO_SPACE", (1, 3, 2, 5), 1),
    ("SPACE_TO_DEPTH", (1, 6, 4, 3), 2),
    ("SPACE_TO_DEPTH", (1, 3, 9, 2), 3),
    ("SPACE_TO_DEPTH", (2, 4, 2, 3), 2),
]


@pytest.mark.parametrize(("kind", "shape", "block"), CASES)
def test_all(kind: str, shape: tuple[int, ...], block: int) -> None:
    source, inputs = blocks(kind, shape, block), [int8(np.random.default_rng(0), *shape)]
    check_oracles(source, inputs)
    check_kernel(source, inputs)
    check_region(source, inputs)


def test_one_undoes_the_other() -> None:
    image = int8(np.random.default_rng(0), 1, 3, 4, 12)
    pixels = node_of(blocks(*CASES[0])).op.reference([image], range(6))[0].reshape(1, 6, 8, 3)
    back = node_of(blocks("SPACE_TO_DEPTH", (1, 6, 8, 3), 2)).op.reference([pixels], range(3))[0]
    np.testing.assert_array_equal(back.reshape(image.shape), image)


def test_windows() -> None:
    wide, deep = (node_of(blocks(kind, (1, 4, 4, 4), 2)).op for kind in ("DEPTH_TO_SPACE", "SPACE_TO_DEPTH"))
    assert wide.window(0, Axis.HEIGHT) == wide.window(0, Axis.WIDTH) == Window(upsample=2)
    assert deep.window(0, Axis.HEIGHT) == Window(kernel=2, stride=2)
    assert node_of(blocks("DEPTH_TO_SPACE", (2, 4, 4, 4), 2)).op.window(0, Axis.HEIGHT) is None


def test_elements_of_four_bytes() -> None:
    source = blocks("DEPTH_TO_SPACE", (1, 2, 3, 8), 2, DType.FLOAT32)
    check_kernel(source, [np.random.default_rng(0).normal(size=(1, 2, 3, 8)).astype(np.float32)])


def test_refusals() -> None:
    x, y = activation(0, (1, 4, 4, 6)), activation(1, (1, 8, 8, 1))
    refuse(source_of("DEPTH_TO_SPACE", (x,), y, block_size=2), r"they must divide by 2\^2; found 6")
    refuse(source_of("SPACE_TO_DEPTH", (x,), y, block_size=3), r"height and width must divide by 3; found \(4, 4\)")
    refuse(source_of("DEPTH_TO_SPACE", (x,), y), "an image must fall into blocks")
    refuse(source_of("DEPTH_TO_SPACE", (activation(0, (1, 4, 4, 8)),), y, block_size=2), "with this result shape")
