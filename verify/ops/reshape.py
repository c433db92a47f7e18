"""RESHAPE, SQUEEZE and EXPAND_DIMS: the same bytes under another shape. The reader makes them aliases.

Source: tensorflow/lite/micro/kernels/reshape_common.cc.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops.base import Defaults, MovesOnly, OperatorSource, PadsNothing
from verify.ops.operand_checks import (
    constant_integers,
    operands_of,
    positive_axis,
    require_same_dtype,
    require_shape,
    unsupported,
)
from verify.ops.rows import Shape, as_rows


@dataclass(frozen=True)
class Reshape(MovesOnly, PadsNothing, Defaults):
    """The result's shape is the one that the file records, after checking it against the requested one."""

    shape: Shape
    kind: ClassVar[str] = "RESHAPE"
    tflm_stays: ClassVar[bool] = True  # it compares the two addresses, and copies nothing where they are equal

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        x, *requested = operands_of(source, None)
        y = source.outputs[0]
        require_same_dtype(source.kind, x, y)
        if requested:
            asked = constant_integers(source.kind, "shape", requested[0])
            require_shape(source.kind, y, resolve(asked, math.prod(x.shape)))
        if math.prod(y.shape) != math.prod(x.shape):
            rule = "operand and result must have as many elements"
            raise unsupported(f"{source.kind} of these shapes", rule, f"{x.shape} to {y.shape}")
        return cls(y.shape)

    @property
    def alias(self) -> bool:
        return True

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return (as_rows(inputs[0].reshape(self.shape), rows),)


@dataclass(frozen=True)
class Squeeze(Reshape):
    """Drops axes of extent 1: those in `squeeze_dims`, or all where it is empty."""

    kind: ClassVar[str] = "SQUEEZE"
    tflm_stays: ClassVar[bool] = False  # memcpy whatever the addresses are

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        (x,), (y,) = operands_of(source, 1), source.outputs
        require_same_dtype(source.kind, x, y)
        asked = source.options.get("squeeze_dims", ())
        assert isinstance(asked, Iterable), "squeeze_dims is a vector in the schema"
        axes = {positive_axis(source.kind, int(axis), len(x.shape)) for axis in asked}
        if any(x.shape[axis] != 1 for axis in axes):
            raise unsupported("SQUEEZE of these axes", "they must have extent 1", f"axes {sorted(axes)} of {x.shape}")
        axes = axes or {axis for axis, extent in enumerate(x.shape) if extent == 1}
        shape = tuple(extent for axis, extent in enumerate(x.shape) if axis not in axes)
        require_shape(source.kind, y, shape)
        return cls(shape)


@dataclass(frozen=True)
class ExpandDims(Reshape):
    """Adds an axis of extent 1 at a constant place."""

    kind: ClassVar[str] = "EXPAND_DIMS"
    tflm_stays: ClassVar[bool] = True  # element i is copied to element i

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        x, axis = operands_of(source, 2)
        require_same_dtype(source.kind, x, *source.outputs)
        values = constant_integers(source.kind, "axis", axis)
        if len(values) != 1:
            raise unsupported("EXPAND_DIMS of several axes", "the axis must be one integer", values)
        place = positive_axis(source.kind, values[0], len(x.shape) + 1)
        shape = (*x.shape[:place], 1, *x.shape[place:])
        require_shape(source.kind, source.outputs[0], shape)
        return cls(shape)


def resolve(requested: Sequence[int], elements: int) -> Shape:
    """A requested shape with its -1, of which there may be one, replaced by what is left of the elements."""
    known = math.prod(extent for extent in requested if extent != -1)
    return tuple(elements // max(1, known) if extent == -1 else extent for extent in requested)
