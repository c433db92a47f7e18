"""Clips that stay on disk: a frame is decoded when a window asks for it."""

import hashlib
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Int32, Int64, UInt8

from stjax.data import media
from stjax.data.errors import DataError
from stjax.data.symmetry import Symmetry

SHOWN = 20
"""So many unreadable clips are named in a message; the rest is counted."""


@dataclass(frozen=True, eq=False)
class DiskClips:
    """Clips in files and folders (stjax.data.media).

    Args:
      paths: of each clip.
      lengths: its frames, as counted.
      labels: its class; NO_LABEL where only frames have one.
      groups: who or what made it; NO_GROUP where nobody says.
      classes: names, in label order.
      symmetry: label tables for flips and reversal.
      frame_classes: class of each of its frames, as `frame_labels` gives them; None: frames are not labelled.
    """

    paths: tuple[str, ...]
    lengths: Int64[np.ndarray, " clips"]
    labels: Int32[np.ndarray, " clips"]
    groups: Int32[np.ndarray, " clips"]
    classes: tuple[str, ...]
    symmetry: Symmetry
    frame_classes: tuple[np.ndarray, ...] | None = None

    def __post_init__(self) -> None:
        if not len(self.paths) == len(self.lengths) == len(self.labels) == len(self.groups):
            raise ValueError(f"{len(self.paths)} paths need as many lengths, labels and groups")
        if self.frame_classes is not None:
            for path, length, classes in zip(self.paths, self.lengths, self.frame_classes, strict=True):
                if length >= 0 and len(classes) != length:
                    raise ValueError(f"{path} has {length} frames, but {len(classes)} of them have a class")

    def __len__(self) -> int:
        return len(self.paths)

    def length(self, clip: int) -> int:
        return int(self.lengths[clip])

    def label(self, clip: int) -> int:
        return int(self.labels[clip])

    def frame_labels(self, clip: int) -> Int32[np.ndarray, " length"] | None:
        return None if self.frame_classes is None else self.frame_classes[clip]

    def read(self, clip: int, frame_numbers: np.ndarray) -> UInt8[np.ndarray, "time height width channels"]:
        return self.decode(clip, frame_numbers)

    def decode(
        self, clip: int, frame_numbers: np.ndarray, size: tuple[int, int] | None = None, channels: int | None = None
    ) -> UInt8[np.ndarray, "time height width channels"]:
        """The same, decoded straight to a size and to grey (`stjax.data.media.read_frames`)."""
        return media.read_frames(Path(self.paths[clip]), frame_numbers, size, channels)

    def select(self, chosen: np.ndarray) -> "DiskClips":
        """The clips with these numbers, or where this mask is true, in this order."""
        numbers = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        picked = numbers.tolist()
        return replace(
            self,
            paths=tuple(self.paths[i] for i in picked),
            lengths=self.lengths[numbers],
            labels=self.labels[numbers],
            groups=self.groups[numbers],
            frame_classes=None if self.frame_classes is None else tuple(self.frame_classes[i] for i in picked),
        )


def counted(
    paths: Sequence[Path],
    skip_unreadable: bool = False,
    count: Callable[[Path], int] = media.count_frames,
    data_dir: str | None = None,
) -> Int64[np.ndarray, " clips"]:
    """Frames of each clip; -1 for those that cannot be read, where these may be skipped.

    Args:
      paths: of the clips.
      skip_unreadable: see above.
      count: frames of one.
      data_dir: folder that keeps the counts of these paths for the next time, if all could be read; to have clips
        counted again that have changed, remove the file from it.

    Raises:
      DataError: if some cannot be read and may not be skipped; names them. A warning names them otherwise.
    """

    def looked_at(path: Path) -> int | DataError:
        try:
            return count(path)
        except DataError as error:
            return error

    kept = None if data_dir is None else Path(data_dir) / f"frames-{_digest(paths)}.npy"
    if kept is not None and kept.is_file():
        return np.load(kept)
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(looked_at, paths))
    report_unreadable([str(error) for error in found if isinstance(error, DataError)], len(paths), skip_unreadable)
    lengths = np.array([-1 if isinstance(length, DataError) else length for length in found], np.int64)
    if kept is not None and (lengths > 0).all():
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, lengths)
    return lengths


def _digest(paths: Sequence[Path]) -> str:
    return hashlib.sha256("\n".join(map(str, paths)).encode()).hexdigest()[:16]


def report_unreadable(problems: Iterable[str], clips: int, skip: bool) -> None:
    """Says which clips cannot be read: as an error, or as a warning where they may be skipped."""
    problems = list(problems)
    if not problems:
        return
    lines = problems[:SHOWN] + ([f"and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else [])
    text = f"{len(problems)} of {clips} clips cannot be read:\n  " + "\n  ".join(lines)
    if not skip:
        raise DataError(f"{text}\nRepair or remove them, or leave them out by `skip_unreadable=True` in the options.")
    warnings.warn(text, stacklevel=3)
