"""ADD_N on int8.

Source: tensorflow/lite/micro/kernels/add_n.cc.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, DType, is_image
from verify.graph.window import POINTWISE, Window
from verify.ops.base import OperatorSource, Reordered
from verify.ops.elementwise import Scale
from verify.ops.operand_checks import operands_of, per_tensor, require_dtype, require_shape, unsupported
from verify.ops.rows import all_reordered, as_rows
from verify.ops.summed import Summed


@dataclass(frozen=True)
class AddN(Summed):
    """x1 + x2 + ... of one shape and quantization."""

    count: int
    kind: ClassVar[str] = "ADD_N"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        tensors = operands_of(source, None)
        (y,) = source.outputs
        for tensor in (*tensors, y):
            require_dtype(source.kind, tensor, DType.INT8)
        scales = {per_tensor(source.kind, tensor) for tensor in tensors}
        if len({tensor.shape for tensor in tensors}) > 1 or len(scales) > 1 or len(tensors) < 2:
            found = ", ".join(f"{tensor.shape}" for tensor in tensors)
            raise unsupported("ADD_N of these operands", "at least two, of one shape and quantization", found)
        require_shape(source.kind, y, tensors[0].shape)
        scale = Scale(*scales.pop())
        return cls(y.shape, scale, Scale(*per_tensor(source.kind, y)), len(tensors)).check()

    @property
    def operands(self) -> tuple[int, ...]:
        return tuple(range(self.count))

    @property
    def terms(self) -> int:
        return self.count

    @property
    def row_wise(self) -> bool:
        return True

    def window(self, position: int, axis: Axis) -> Window | None:
        return POINTWISE if axis is Axis.HEIGHT and is_image(self.shape) else None

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        found = all_reordered((self.shape,), axes)
        return None if found is None else Reordered(replace(self, shape=found[0]), found * self.count, found)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        sums = sum(as_rows(x, rows).astype(np.int64) - self.input.zero_point for x in inputs)
        return (self.result(np.asarray(sums)),)
