"""Long recordings as many clips: every window of them, so that evaluation sees all frames and training all places."""

import functools
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Int32, Int64, UInt8

from stjax.data.clips import ClipSource, read_towards
from stjax.data.symmetry import NO_LABEL, Symmetry


@dataclass(frozen=True, eq=False)
class SlidingWindows:
    """The windows of a source's clips, each a clip of its own; a `ClipSource` itself.

    Window j of a clip holds its frames every * j ... every * j + frames - 1. A clip that is shorter than a window gives
    none; the frames behind the last whole window are in none.

    Args:
      source: the clips.
      frames: of a window.
      every: distance between the first frames of neighbours.
      label_of: "clip": a window has the class of its clip; "last": that of its last frame, which is what a network that
        answers frame by frame can know. Windows whose last frame has none are then left out.

    Raises:
      ValueError: if a number is below 1, no clip is long enough, or frames are to give labels and have none.
    """

    source: ClipSource
    frames: int
    every: int = 1
    label_of: Literal["clip", "last"] = "clip"

    def __post_init__(self) -> None:
        if self.frames < 1 or self.every < 1:
            raise ValueError(f"`frames` (={self.frames}) and `every` (={self.every}) must be at least 1")
        if self.label_of not in ("clip", "last"):
            raise ValueError(f'`label_of` must be "clip" or "last", found "{self.label_of}"')
        if self.label_of == "last" and self.source.frame_labels(0) is None:
            raise ValueError('`label_of` is "last", but this dataset labels clips only')
        if not len(self):
            raise ValueError(f"no clip has a window of {self.frames} frames with a label")

    @functools.cached_property
    def _windows(self) -> Int64[np.ndarray, "windows 2"]:
        """Clip and first frame of each."""
        starts = [self._starts(clip) for clip in range(len(self.source))]
        clips = np.repeat(np.arange(len(starts)), [len(found) for found in starts])
        return np.stack([clips, np.concatenate([np.zeros(0, np.int64), *starts])], axis=1)

    def _starts(self, clip: int) -> np.ndarray:
        starts = np.arange(0, self.source.length(clip) - self.frames + 1, self.every)
        labels = self.source.frame_labels(clip) if self.label_of == "last" else None
        return starts if labels is None else starts[labels[starts + self.frames - 1] != NO_LABEL]

    @property
    def classes(self) -> tuple[str, ...]:
        return self.source.classes

    @property
    def symmetry(self) -> Symmetry:
        return self.source.symmetry

    def __len__(self) -> int:
        return len(self._windows)

    def place(self, window: int) -> tuple[int, int]:
        """Which clip a window is from, and its first frame there."""
        clip, start = self._windows[window].tolist()
        return clip, start

    def length(self, clip: int) -> int:
        return self.frames

    def label(self, clip: int) -> int:
        labels = self.frame_labels(clip) if self.label_of == "last" else None
        return self.source.label(self.place(clip)[0]) if labels is None else int(labels[-1])

    def frame_labels(self, clip: int) -> Int32[np.ndarray, " length"] | None:
        whole, start = self.place(clip)
        labels = self.source.frame_labels(whole)
        return None if labels is None else labels[start : start + self.frames]

    def read(self, clip: int, frame_numbers: np.ndarray) -> UInt8[np.ndarray, "time height width channels"]:
        return self.decode(clip, frame_numbers)

    def decode(
        self, clip: int, frame_numbers: np.ndarray, size: tuple[int, int] | None = None, channels: int | None = None
    ) -> UInt8[np.ndarray, "time height width channels"]:
        """As `read_towards` of the clip itself."""
        whole, start = self.place(clip)
        return read_towards(self.source, whole, start + frame_numbers, size, channels)
