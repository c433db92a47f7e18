"""Which frames of a clip a network sees: a window of fixed length from clips of any length."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Int64

Sampling = Literal["window", "span"]
Order = Literal["forward", "backward", "shuffled"]


@dataclass(frozen=True)
class ClipWindow:
    """`frames` frames of a clip.

    Args:
      frames: T, at least 1.
      stride: distance of neighbours, in frames of the clip; only for "window".
      sampling: "window" takes frames start, start + stride, ...: any such window in training, the middle one
        otherwise; a clip that is too short is extended at both ends by its first and last frame. "span" takes frames
        at equal distances from the first to the last, so that it sees the whole gesture, however long it takes.
      trim: in training, "span" leaves out up to this fraction of the clip at each end, drawn anew each time.
      order: "forward" as recorded; "backward" and "shuffled" are for controls: what is left without order?

    Raises:
      ValueError: if a field is out of range.
    """

    frames: int
    stride: int = 1
    sampling: Sampling = "span"
    trim: float = 0.0
    order: Order = "forward"

    def __post_init__(self) -> None:
        if self.frames < 1 or self.stride < 1:
            raise ValueError(f"`frames` (={self.frames}) and `stride` (={self.stride}) must be at least 1")
        if self.sampling not in get_args(Sampling):
            raise ValueError(f'`sampling` must be one of {get_args(Sampling)}, found "{self.sampling}"')
        if self.order not in get_args(Order):
            raise ValueError(f'`order` must be one of {get_args(Order)}, found "{self.order}"')
        if not 0 <= self.trim < 0.5:
            raise ValueError(f"`trim` (={self.trim}) must lie in [0, 0.5): both ends together may not take all")
        if self.sampling == "span" and self.stride != 1:
            raise ValueError(f'"span" has no stride: its distances come from the clip (found {self.stride})')

    def frame_numbers(self, length: int, rng: np.random.Generator, training: bool) -> Int64[np.ndarray, " frames"]:
        """Frame numbers in [0, length).

        Args:
          length: frames in the clip, at least 1.
          rng: draws the window in training, and the permutation for "shuffled"; otherwise nothing is drawn.
          training: whether the window may be anywhere.
        """
        pick = self._span if self.sampling == "span" else self._window
        numbers = pick(length, rng, training)
        if self.order == "backward":
            return numbers[::-1]
        return rng.permutation(numbers) if self.order == "shuffled" else numbers

    def _window(self, length: int, rng: np.random.Generator, training: bool) -> np.ndarray:
        extent = (self.frames - 1) * self.stride + 1
        spare = length - extent
        start = int(rng.integers(0, spare + 1)) if training and spare > 0 else spare // 2
        return np.clip(start + self.stride * np.arange(self.frames), 0, length - 1)

    def _span(self, length: int, rng: np.random.Generator, training: bool) -> np.ndarray:
        first, last = 0, length - 1
        if training and self.trim:
            first, last = np.round(last * np.array([0, 1] + rng.uniform(0, self.trim, 2) * [1, -1])).astype(int)
        return first + spread(int(last - first) + 1, self.frames)


def spread(length: int, count: int) -> Int64[np.ndarray, " count"]:
    """`count` numbers at equal distances from 0 to length - 1, rounded; the middle one where only one is asked for.

    Ties round towards the nearer end, so that a reversed clip gives the reversed frames.
    """
    last = length - 1
    if count == 1:
        return np.array([last // 2], np.int64)
    position = np.arange(count, dtype=np.int64) * last
    # Integer forms of floor(p / (count - 1) + 1/2) and ceil(p / (count - 1) - 1/2): they differ in ties only.
    up = (2 * position + count - 1) // (2 * (count - 1))
    down = -((-2 * position + count - 1) // (2 * (count - 1)))
    return np.where(2 * np.arange(count) < count - 1, down, up)
