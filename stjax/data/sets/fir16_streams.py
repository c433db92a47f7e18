"""The whole recordings of fir16 (see there) with a class for each frame: 400 of them, half a minute to two minutes.

Folds, pixels, classes and licence are those of fir16. A recording has no class as a whole (`label` is -1). About a
third of the frames have one: between two actions nobody said what is seen, and these frames are -1, too. `groups` is
the group of people, since several take turns in a recording.

`fir16_streams.npz` holds
    frames          uint8  [total, 16, 16]     all recordings, one after the other
    offsets         int    [recordings + 1]    recording i is frames[offsets[i] : offsets[i + 1]]
    recording_meta  int    [recordings, 4]     the group first
    segments        int    [segments, 6]       recording, first frame, last frame (included), label, tag, person
    names                                      walk sitdown standup fall sit stand lie
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from jaxtyping import Int32

from stjax.data.clips import ClipSet
from stjax.data.datasets import DatasetConfig, Splits
from stjax.data.registry import Dataset, find_file, folder_of
from stjax.data.sets import fir16
from stjax.data.symmetry import NO_LABEL

ARCHIVE = "fir16_streams.npz"
ARRAYS = ("frames", "offsets", "recording_meta", "segments", "names")


def read(path: Path, variant: str) -> Splits:
    """The recordings of an archive.

    Raises:
      DataError: if the file is not such an archive.
    """
    arrays = fir16.read_arrays(path, ARRAYS, fir16.instructions(ARCHIVE))

    def make() -> Splits:
        offsets = arrays["offsets"].astype(np.int64)
        group = arrays["recording_meta"][:, 0].astype(np.int32)
        recordings = ClipSet(
            frames=fir16.prepared_frames(arrays, variant),
            offsets=offsets,
            labels=np.full(len(group), NO_LABEL, np.int32),
            groups=group,
            classes=fir16.CLASSES,
            symmetry=fir16.SYMMETRY,
            frame_classes=_frame_classes(arrays, offsets),
        )
        return fir16.folds(recordings, group, variant)

    return fir16.checked(path, make)


def _frame_classes(arrays: Mapping[str, np.ndarray], offsets: np.ndarray) -> Int32[np.ndarray, " total"]:
    classes = np.full(len(arrays["frames"]), NO_LABEL, np.int32)
    for recording, first, last, label, *_ in arrays["segments"].tolist():
        start, stop = offsets[recording] + first, offsets[recording] + last + 1
        if not offsets[recording] <= start < stop <= offsets[recording + 1]:
            length = offsets[recording + 1] - offsets[recording]
            raise ValueError(f"segment {first} .. {last} does not lie in recording {recording}, of {length} frames")
        classes[start:stop] = label
    return classes


def _load(config: DatasetConfig, variant: str) -> Splits:
    help_text = fir16.instructions(ARCHIVE)
    return read(find_file(folder_of(config, help_text), ARCHIVE, "fir16", help_text), variant)


DATASET = Dataset(
    "fir16_streams",
    "the whole recordings of fir16, with a class for each frame or none",
    _load,
    variants=fir16.VARIANTS,
    symmetry=fir16.SYMMETRY,
    instructions=fir16.instructions(ARCHIVE),
    licence=fir16.LICENCE,
)
