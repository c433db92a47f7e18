"""Small archives in the layout of fir16's two."""

from pathlib import Path
from typing import Any

import numpy as np

from stjax.data.sets import fir16, fir16_streams

SUBJECTS = {1: (1, 2), 2: (3, 4), 3: (5, 6), 4: (7, 8, 9)}


def _saved(path: Path, arrays: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)
    return path


def _frames(total: int) -> np.ndarray:
    return np.random.default_rng(0).integers(30, 250, (total, 16, 16)).astype(np.uint8)


def write_clips(folder: Path, **changes: Any) -> Path:
    """Seven clips of 3, 4, 5, 3, ... frames, one per class, for each person."""
    people = [(group, subject) for group, members in SUBJECTS.items() for subject in members]
    lengths = 3 + np.arange(7 * len(people)) % 3
    arrays = {
        "frames": _frames(lengths.sum()),
        "offsets": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        "label": (np.arange(len(lengths)) % 7).astype(np.int8),
        "subject": np.repeat([subject for _, subject in people], 7).astype(np.int8),
        "group": np.repeat([group for group, _ in people], 7).astype(np.int8),
        "names": np.array(fir16.CLASSES),
    }
    return _saved(folder / fir16.ARCHIVE, arrays | changes)


def write_streams(folder: Path, **changes: Any) -> Path:
    """Two recordings per group, of 10 and 13 frames, each with two segments."""
    lengths = np.array([10, 13] * 4)
    arrays = {
        "frames": _frames(lengths.sum()),
        "offsets": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        "recording_meta": np.array([[1 + i // 2, 1, 0, 1] for i in range(8)], np.int16),
        "segments": np.array([row for i in range(8) for row in ([i, 1, 3, i % 7, 0, 1], [i, 6, 9, 3, 0, 2])], np.int32),
        "names": np.array(fir16.CLASSES),
    }
    return _saved(folder / fir16_streams.ARCHIVE, arrays | changes)
