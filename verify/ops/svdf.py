"""SVDF on int8: what vectors give in each of the last calls, weighted by how long ago that was.

The state is a variable of the file, a row of calls per filter, which TFLM moves up by one in each call. Here what a
call gives is kept where it is, as frames are (`Op.over_calls`), in place of moving it.

TFLM sums in 32 bits, and what it gives where that overflows is nothing that C defines; here sums have 64 bits, and what
does not fit 32 is as far as these reach.

Source: tensorflow/lite/micro/kernels/svdf_common.cc (EvalIntegerSvdfReference, PrepareSvdf).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self, cast

import numpy as np

from verify.graph.tensor import Axis
from verify.graph.window import Window
from verify.ops.arithmetic import INT32, Intermediate, Stored, intermediate, rescaled, sums_of_products
from verify.ops.base import Defaults, Op, OperatorSource, OverCalls, PadsNothing
from verify.ops.operand_checks import integer_option, multiplier, per_tensor, require_shape, unsupported
from verify.ops.requantize import requantize
from verify.ops.rows import check_shape
from verify.ops.svdf_filters import Filters, read_ends, scale_of

STATE = 4
"""Position of the variable among the operands."""

INT64 = (-(2**63), 2**63 - 1)


@dataclass(frozen=True, eq=False)
class Svdf(PadsNothing, Defaults):
    """Per unit: the sum over its filters and over the last calls of weight * (product of vector and filter, then).

    Args:
      filters: what each call gives.
      weights: [filters, calls] int8 or int16, those of the oldest call first.
      bias: int32 [units], or None.
      rank: filters of a unit.
      scale: multiplier and shift from sums to results.
      zero_point: of the results.
    """

    kind: ClassVar[str] = "SVDF"
    variables: ClassVar[tuple[int, ...]] = (STATE,)

    filters: Filters
    weights: np.ndarray
    bias: np.ndarray | None
    rank: int
    scale: tuple[int, int]
    zero_point: int

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        x, features, times, bias, state, y = read_ends(source)
        rank, (count, depth), calls = integer_option(source, "rank", 1), features.shape, times.shape[-1]
        vectors = x.shape[0] if x.shape else 0
        if rank < 1 or count % rank:
            raise unsupported(f"SVDF of rank {rank}", "units have a whole number of filters", f"{count} filters")
        require_shape("SVDF", x, (vectors, depth))
        require_shape("SVDF", times, (count, calls))
        require_shape("SVDF", state, (vectors, calls * count))
        require_shape("SVDF", y, (vectors, count // rank))
        check_shape("SVDF", x.shape)
        scales = [scale_of(tensor) for tensor in (x, features, state, times, y)]
        first, second = scales[0] * scales[1] / scales[2], scales[2] * scales[3] / scales[4]
        assert features.data is not None and times.data is not None
        filters = Filters(vectors, features.data, per_tensor("SVDF", x)[1], multiplier("SVDF", first), state.dtype)
        values = None if bias is None or bias.data is None else bias.data.reshape(-1)
        scale = multiplier("SVDF", second)
        return cls(filters, times.data, values, rank, scale, per_tensor("SVDF", y)[1])

    def over_calls(self) -> OverCalls:
        shape = (self.filters.vectors, len(self.weights))
        first = cast(Op, self.filters)  # no builtin, so that no file has one
        return OverCalls(first, self, shape, self.filters.dtype, self.weights.shape[1], 0)

    def window(self, position: int, axis: Axis) -> Window | None:
        """Of the image whose rows are calls."""
        return Window(self.weights.shape[1]) if axis is Axis.HEIGHT else None

    @property
    def row_wise(self) -> bool:
        return True

    @property
    def macs(self) -> int:
        """Of one result for each slot of the ring, as of all that slides over frames."""
        return self.filters.vectors * self.weights.size * self.weights.shape[1]

    @property
    def constants(self) -> Mapping[str, np.ndarray]:
        found = {"weights": self.weights, "bias": self.bias}
        return {name: values for name, values in found.items() if values is not None}

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        units = self.weights.reshape(-1, self.rank * self.weights.shape[1])
        low, high = sums_of_products(units, 0, operands[0])
        start = np.zeros(len(units), np.int64) if self.bias is None else self.bias.astype(np.int64)
        low, high, what = low + start, high + start, "sum over calls and bias"
        least, most = np.clip(low, *INT32), np.clip(high, *INT32)
        return (
            intermediate(what, low, high, INT64),
            *rescaled(f"{what} within 32 bits", least, most, *self.scale, self.zero_point),
        )

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        count, calls = self.weights.shape
        image = inputs[0].reshape(-1, self.filters.vectors, count).astype(np.int64)
        found = []
        for y in rows:
            sums = np.einsum("tvf,ft->vf", image[y : y + calls], self.weights.astype(np.int64))
            units = sums.reshape(self.filters.vectors, -1, self.rank).sum(-1)
            units = units if self.bias is None else units + self.bias
            units = np.clip(units, *INT32)
            found.append(np.clip(requantize(units, *self.scale) + self.zero_point, -128, 127).astype(np.int8))
        return (np.stack(found),)
