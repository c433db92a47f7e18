"""Answers for operators to derive from: those that claim nothing, and statements of what some operators do not do."""

from collections.abc import Mapping, Sequence, Set
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, Quantization
from verify.graph.window import Padding, Window
from verify.ops.arithmetic import Intermediate, Stored
from verify.ops.channels import Channels, Gone, Leaving, nothing
from verify.ops.op import Op
from verify.ops.parts import Apart, OverCalls, Shift

MUST_ANSWER = ("macs", "padding", "padding_zero", "intermediates")
"""Questions of `Op` without a default: where nobody looked, any answer would let a proof or a figure say too much."""


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

    def taking(self, elements: np.ndarray) -> Self | None:
        return None

    def row_phase(self, phase: int, count: int) -> Self | None:
        return None

    def by_row_phases(self, count: int) -> Op | None:
        return None

    def over_frames(self, frames: int) -> None:
        return None

    @property
    def keeps_order(self) -> bool:
        return False

    def readout(self, operand: Quantization, result: Quantization) -> tuple[np.ndarray, np.ndarray] | None:
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
