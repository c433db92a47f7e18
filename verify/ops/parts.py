"""What operators are built from and some of their answers are made of: data, as they stand in a file or in a graph."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from verify.graph.tensor import DType, Tensor

if TYPE_CHECKING:
    from verify.ops.op import Op

_Reordered = TypeVar("_Reordered", covariant=True)


class UnsupportedError(Exception):
    """A model uses something that we do not do. The reader adds which operator, by index and name."""


@dataclass(frozen=True)
class OperatorSource:
    """An operator as it stands in the file.

    Args:
      kind: TFLite's builtin name, such as "CONV_2D".
      inputs: one entry per operand; None where the file marks an optional operand as absent.
      outputs: result tensors.
      options: builtin options, keys in snake_case as in TFLite's schema ("stride_h", "fused_activation_function",
        "padding", ...), enums as their schema names ("SAME", "RELU6").
    """

    kind: str
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    options: Mapping[str, object]


@dataclass(frozen=True)
class Shift:
    """Output position t is operand position t - `before`; positions that the operand lacks hold `value`.

    Where there is a `rest`, that operator on each position has still to be done; of `value` alone it makes `value`.
    """

    before: int
    value: int
    rest: "Op | None" = None


@dataclass(frozen=True)
class Apart:
    """Images that fall into parts: every `block`-th pixel along height and width is one part's.

    `before` and `after` count positions that are added around the images, holding `value`, before they fall apart, or
    are cut off when they are put together. `image` is the shape without the former or after the latter.
    """

    image: tuple[int, ...]
    block: tuple[int, int]
    before: tuple[int, int]
    after: tuple[int, int]
    value: int


@dataclass(frozen=True)
class OverFrames:
    """An operator on `[1, frames, width, channels]` that makes `[1, 1, width, channels]` of it, extents of its own."""

    op: "Op"
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]


@dataclass(frozen=True)
class OverCalls:
    """An operator that keeps something of each call: `op` makes it, of shape `kept` and type `dtype`.

    `then` makes the result of that of the last `calls` ones, rows `[1, 2 * calls - 1, width, channels]` of an image.

    As over frames, the kernel of `then` starts at any row of a ring. Before the first call all elements are `before`.
    """

    op: "Op"
    then: "Op"
    kept: tuple[int, ...]
    dtype: DType
    calls: int
    before: int


@dataclass(frozen=True)
class Reordered(Generic[_Reordered]):
    """An operator whose operands and results have their axes in another order, and the shapes that they then have."""

    op: _Reordered
    input_shapes: tuple[tuple[int, ...], ...]
    output_shapes: tuple[tuple[int, ...], ...]


def filled(value: int) -> int:
    """What stands for an element that an operator fills with a stored 8-bit value (`Op.rearranged`); below 0."""
    return -1 - (value & 0xFF)
