"""GATHER at computed places: slices of an int8 operand along one axis, which an int32 operand names while it runs.

Source: tensorflow/lite/micro/kernels/gather.cc.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from verify.graph.tensor import DType, Tensor
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.base import CountsNoMacs, Defaults, OperatorSource, PadsNothing
from verify.ops.operand_checks import require_dtype, require_shape
from verify.ops.rows import Shape, as_rows, check_shape


@dataclass(frozen=True)
class Gathered(CountsNoMacs, PadsNothing, Defaults):
    """Slices along one axis. A place that the operand does not have, at which TFLM ends the inference, is the nearest.

    Args:
      shapes: of the operand and of the places, whose axes stand where `axis` was.
      result: shape of what they make.
      axis: of the operand.
    """

    shapes: tuple[Shape, Shape]
    result: Shape
    axis: int
    kind: ClassVar[str] = "GATHER"

    @classmethod
    def of(cls, source: OperatorSource, x: Tensor, at: Tensor, axis: int) -> "Gathered":
        """Of an operator whose axis was read.

        Raises:
          UnsupportedError: if other elements than int8 are taken, or the result has another shape.
        """
        (y,) = source.outputs
        for tensor in (x, y):
            require_dtype(f"{source.kind} at computed places", tensor, DType.INT8)
        result = (*x.shape[:axis], *at.shape, *x.shape[axis + 1 :])
        for shape in (x.shape, at.shape, result):
            check_shape(source.kind, shape)
        require_shape(source.kind, y, result)
        return cls((x.shape, at.shape), result, axis)

    @property
    def operands(self) -> tuple[int, ...]:
        return (0, 1)

    @property
    def row_wise(self) -> bool:
        return True

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return operands[0]

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """Places are brought into the axis before they are counted with."""
        return (intermediate("element of the operand", 0, math.prod(self.shapes[0]) - 1),)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        places = np.clip(inputs[1], 0, self.shapes[0][self.axis] - 1)
        return (as_rows(np.take(inputs[0], places, axis=self.axis), rows),)
