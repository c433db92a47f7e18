"""What the rest of the system asks of an operator.

Planner, prover and emitter know operators by these questions only; none of them knows an operator's name.
"""

from collections.abc import Mapping, Sequence, Set
from typing import ClassVar, Protocol, Self

import numpy as np

from verify.graph.tensor import Axis, Quantization
from verify.graph.window import Padding, Window
from verify.ops.arithmetic import Intermediate, Stored
from verify.ops.channels import Channels, Gone, Leaving
from verify.ops.parts import Apart, OperatorSource, OverCalls, OverFrames, Reordered, Shift


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

    def taking(self, elements: np.ndarray) -> Self | None:
        """This operator of one operand where that has its elements in another order: element i of now is `elements[i]`
        of them. None where they have to lie as they do."""
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

    @property
    def keeps_order(self) -> bool:
        """Whether a larger element of its only operand, a vector, is a larger one of its result: which class is the
        likeliest is then known before it."""
        ...

    def readout(self, operand: Quantization, result: Quantization) -> tuple[np.ndarray, np.ndarray] | None:
        """This operator as a dense layer of one int8 vector without an activation: its weights [results, elements] and
        biases [results], float64, in real numbers. None where it is none."""
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
