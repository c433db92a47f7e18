"""Percentage of correct events, as the code of GolfDB computes it.

A clip has each of its events once. An event is found at the frame of the whole clip where its class is most probable,
and that is correct if it is at most a tolerance away from the true one. The tolerance is that clip's own: 1/30 of the
frames from the first event (address) to the sixth (impact), rounded, at least one frame. Videos in slow motion have
larger ones. The paper divides by the video's frames per second; the code, which gave the published numbers, by 30.

Source: W. McNally et al., "GolfDB: A Video Database for Golf Swing Sequencing", 2019, section 4, and the authors' code
(github.com/wmcnally/golfdb).
"""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Bool, Float, Int64

ADDRESS, IMPACT = 0, 5
STEPS_PER_SWING = 30


def tolerance(events: Int64[np.ndarray, " events"]) -> int:
    """How many frames a prediction may be off, from the true frames of the events. Halves round to the even number."""
    return max(round((int(events[IMPACT]) - int(events[ADDRESS])) / STEPS_PER_SWING), 1)


def predicted(probabilities: Float[np.ndarray, "frames classes"], events: int) -> Int64[np.ndarray, " events"]:
    """Where each of the first `events` classes is most probable; the first such frame."""
    return probabilities[:, :events].argmax(0)


def correct(
    found: Int64[np.ndarray, " events"], true: Int64[np.ndarray, " events"], allowed: int
) -> Bool[np.ndarray, " events"]:
    """Which events are at most `allowed` frames off."""
    return np.abs(found - true) <= allowed


def pce(clips: Iterable[Bool[np.ndarray, " events"]]) -> float:
    """The share of correct events, over all events of all clips."""
    return float(np.concatenate([np.asarray(clip, bool) for clip in clips]).mean())
