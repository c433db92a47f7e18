"""FILL of a constant shape with a constant value, folded while the model is read: no kernel exists.

Source: tensorflow/lite/micro/kernels/fill.cc.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops.base import Defaults, MovesOnly, OperatorSource, PadsNothing
from verify.ops.move import check_movable
from verify.ops.operand_checks import constant_integers, operands_of, require_shape, unsupported
from verify.ops.rows import Shape, as_rows


@dataclass(frozen=True)
class Fill(MovesOnly, PadsNothing, Defaults):
    """A tensor of one constant value."""

    shape: Shape
    kind: ClassVar[str] = "FILL"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        dims, value = operands_of(source, 2)
        y = source.outputs[0]
        check_movable(source, (1,))
        shape = constant_integers(source.kind, "shape", dims)
        require_shape(source.kind, y, shape)
        if value.data is None or value.data.size != 1:
            found = "an activation" if value.data is None else f"{value.data.size} values"
            raise unsupported("FILL with a computed value", "it must be one constant", found)
        return cls(shape)

    @property
    def operands(self) -> tuple[int, ...]:
        return (1,)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return (as_rows(np.full(self.shape, inputs[0].reshape(())[()], inputs[0].dtype), rows),)
