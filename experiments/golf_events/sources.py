"""Clips whose frames have events for labels: swings drawn by us, onsets of actions, and labels that come later.

Classes are the events, and "no event" last.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int32, Int64, UInt8

from stjax.data import ClipSet, ClipSource, clip_set
from stjax.data.symmetry import Symmetry

NO_EVENT = "no event"
ONSETS = ("sitdown", "standup", "fall")
SWING_EVENTS = 8

Events = list[Int64[np.ndarray, " found"]]
"""Frames of the events of a clip, for each class; in a clip of golf each has one."""


def classes_of(events: tuple[str, ...]) -> tuple[str, ...]:
    return (*events, NO_EVENT)


def symmetry_of(events: tuple[str, ...]) -> Symmetry:
    """Mirrored events are the same events; backwards they are none."""
    return Symmetry.of(classes_of(events), reversal=[(name, None) for name in classes_of(events)])


def events_of(source: ClipSource, clip: int) -> Events:
    """Where the events of a clip are, from its labels: a run of frames of one class is one event, at its middle."""
    labels = source.frame_labels(clip)
    assert labels is not None, "frames have labels"
    found = []
    for k in range(len(source.classes) - 1):
        inside = np.concatenate([[0], labels == k, [0]]).astype(np.int8)
        steps = np.diff(inside)
        found.append((np.flatnonzero(steps == 1) + np.flatnonzero(steps == -1) - 1) // 2)
    return found


@dataclass(frozen=True, eq=False)
class Late:
    """Clips whose labels come `frames` later than what they are about, so that a network has seen what follows.

    The last frame is repeated as often behind the clip's end. What would come before the first label has none.
    """

    clips: ClipSource
    frames: int

    @property
    def classes(self) -> tuple[str, ...]:
        return self.clips.classes

    @property
    def symmetry(self) -> Symmetry:
        return self.clips.symmetry

    def __len__(self) -> int:
        return len(self.clips)

    def length(self, clip: int) -> int:
        return self.clips.length(clip) + self.frames

    def label(self, clip: int) -> int:
        return self.clips.label(clip)

    def frame_labels(self, clip: int) -> Int32[np.ndarray, " length"] | None:
        labels = self.clips.frame_labels(clip)
        return None if labels is None else np.concatenate([np.full(self.frames, -1, np.int32), labels])

    def read(self, clip: int, frame_numbers: np.ndarray) -> UInt8[np.ndarray, "time height width channels"]:
        return self.clips.read(clip, np.minimum(frame_numbers, self.clips.length(clip) - 1))


def onsets(recordings: ClipSet, around: int) -> ClipSet:
    """Recordings with labels of actions, as recordings with labels of the onsets of ONSETS.

    An onset is the first frame of an action. It labels `around` frames on either side, too, where they are of no other
    onset. Frames whose action nobody said are "no event".
    """
    assert recordings.frame_classes is not None, "frames have labels"
    none = len(ONSETS)
    found = np.full(len(recordings.frames), none, np.int32)
    for clip in range(len(recordings)):
        start, stop = recordings.offsets[clip], recordings.offsets[clip + 1]
        actions = recordings.frame_classes[start:stop]
        first = np.concatenate([[True], actions[1:] != actions[:-1]])
        for k, name in enumerate(ONSETS):
            for t in np.flatnonzero(first & (actions == recordings.classes.index(name))).tolist():
                span = slice(start + max(0, t - around), min(start + t + around + 1, stop))
                found[span] = np.where(found[span] == none, k, found[span])
    return replace(recordings, classes=classes_of(ONSETS), symmetry=symmetry_of(ONSETS), frame_classes=found)


def delayed(recordings: ClipSet, frames: int) -> ClipSet:
    """The same recordings with labels that come so many frames later; what comes before the first one is -1."""
    assert recordings.frame_classes is not None, "frames have labels"
    found = np.full(len(recordings.frames), -1, np.int32)
    for start, stop in zip(recordings.offsets[:-1], recordings.offsets[1:], strict=True):
        found[min(start + frames, stop) : stop] = recordings.frame_classes[start : max(start, stop - frames)]
    return replace(recordings, frame_classes=found)


def pieces(recordings: ClipSet, frames: int) -> ClipSet:
    """Pieces of recordings to train on, half overlapping: all with an event, and as many without, spread over all."""
    assert recordings.frame_classes is not None, "frames have labels"
    starts = np.concatenate(
        [
            np.arange(a, b - frames + 1, max(1, frames // 2))
            for a, b in zip(recordings.offsets[:-1], recordings.offsets[1:], strict=True)
        ]
    )
    none = len(recordings.classes) - 1
    event = (recordings.frame_classes >= 0) & (recordings.frame_classes != none)
    eventful = np.array([event[s : s + frames].any() for s in starts])
    quiet = starts[~eventful]
    wanted = min(len(quiet), int(eventful.sum()))
    chosen = np.sort(np.concatenate([starts[eventful], quiet[np.arange(wanted) * len(quiet) // max(1, wanted)]]))
    numbers = (chosen[:, None] + np.arange(frames)).ravel()
    return replace(
        recordings,
        frames=recordings.frames[numbers],
        offsets=np.arange(len(chosen) + 1) * frames,
        labels=np.full(len(chosen), -1, np.int32),
        groups=np.full(len(chosen), -1, np.int32),
        frame_classes=recordings.frame_classes[numbers],
    )


def swings(count: int, side: int, seed: int) -> ClipSet:
    """Stand-ins for golf: a bright club turns up and back down around a point, at a pace of its own, in noise.

    The eight events are reached in order, at fixed angles. Clips have 30 to 60 frames.
    """
    rng = np.random.default_rng(seed)
    none = SWING_EVENTS
    clips, labels = [], []
    for _ in range(count):
        steps = rng.integers(3, 7, SWING_EVENTS - 1)
        begin, end = rng.integers(4, 10, 2)
        times = begin + np.concatenate([[0], np.cumsum(steps)])
        length = int(times[-1] + end)
        # Up to half a turn at event 3 (the top), and down past where it began to the other side at event 7.
        angles = np.interp(np.arange(length), times, np.pi * np.array([0, 0.35, 0.7, 1.0, 0.5, 0.0, -0.5, -1.0]))
        clips.append(_drawn(angles, side, rng))
        frames = np.full(length, none, np.int32)
        frames[times] = np.arange(SWING_EVENTS)
        labels.append(frames)
    events = tuple(f"event {k}" for k in range(SWING_EVENTS))
    found = clip_set(clips, [0] * count, classes_of(events), symmetry_of(events))
    return replace(found, labels=np.full(count, -1, np.int32), frame_classes=np.concatenate(labels))


def _drawn(angles: np.ndarray, side: int, rng: np.random.Generator) -> UInt8[np.ndarray, "time height width 1"]:
    rows, columns = np.mgrid[:side, :side] - (side - 1) / 2
    reach = np.arange(0, 0.45 * side, 0.5)
    clip = rng.normal(40, 6, (len(angles), side, side))
    shift = rng.uniform(-1, 1, 2)
    for frame, angle in zip(clip, angles, strict=True):
        tip = np.stack([np.cos(angle) * reach, np.sin(angle) * reach], 1) + shift
        far = (rows[None] - tip[:, 0, None, None]) ** 2 + (columns[None] - tip[:, 1, None, None]) ** 2
        frame += 180 * np.exp(-far.min(0))
    return np.clip(clip, 0, 255).astype(np.uint8)[..., None]
