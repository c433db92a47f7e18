"""What functions of one int16 value have in common; slopes.py and curves.py have the functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from verify.graph.tensor import is_image
from verify.ops.base import OperatorSource
from verify.ops.elementwise import Pointwise
from verify.ops.operand_checks import operands_of, require_shape
from verify.ops.rows import Shape, as_rows
from verify.ops.wide.rescale import symmetric


@dataclass(frozen=True)
class WideUnary(Pointwise):
    """A function of one int16 value."""

    def seen_as(self, shape: Shape) -> Self:
        return type(self)(**{**vars(self), "shape": shape})

    @property
    def tile_wise(self) -> bool:
        return is_image(self.shape)

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Stored results, int64, of stored inputs, int64."""
        raise NotImplementedError

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return (self.apply(as_rows(inputs[0], rows).astype(np.int64)).astype(np.int16),)


def unary(source: OperatorSource) -> tuple[Shape, float, float]:
    """Shape and scales of an operator with one int16 operand and one int16 result of its shape.

    Raises:
      UnsupportedError: if it is anything else.
    """
    (x,), (y,) = operands_of(source, 1), source.outputs
    scales = symmetric(source, x), symmetric(source, y)
    require_shape(source.kind, y, x.shape)
    return x.shape, *scales
