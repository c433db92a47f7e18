"""Small clip sets for tests: every pixel says which clip and frame it is from."""

from dataclasses import replace

import numpy as np

from stjax.data.clips import ClipSet, clip_set
from stjax.data.symmetry import Symmetry

CLASSES = ("left", "right", "wave", "thumb")
SYMMETRY = Symmetry.of(
    CLASSES,
    horizontal_flip=[("left", "right")],
    vertical_flip=[("thumb", None)],
    reversal=[("left", "right"), ("wave", None)],
)


def numbered(lengths: tuple[int, ...] = (3, 5, 4, 6, 2), height: int = 4, width: int = 3) -> ClipSet:
    """Clip i has class i % 4; its frame t holds the value 10 * i + t, and the corner pixel 200."""
    clips = []
    for i, length in enumerate(lengths):
        clip = np.empty((length, height, width, 1), np.uint8)
        clip[:] = (10 * i + np.arange(length, dtype=np.uint8))[:, None, None, None]
        clip[:, 0, 0] = 200
        clips.append(clip)
    labels = [i % len(CLASSES) for i in range(len(lengths))]
    return clip_set(clips, labels, CLASSES, SYMMETRY, groups=list(range(len(lengths))))


def labelled_by_frame() -> ClipSet:
    """The same clips, which belong to no class; of frame t in clip i the class is (i + t) % 4, or none where t is 1."""
    clips = numbered()
    classes = np.concatenate([(i + np.arange(clips.length(i))) % len(CLASSES) for i in range(len(clips))])
    classes[clips.offsets[:-1] + 1] = -1
    return replace(clips, labels=np.full(len(clips), -1, np.int32), frame_classes=classes.astype(np.int32))
