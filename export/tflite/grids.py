"""Which values int8 and int16 tensors can hold, and which tensors must hold the same.

Source: TensorFlow Lite 8-bit quantization specification (ai.google.dev/edge/litert/models/quantization_spec).
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from export.tflite.model import Model
from verify.tflite.schema import RawOperator

Range = tuple[float, float]


class Grid(NamedTuple):
    """The values scale * (stored - zero_point), stored in int8 or, with zero_point 0, in int16."""

    scale: float
    zero_point: int

    def stored(self, values: np.ndarray, bits: int = 8) -> np.ndarray:
        """The nearest stored values, of so many bits."""
        kind = np.dtype(f"int{bits}")
        limits = np.iinfo(kind)
        found = np.rint(values.astype(np.float64) / self.scale) + self.zero_point
        return np.clip(found, limits.min, limits.max).astype(kind)


# Operators whose kernels give results on one grid, whatever is asked for; by bits of activations.
FIXED_GRIDS: Mapping[int, Mapping[str, Grid]] = {
    8: {"LOGISTIC": Grid(1 / 256, -128), "SOFTMAX": Grid(1 / 256, -128), "TANH": Grid(1 / 128, 0)},
    16: dict.fromkeys(("LOGISTIC", "SOFTMAX", "TANH"), Grid(1 / 32768, 0)),
}

# Operators whose results are on their operands' grid: they move stored values, compare or average them.
SAME_GRID = frozenset(
    {
        *("AVERAGE_POOL_2D", "CONCATENATION", "EXPAND_DIMS", "MAX_POOL_2D", "MAXIMUM", "MINIMUM", "PACK", "PAD"),
        *("PADV2", "RESHAPE", "RESIZE_NEAREST_NEIGHBOR", "SLICE", "SPLIT", "SPLIT_V", "SQUEEZE", "STRIDED_SLICE"),
        *("TRANSPOSE", "UNPACK"),
    }
)


def spanning(low: float, high: float, bits: int = 8) -> Grid:
    """The grid from `low` to `high`, and to zero if they are on one side of it; zero lies on it exactly. With 16
    bits it reaches as far to either side.

    Raises:
      ValueError: if the two are not finite, or not in order.
    """
    if not -np.inf < low <= high < np.inf:
        raise ValueError(f"a range of values must be finite and in order, found {low} to {high}")
    low, high = min(low, 0.0), max(high, 0.0)
    if bits == 16:
        return Grid(float(np.float32(max(-low, high) / 32767)) or 1.0, 0)
    # A tensor that is always zero can be on any grid.
    scale = float(np.float32((high - low) / 255)) or 1.0
    return Grid(scale, round(-128 - low / scale))


def choose_grids(
    model: Model, ranges: Mapping[int, Range], wanted: Mapping[int, Grid], bits: int = 8
) -> dict[int, Grid]:
    """A grid for every tensor with a range, the same for those that must share it.

    Args:
      model: a model in float.
      ranges: lowest and highest value of tensors, by position.
      wanted: grids that go before ranges. Where several are wanted for tensors that share one, all get the coarsest, so
        that nothing is cut off.
      bits: of activations, 8 or 16.
    """
    ties = _Ties()
    for operator in model.operators:
        if operator.kind in SAME_GRID:
            ties.tie(floats_of(model, operator))
    known = FIXED_GRIDS[bits]
    fixed = {key: known[op.kind] for op in model.operators if op.kind in known for key in op.outputs}
    spans: dict[int, Range] = {}
    for key, (low, high) in ranges.items():
        other = spans.get(ties.root(key), (low, high))
        spans[ties.root(key)] = min(low, other[0]), max(high, other[1])
    grids = {root: spanning(*span, bits) for root, span in spans.items()}
    grids |= _coarsest(ties, wanted) | _coarsest(ties, fixed)
    return {key: grids[ties.root(key)] for key in ranges}


def floats_of(model: Model, operator: RawOperator) -> list[int]:
    """The float tensors of an operator: not its shapes, paddings and axes."""
    return [i for i in (*operator.inputs, *operator.outputs) if i >= 0 and model.tensors[i].dtype == "FLOAT32"]


def _coarsest(ties: "_Ties", wanted: Mapping[int, Grid]) -> dict[int, Grid]:
    grids: dict[int, Grid] = {}
    for key, grid in wanted.items():
        root = ties.root(key)
        if root not in grids or grid.scale > grids[root].scale:
            grids[root] = Grid(float(np.float32(grid.scale)), grid.zero_point)
    return grids


class _Ties:
    """Sets of tensors that share one grid."""

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}

    def root(self, key: int) -> int:
        while key in self._parents:
            key = self._parents[key]
        return key

    def tie(self, keys: Iterable[int]) -> None:
        first, *others = sorted({self.root(key) for key in keys})
        self._parents.update((root, first) for root in others)
