"""DEPTHWISE_CONV_2D with a row stride of s as an operator of s operands: each holds the rows of one phase of the image
(y mod s)."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis
from verify.graph.window import Padding, Window
from verify.ops.arithmetic import Intermediate, Stored
from verify.ops.base import Defaults
from verify.ops.channels import Channels, Gone, Leaving, together

if TYPE_CHECKING:
    from verify.ops.depthwise_conv_2d import DepthwiseConv2D


@dataclass(frozen=True, eq=False)
class DepthwisePhases(Defaults):
    """A depthwise convolution of which operand p holds rows p, p + phases, p + 2 * phases, ... of the image.

    Args:
      whole: the convolution over the whole image, with a row stride of `phases` and one output per channel.
      phases: how many operands there are.
    """

    kind: ClassVar[str] = "DEPTHWISE_CONV_2D"

    whole: "DepthwiseConv2D"
    phases: int

    @property
    def operands(self) -> tuple[int, ...]:
        return tuple(range(self.phases))

    def taps_of(self, phase: int) -> range:
        """The rows of taps that lie on rows of a phase."""
        g = self.whole.geometry
        return range((g.top + phase) % self.phases, g.kernel[0], self.phases)

    def window(self, position: int, axis: Axis) -> Window | None:
        if axis is not Axis.HEIGHT:
            return self.whole.window(0, axis)
        rows = self.taps_of(position)
        return Window(len(rows), 1, 1, (self.whole.geometry.top + position - rows[0]) // self.phases)

    @property
    def row_wise(self) -> bool:
        return True

    @property
    def tile_wise(self) -> bool:
        return self.whole.tile_wise

    @property
    def channel_wise(self) -> bool:
        return self.whole.channel_wise

    @property
    def macs(self) -> int:
        return self.whole.macs

    @property
    def constants(self) -> Mapping[str, np.ndarray]:
        return self.whole.constants

    @property
    def padding(self) -> Padding | None:
        return self.whole.padding

    @property
    def padding_zero(self) -> int:
        return self.whole.padding_zero

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return self.whole.stored(operands)

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        lows, highs = zip(*operands, strict=True)
        return self.whole.intermediates([(min(lows), max(highs))])

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels:
        lows, highs = ([getattr(x, end) for x in operands] for end in ("low", "high"))
        return self.whole.channel_ranges([Channels(np.min(lows, axis=0), np.max(highs, axis=0))])

    def leaving(self, operands: Sequence[Gone], results: Set[int]) -> Leaving:
        return together(operands, results)

    def without(self, operands: Sequence[Gone], results: Set[int]) -> Self | None:
        whole = self.whole.without(operands[:1], results)
        same = all(gone.keys() == results for gone in operands)
        return replace(self, whole=whole) if whole is not None and same else None

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """That of the whole image, whose rows are put where they were."""
        image = np.empty(self.whole.geometry.input_shape, np.int8)
        for phase, part in enumerate(inputs):
            image[:, phase :: self.phases] = part
        return self.whole.reference([image], rows)
