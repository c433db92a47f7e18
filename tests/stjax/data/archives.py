"""A small archive in the layout of the published one."""

from pathlib import Path
from typing import Any

import numpy as np

from stjax.data.sets import capfingerid

PARTICIPANTS = (1, 2, 3, 6, 9, 14, 15, 18)


def write_archive(folder: Path, **changes: Any) -> Path:
    """Five clips, one per class, for each participant; lengths 3, 4, 5, 3, ...; `changes` replace arrays."""
    clips = 5 * len(PARTICIPANTS)
    lengths = 3 + np.arange(clips) % 3
    meta = np.zeros((clips, 5), np.int16)
    meta[:, 0] = np.repeat(PARTICIPANTS, 5)
    arrays = {
        "frames": np.random.default_rng(0).integers(0, 256, (lengths.sum(), 27, 15)).astype(np.uint8),
        "offsets": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        "label": (np.arange(clips) % 5).astype(np.uint8),
        "meta": meta,
        "label_names": np.array(capfingerid.CLASSES),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / capfingerid.ARCHIVE
    np.savez_compressed(path, **(arrays | changes))
    return path
