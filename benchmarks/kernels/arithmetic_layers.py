"""Arithmetic that few networks have, as models of one operator (benchmarks.kernels.single).

matmul:48:20:w12           BATCH_MATMUL of [w, 48] and [48, 20]; m2: of [20, 48], transposed
sqdiff:48:w20, div:48:w20  SQUARED_DIFFERENCE, DIV, operands of the result's shape
less:48:w20, select:48:w20 LESS, SELECT_V2, the same; addn:48:w20: ADD_N of three
logsoftmax:12:w20          LOG_SOFTMAX; cumsum:48:w20:h5: CUMSUM along the height
"""

import math
from collections.abc import Callable, Mapping

import numpy as np

from benchmarks.kernels.image_layers import SCALE, Line
from tests.tiny_model import activation, constant
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource

INT8, OTHER_SCALE = DType.INT8, 0.0713


def _pair(kind: str, result: float) -> Callable[[Line, np.random.Generator], OperatorSource]:
    def made(line: Line, rng: np.random.Generator) -> OperatorSource:
        a, b, y = (activation(i, line.image, scale, -3) for i, scale in ((1, SCALE), (2, OTHER_SCALE), (9, result)))
        return OperatorSource(kind, (a, b), (y,), {})

    return made


def _matmul(line: Line, rng: np.random.Generator) -> OperatorSource:
    (depth, columns), width = line.channels, line.image[2]
    turned = line.multiplier > 1
    x = activation(1, (width, depth), SCALE, -3)
    y = activation(2, (columns, depth) if turned else (depth, columns), OTHER_SCALE, 7)
    result = activation(9, (width, columns), 0.08 * math.sqrt(depth), 3)
    return OperatorSource("BATCH_MATMUL", (x, y), (result,), {"adj_x": False, "adj_y": turned})


def _less(line: Line, rng: np.random.Generator) -> OperatorSource:
    a, b, y = (activation(i, line.image, SCALE, -3, kind) for i, kind in ((1, INT8), (2, INT8), (9, DType.BOOL)))
    return OperatorSource("LESS", (a, b), (y,), {})


def _select(line: Line, rng: np.random.Generator) -> OperatorSource:
    condition, a, b, y = (activation(i, line.image, SCALE, -3, INT8 if i else DType.BOOL) for i in (0, 1, 2, 9))
    return OperatorSource("SELECT_V2", (condition, a, b), (y,), {})


def _add_n(line: Line, rng: np.random.Generator) -> OperatorSource:
    *operands, y = (activation(i, line.image, scale, -3) for i, scale in enumerate((SCALE, SCALE, SCALE, 0.1)))
    return OperatorSource("ADD_N", tuple(operands), (y,), {})


def _log_softmax(line: Line, rng: np.random.Generator) -> OperatorSource:
    x, y = activation(1, line.image, SCALE, -3), activation(9, line.image, 1 / 16, 127)
    return OperatorSource("LOG_SOFTMAX", (x,), (y,), {})


def _cumsum(line: Line, rng: np.random.Generator) -> OperatorSource:
    x, y = activation(1, line.image, SCALE, -3), activation(9, line.image, 0.1, -3)
    return OperatorSource("CUMSUM", (x, constant(2, np.array([1], np.int32))), (y,), {})


def _cast(line: Line, rng: np.random.Generator) -> OperatorSource:
    """By way of `multiplier` from 1 on: to float32, from it, or to int16."""
    ends = ((INT8, DType.FLOAT32), (DType.FLOAT32, INT8), (INT8, DType.INT16))[line.multiplier - 1]
    x, y = (activation(i, line.image, SCALE, 0, dtype) for i, dtype in zip((1, 9), ends, strict=True))
    return OperatorSource("CAST", (x,), (y,), {})


def _gather(line: Line, rng: np.random.Generator) -> OperatorSource:
    (inner, places), width = line.channels, line.image[2]
    x, y = activation(1, (1, width, inner), SCALE, -3), activation(9, (1, places, inner), SCALE, -3)
    return OperatorSource("GATHER", (x, activation(2, (places,), dtype=DType.INT32)), (y,), {"axis": 1})


ARITHMETIC_LAYERS: Mapping[str, tuple[int, Callable[[Line, np.random.Generator], OperatorSource]]] = {
    "addn": (1, _add_n),
    "cast": (1, _cast),
    "cumsum": (1, _cumsum),
    "div": (1, _pair("DIV", 0.005)),
    "gather": (2, _gather),
    "less": (1, _less),
    "logsoftmax": (1, _log_softmax),
    "matmul": (2, _matmul),
    "select": (1, _select),
    "sqdiff": (1, _pair("SQUARED_DIFFERENCE", 0.5)),
}
"""How many counts of channels a line has, and what makes the operator."""
