"""Labelled video clips: what the pipeline asks of a dataset, and a dataset that is held in memory.

Clips are uint8, `time height width channels`; their lengths differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Int32, Int64, UInt8

from stjax.data.symmetry import NO_LABEL, Symmetry, relabelled

NO_GROUP = -1


@runtime_checkable
class ClipSource(Protocol):
    """Clips that can be read frame by frame, so that a source on disk decodes only what a window needs."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def symmetry(self) -> Symmetry: ...

    def __len__(self) -> int: ...

    def length(self, clip: int) -> int:
        """Frames in the clip."""
        ...

    def label(self, clip: int) -> int:
        """Class of the clip as a whole; NO_LABEL where only its frames have one."""
        ...

    def frame_labels(self, clip: int) -> Int32[np.ndarray, " length"] | None:
        """Class of each frame of the clip, NO_LABEL where it has none; None where the dataset labels no frames."""
        ...

    def read(self, clip: int, frame_numbers: np.ndarray) -> UInt8[np.ndarray, "time height width channels"]:
        """Those frames, in the given order; a number may occur more than once."""
        ...


def read_towards(
    source: ClipSource, clip: int, frame_numbers: np.ndarray, size: tuple[int, int] | None, channels: int | None
) -> UInt8[np.ndarray, "time height width channels"]:
    """Frames as `read` gives them, or already of the size and channels that are wanted, where the source has `decode`:
    a method of the same arguments by which a source on disk decodes no more than it must."""
    decode = getattr(source, "decode", None)
    return source.read(clip, frame_numbers) if decode is None else decode(clip, frame_numbers, size, channels)


@dataclass(frozen=True, eq=False)
class ClipSet:
    """Clips in memory, one after the other.

    Args:
      frames: all frames of all clips.
      offsets: clip i is frames[offsets[i] : offsets[i + 1]].
      labels: class of each clip; NO_LABEL where only frames have one.
      groups: who or what made each clip, such as the participant's number; NO_GROUP where nobody says.
      classes: names, in label order.
      symmetry: label tables for flips and reversal.
      frame_classes: class of each of `frames`, NO_LABEL where it has none; None: frames are not labelled.

    Raises:
      ValueError: if the arrays do not fit together, or a clip is empty.
    """

    frames: UInt8[np.ndarray, "total height width channels"]
    offsets: Int64[np.ndarray, " clips_plus_1"]
    labels: Int32[np.ndarray, " clips"]
    groups: Int32[np.ndarray, " clips"]
    classes: tuple[str, ...]
    symmetry: Symmetry
    frame_classes: Int32[np.ndarray, " total"] | None = None

    def __post_init__(self) -> None:
        clips = len(self.labels)
        if len(self.offsets) != clips + 1 or len(self.groups) != clips:
            raise ValueError(f"{clips} labels need {clips + 1} offsets and as many groups as labels")
        if self.offsets[0] != 0 or self.offsets[-1] != len(self.frames):
            raise ValueError(f"offsets must run from 0 to the number of frames (={len(self.frames)})")
        if (np.diff(self.offsets) <= 0).any():
            raise ValueError(f"clip {int(np.argmax(np.diff(self.offsets) <= 0))} has no frames")
        known = {"labels": self.labels} | ({} if self.frame_classes is None else {"frame_classes": self.frame_classes})
        for name, values in known.items():
            if values.size and not (values.min() >= NO_LABEL and values.max() < len(self.classes)):
                raise ValueError(f"{name} must lie in [0, {len(self.classes)}), or be {NO_LABEL} where there is none")
        if self.frame_classes is not None and len(self.frame_classes) != len(self.frames):
            raise ValueError(f"{len(self.frames)} frames need as many frame_classes, found {len(self.frame_classes)}")
        if len(self.symmetry.reversal) != len(self.classes):
            raise ValueError(f"symmetry is about {len(self.symmetry.reversal)} labels, not {len(self.classes)}")

    def __len__(self) -> int:
        return len(self.labels)

    def length(self, clip: int) -> int:
        return int(self.offsets[clip + 1] - self.offsets[clip])

    def label(self, clip: int) -> int:
        return int(self.labels[clip])

    def frame_labels(self, clip: int) -> Int32[np.ndarray, " length"] | None:
        return None if self.frame_classes is None else self.frame_classes[self.offsets[clip] : self.offsets[clip + 1]]

    def read(self, clip: int, frame_numbers: np.ndarray) -> UInt8[np.ndarray, "time height width channels"]:
        return self.frames[self.offsets[clip] + frame_numbers]

    def clip(self, index: int) -> UInt8[np.ndarray, "time height width channels"]:
        """One whole clip; a view, not a copy."""
        return self.frames[self.offsets[index] : self.offsets[index + 1]]

    def select(self, chosen: np.ndarray) -> "ClipSet":
        """The clips with these numbers, or where this mask is true, in this order."""
        numbers = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        return replace(
            self,
            **self._parts(numbers),
            offsets=_offsets(np.diff(self.offsets)[numbers]),
            labels=self.labels[numbers],
            groups=self.groups[numbers],
        )

    def _parts(self, numbers: np.ndarray, step: int = 1) -> dict[str, np.ndarray]:
        """What there is of the frames of these clips, one after the other, each forwards (step 1) or backwards (-1)."""
        clips = [np.arange(self.offsets[i], self.offsets[i + 1])[::step] for i in numbers.tolist()]
        chosen = np.concatenate([np.zeros(0, np.int64), *clips])
        labels = {} if self.frame_classes is None else {"frame_classes": self.frame_classes[chosen]}
        return {"frames": self.frames[chosen], **labels}

    def with_reversed_copies(self) -> "ClipSet":
        """Adds each clip of an ordered class played backwards, under the label that it then has.

        After this, the frames of two opposite classes are the same: only their order tells the classes apart.
        """
        numbers, table = np.flatnonzero(np.isin(self.labels, self.symmetry.ordered)), self.symmetry.reversal
        copies = self._parts(numbers, -1)
        if "frame_classes" in copies:
            copies["frame_classes"] = relabelled(copies["frame_classes"], table)
        lengths = np.diff(self.offsets)
        return replace(
            self,
            **{name: np.concatenate([getattr(self, name), copy]) for name, copy in copies.items()},
            offsets=_offsets(np.concatenate([lengths, lengths[numbers]])),
            labels=np.concatenate([self.labels, relabelled(self.labels[numbers], table)]),
            groups=np.concatenate([self.groups, self.groups[numbers]]),
        )


def clip_set(
    clips: Sequence[np.ndarray],
    labels: Sequence[int],
    classes: tuple[str, ...],
    symmetry: Symmetry,
    groups: Sequence[int] | None = None,
) -> ClipSet:
    """Joins clips of one frame size.

    Raises:
      ValueError: if there are none.
    """
    if not clips:
        raise ValueError("a clip set needs at least one clip: the size of frames comes from it")
    return ClipSet(
        frames=np.concatenate(clips),
        offsets=_offsets([len(clip) for clip in clips]),
        labels=np.asarray(labels, np.int32),
        groups=np.full(len(clips), NO_GROUP, np.int32) if groups is None else np.asarray(groups, np.int32),
        classes=classes,
        symmetry=symmetry,
    )


def _offsets(lengths: Sequence[int] | np.ndarray) -> Int64[np.ndarray, " clips_plus_1"]:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
