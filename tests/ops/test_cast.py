"""CAST: every pair of types against TFLM, the kernel against the reference, its windows."""

import itertools

import numpy as np
import pytest

from tests.ops.node_checks import check_kernel, check_oracles, refuse, source_of
from tests.tiny_model import activation, build_model, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource
from verify.ops.cast import TYPES
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.tflite.read import read_model

SHAPE = (1, 4, 3, 5)
REALS = (np.nan, np.inf, -np.inf, 1e10, -1e10, 127.99, -128.99, -129.5, 32768.5, 2147483520.0, -0.5, -0.0, 1e-40, 3e9)


def cast(source: DType, target: DType, shape: tuple[int, ...] = SHAPE) -> OperatorSource:
    return source_of("CAST", (activation(0, shape, 0.1, 3, source),), activation(1, shape, 0.2, -5, target))


def values(dtype: DType, target: DType) -> np.ndarray:
    """Of the whole range; reals at and beyond the ends of all types."""
    rng = np.random.default_rng(1)
    if dtype is DType.FLOAT32:
        found = rng.normal(0, 300, SHAPE).astype(np.float32)
        found.reshape(-1)[: len(REALS)] = REALS
        return found if target is not dtype else np.nan_to_num(found)  # NaN equals nothing
    if dtype is DType.BOOL:
        return rng.random(SHAPE) < 0.5
    info = np.iinfo(dtype.numpy)
    found = rng.integers(info.min, info.max + 1, SHAPE, dtype.numpy)
    found.reshape(-1)[:5] = info.min, info.max, 0, -1, 16777217 % (info.max + 1)
    return found


@pytest.mark.parametrize(("source", "target"), list(itertools.product(TYPES, TYPES)), ids=str)
def test_every_pair_of_types(source: DType, target: DType) -> None:
    """LiteRT makes the largest integer of NaN."""
    operator, inputs = cast(source, target), [values(source, target)]
    check_oracles(operator, inputs, litert=source is not DType.FLOAT32)
    check_kernel(operator, inputs)
    graph = read_model(build_model([operator]), "cast")
    report, proved = check(graph, make_plan(graph, Request("stream")))
    assert proved is not None, report


def test_windows() -> None:
    op = node_of(cast(DType.INT8, DType.FLOAT32)).op
    assert op.window(0, Axis.HEIGHT) == POINTWISE
    assert op.channel_wise


def test_refusals() -> None:
    refuse(cast(DType.UINT8, DType.INT8), "CAST on uint8.*int8 or int16 or int32 or float32 or bool; found uint8")
    wrong = source_of("CAST", (activation(0, (3,)),), activation(1, (4,)))
    refuse(wrong, "CAST")
