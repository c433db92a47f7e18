"""What the rest of the system asks of an operator, and what the reader hands one to be built from.

Planner, prover and emitter know operators by these questions only; none of them knows an operator's name.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, Self, TypeVar

import numpy as np

from verify.graph.tensor import Axis, DType, Tensor
from verify.graph.window import Padding, Window
from verify.ops.arithmetic import Intermediate, Stored
from verify.ops.channels import Channels, Gone, Leaving, nothing

__all__ = [
    "Apart",
    "CountsNoMacs",
    "Defaults",
    "FileOp",
    "MovesOnly",
    "Op",
    "OperatorSource",
    "OverCalls",
    "OverFrames",
    "Padding",
    "PadsNothing",
    "Reordered",
    "Shift",
    "UnsupportedError",
    "filled",
    "unanswered",
]

MUST_ANSWER = ("macs", "padding", "padding_zero", "intermediates")
"""Questions of `Op` without a default: where nobody looked, any answer would let a proof or a figure say too much."""


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


class Op(Protocol):
    """Facts about one operator, all attributes resolved. Implementations are frozen dataclasses."""

    kind: ClassVar[str]

    tflm_stays: ClassVar[bool]
    """Whether TFLM's kernel leaves all bytes as they are where its result lies exactly at its first operand."""

    unread: ClassVar[tuple[int, ...]]
    """Positions in the file's operand list at which TFLM looks at nothing: what stands there may be computed."""

    variables: ClassVar[tuple[int, ...]]
    """Positions in the file's operand list of variables of the file that are its own.

    Those that are also `operands` it leaves anew as results of the same shapes, behind those that the file lists."""

    @property
    def operands(self) -> tuple[int, ...]:
        """Positions in the file's operand list that are read element by element (activations; not weights)."""
        ...

    def window(self, position: int, axis: Axis) -> Window | None:
        """Which rows of operand `position` (an index into `operands`) one output row needs.

        Returns None when any output row may need all of that operand. Rows are those of the node's own view.
        The rule holds for every output of the operator. A batch > 1 makes an image operator's windows None.
        """
        ...

    @property
    def sees_results(self) -> tuple[tuple[int, ...], ...] | None:
        """The shapes under which it sees its results, of the same elements, where these are not the file's."""
        ...

    @property
    def alias(self) -> bool:
        """Whether the only output holds the only operand's bytes, in their order, under another shape."""
        ...

    @property
    def row_wise(self) -> bool:
        """Whether one row of all outputs can be computed without the others."""
        ...

    @property
    def tile_wise(self) -> bool:
        """Whether a region of output rows and columns can be computed by itself; only images have columns."""
        ...

    @property
    def channel_wise(self) -> bool:
        """Whether channel c of every output depends on channel c of the operands alone; False where not known."""
        ...

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the whole operator, padding included in the count; 0 for ADD and data movement."""
        ...

    @property
    def constants(self) -> Mapping[str, np.ndarray]:
        """Arrays of the model that it computes with, by name: weights, biases, multipliers. Kernels store them."""
        ...

    @property
    def padding(self) -> Padding | None:
        """Padding that the kernel skips, with the value that the model puts there; None when there is none."""
        ...

    @property
    def padding_zero(self) -> int:
        """The stored value whose contribution is exactly zero (the input's zero point)."""
        ...

    def stored(self, operands: Sequence[Stored]) -> Stored | None:
        """What its outputs can hold if its operands hold values of these ranges; None where that is all of the type."""
        ...

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """Every integer that its kernel computes in a fixed width and that depends on values, with its interval."""
        ...

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels | None:
        """What each channel of its only output can hold (verify.ops.channels); None where `stored` says all there is.

        Padding counts: a channel is not constant because it would be in the middle of the image.
        """
        ...

    def leaving(self, operands: Sequence[Gone], results: Set[int]) -> Leaving:
        """Of the channels that operands and result would be left without, those that this operator lets go.

        The largest sets inside those given for which `without` has an answer.
        """
        ...

    def without(self, operands: Sequence[Gone], results: Set[int]) -> Self | None:
        """This operator on operands without these channels, giving a result without those; None where there is none.

        Every element that stays is the same, bit for bit, if the channels left out hold the values stated.
        """
        ...

    def as_padding(self) -> Padding | None:
        """This operator as a spatial padding of its only operand, or None."""
        ...

    def absorb_padding(self, padding: Padding) -> Self | None:
        """This operator with `padding` before it made part of it, or None where that is not exact."""
        ...

    @property
    def taken_apart(self) -> Apart | None:
        """How its result is the parts of its operand, where that is all that it does."""
        ...

    @property
    def put_together(self) -> Apart | None:
        """How its result is what its operand is the parts of, where that is all that it does."""
        ...

    def spread(
        self, block: tuple[int, int], before: tuple[int, int], image: tuple[int, ...], result: tuple[int, ...]
    ) -> Self | None:
        """This operator on the parts of images, as one on the whole images that makes the whole results; or None.

        `before` positions of padding lie before the image; what lies behind it is padding, too.
        """
        ...

    @property
    def unfolded(self) -> str | None:
        """Why it cannot run by itself, but only made part of others while the model is read; None where it can."""
        ...

    @property
    def assumed(self) -> str | None:
        """What whoever reads the model is told once it has been made part of others; None where nothing was assumed."""
        ...

    def seen_as(self, shape: tuple[int, ...]) -> Self | None:
        """This operator on the same elements under another shape, or None where it matters which axes they lie on."""
        ...

    def rearranged(self, operands: Sequence[np.ndarray]) -> tuple[np.ndarray, ...] | None:
        """What it makes of these arrays of its operands' shapes, of any element type, if all it does is copy elements.

        None otherwise. An element that it fills with a stored value of its own is what `filled` says.
        """
        ...

    def frame(self) -> Self | None:
        """This operator on one position of the leading axis (time, of a clip), extent 1 there.

        None unless position t of the outputs depends on position t of the operands alone, in the same way for all t.
        """
        ...

    def part(self, count: int) -> Self | None:
        """This operator on one of `count` equal parts into which each operand and result falls, byte after byte.

        None unless part t of the results depends on part t of the operands alone, in the same way for all t, whatever
        the axes are on which the parts lie side by side.
        """
        ...

    def time_shift(self) -> Shift | None:
        """This operator as a movement along the leading axis, and what it does to each position, or None."""
        ...

    def tall(self, rows: int) -> Self | None:
        """This operator over an image of `rows` rows instead, without padding above or below; None if it has some."""
        ...

    def alone(self) -> Self | None:
        """This operator over an image as high as one of its windows: what it makes of those rows, as the only row.

        Without padding above or below: rows that hold the padding's value stand in its place.
        """
        ...

    def turned(self) -> Self | None:
        """This operator with height and width exchanged, in operand and result, or None."""
        ...

    @property
    def axes_order(self) -> tuple[int, ...] | None:
        """Where all it does is to put its operand's axes in another order: which of them axis i of the result is."""
        ...

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        """This operator where axis i of its ends is the axis `axes[i]` of now, or a new one where that is None.

        A new axis has extent 1. Results of fewer axes than the operand stay as they are. None where it matters which
        axes its elements lie on.
        """
        ...

    def row_phase(self, phase: int, count: int) -> Self | None:
        """This operator computing only rows `phase`, `phase` + `count`, ... of its only result, an image; None if it
        is not made of windows along the rows."""
        ...

    def by_row_phases(self, count: int) -> "Op | None":
        """This operator with row y of its only operand read as row y // `count` of operand y mod `count`, or None."""
        ...

    def over_frames(self, frames: int) -> OverFrames | None:
        """This operator as one over an image whose rows are frames, if it reduces time to one result.

        Time is the operand's first axis that is not 1, or what its elements fall into, frame after frame. The kernel of
        the answer starts at any row of a ring that holds just the frames, oldest first (`tall`).
        """
        ...

    def over_calls(self) -> OverCalls | None:
        """This operator as two, of which the second reads what the first made in this call and in some before."""
        ...

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """Computes rows `rows` of every output, slowly and plainly, bit for bit as TFLM does.

        Args:
          inputs: the operands in full, in the node's own view shapes (rows that are not needed may hold anything).
          rows: output rows to compute, counted over the flattened leading axes (verify.graph.tensor).

        Returns:
          One array per output, shape [len(rows), ...row shape of that output].
        """
        ...


class FileOp(Op, Protocol):
    """An operator that a model file can hold; others are made of these."""

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        """Builds the operator, checking every shape, dtype and attribute it relies on.

        Raises:
          UnsupportedError: with the fact found and the rule, when this operator cannot be run exactly as asked.
        """
        ...


def filled(value: int) -> int:
    """What stands for an element that an operator fills with a stored 8-bit value (`Op.rearranged`); below 0."""
    return -1 - (value & 0xFF)


def unanswered(kind: type) -> list[str]:
    """Which of the questions that have no default an operator class does not answer."""
    missing = object()
    return [name for name in MUST_ANSWER if getattr(kind, name, missing) in (missing, vars(Op)[name])]


class Defaults:
    """Answers that claim nothing: leaving one out costs an operator permissions or speed, never a proof its truth.

    Raises:
      TypeError: where a class with a `kind` leaves one of `MUST_ANSWER` open, when the class is made.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if isinstance(vars(cls).get("kind"), str) and (missing := unanswered(cls)):
            raise TypeError(
                f"{cls.__name__} does not answer {', '.join(missing)}; proofs build on it, so there is no default: "
                "define it, or derive from MovesOnly, PadsNothing or CountsNoMacs where that is what the operator does"
            )

    tflm_stays: ClassVar[bool] = False

    unread: ClassVar[tuple[int, ...]] = ()
    variables: ClassVar[tuple[int, ...]] = ()

    @property
    def operands(self) -> tuple[int, ...]:
        return (0,)

    def window(self, position: int, axis: Axis) -> Window | None:
        return None

    @property
    def sees_results(self) -> tuple[tuple[int, ...], ...] | None:
        return None

    @property
    def alias(self) -> bool:
        return False

    @property
    def row_wise(self) -> bool:
        return False

    @property
    def tile_wise(self) -> bool:
        return False

    @property
    def channel_wise(self) -> bool:
        return False

    def stored(self, operands: Sequence[Stored]) -> Stored | None:
        return None

    @property
    def constants(self) -> Mapping[str, np.ndarray]:
        return {}

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels | None:
        return None

    def leaving(self, operands: Sequence[Gone], results: Set[int]) -> Leaving:
        return nothing(operands)

    def without(self, operands: Sequence[Gone], results: Set[int]) -> Self | None:
        return None

    def as_padding(self) -> Padding | None:
        return None

    def absorb_padding(self, padding: Padding) -> None:
        return None

    @property
    def taken_apart(self) -> Apart | None:
        return None

    @property
    def put_together(self) -> Apart | None:
        return None

    def spread(
        self, block: tuple[int, int], before: tuple[int, int], image: tuple[int, ...], result: tuple[int, ...]
    ) -> Self | None:
        return None

    @property
    def unfolded(self) -> str | None:
        return None

    @property
    def assumed(self) -> str | None:
        return None

    def seen_as(self, shape: tuple[int, ...]) -> Self | None:
        return None

    def rearranged(self, operands: Sequence[np.ndarray]) -> tuple[np.ndarray, ...] | None:
        return None

    def frame(self) -> None:
        return None

    def part(self, count: int) -> Self | None:
        return None

    def time_shift(self) -> Shift | None:
        return None

    def tall(self, rows: int) -> None:
        return None

    def alone(self) -> None:
        return None

    def turned(self) -> None:
        return None

    @property
    def axes_order(self) -> tuple[int, ...] | None:
        return None

    def reordered(self, axes: Sequence[int | None]) -> None:
        return None

    def row_phase(self, phase: int, count: int) -> Self | None:
        return None

    def by_row_phases(self, count: int) -> Op | None:
        return None

    def over_frames(self, frames: int) -> None:
        return None

    def over_calls(self) -> OverCalls | None:
        return None


class CountsNoMacs:
    """An operator whose work is not counted in multiply-accumulates: additions, comparisons, tables, movement."""

    @property
    def macs(self) -> int:
        return 0


class MovesOnly(CountsNoMacs):
    """An operator that copies or selects stored values: its kernel computes no integer from them, so none overflows."""

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        return ()


class PadsNothing:
    """An operator whose kernel leaves out no position that the model fills with a value."""

    @property
    def padding(self) -> Padding | None:
        return None

    @property
    def padding_zero(self) -> int:
        return 0
