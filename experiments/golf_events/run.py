"""Trains an event head and judges it: by PCE on clips with each event once, and as a detector on whole recordings."""
# pyright: reportMissingImports=false

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from experiments.early_exit.streams import answers, built, differs_from_tflm
from experiments.golf_events import pce
from experiments.golf_events.detection import Counts, counted, reports
from experiments.golf_events.model import (
    EventConfig,
    Probabilities,
    float_answers,
    int8_answers,
    prepared,
    stream_of,
    trained,
)
from experiments.golf_events.sources import Late, delayed, events_of, onsets, pieces
from stjax.assess.device import frame_program, prove
from stjax.data import ClipSet, Splits

TOLERANCES = (2, 5, 9)
"""Frames of fir16: 0.2, 0.5 and one second."""
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
SPREAD = 2
"""Frames on either side of an onset that training takes for the onset, too."""


@dataclass(frozen=True)
class Device:
    """What ran on the emulated microcontroller, frame by frame.

    Args:
      frames: so many frames.
      sram_bytes: proved.
      instructions: executed per frame with a full window; None where there is no emulator.
      wrong_bytes: outputs that differ from those of the firmware compiled for this computer.
      oracle_windows: so many of this computer's answers were compared with TensorFlow Lite Micro's to the clip model;
      oracle_different: bytes of these that differ.
    """

    frames: int
    sram_bytes: int
    instructions: float | None
    wrong_bytes: int
    oracle_windows: int
    oracle_different: int


@dataclass(frozen=True)
class Swings:
    """Events of clips that have each event once.

    Args:
      clips: test clips.
      tolerances: frames that a prediction may be off, by how many clips have that tolerance.
      float_pce, int8_pce: of the network in float, and of its int8 program of one frame on the whole clips.
      by_event: the latter for each event.
      by_chance: of frames drawn evenly from the clip.
    """

    clips: int
    tolerances: dict[int, int]
    float_pce: float
    int8_pce: float
    by_event: tuple[float, ...]
    by_chance: float
    device: Device


@dataclass(frozen=True)
class Detected:
    """Reports on the test recordings at one threshold, at the middle one of TOLERANCES."""

    threshold: float
    chosen: bool
    validation_f1: float
    recalls: tuple[float, ...]
    recall: float
    precision: float
    false_per_hour: float


@dataclass(frozen=True)
class Onsets:
    """Onsets on whole recordings.

    Args:
      recordings, hours: of the test split.
      events: onsets in them, by class.
      float_pce, int8_pce: share of onsets that are found within a tolerance where each is looked for between the
        middles to the onsets of its class before and after it, for each of TOLERANCES.
      thresholds: as a detector, at each threshold.
    """

    recordings: int
    hours: float
    events: tuple[int, ...]
    float_pce: tuple[float, ...]
    int8_pce: tuple[float, ...]
    thresholds: tuple[Detected, ...]
    device: Device


Say = Callable[[str], None]


def swings(events: EventConfig, data: Splits, work: Path, say: Say, clips: int | None = None) -> Swings:
    """Golf, or its stand-ins. `clips`: so many of the test split; None is all of them."""
    say("training the event head")
    late = Splits(*(Late(getattr(data, part), events.late) for part in ("train", "validation", "test")))
    training, result, contents = trained(events, late, work)
    chosen = range(len(data.test) if clips is None else min(clips, len(data.test)))
    frames = [prepared(events, data.test, clip) for clip in chosen]
    true = [np.concatenate(events_of(data.test, clip)) for clip in chosen]
    allowed = [pce.tolerance(found) for found in true]
    say(f"{len(frames)} test clips, in float and in int8")
    floats = float_answers(events, training, result.variables, frames)
    device, ints = _in_int8(events, contents, frames, say)
    count = len(data.test.classes) - 1

    def right(found: Sequence[Probabilities]) -> list[np.ndarray]:
        return [pce.correct(pce.predicted(p, count), t, a) for p, t, a in zip(found, true, allowed, strict=True)]

    by_chance = [
        np.mean([min(len(p), e + a + 1) - max(0, e - a) for e in t]) / len(p)
        for p, t, a in zip(ints, true, allowed, strict=True)
    ]
    values, numbers = np.unique(allowed, return_counts=True)
    return Swings(
        clips=len(frames),
        tolerances=dict(zip(values.tolist(), numbers.tolist(), strict=True)),
        float_pce=pce.pce(right(floats)),
        int8_pce=pce.pce(right(ints)),
        by_event=tuple(np.stack(right(ints)).mean(0).tolist()),
        by_chance=float(np.mean(by_chance)),
        device=device,
    )


def actions(
    events: EventConfig, data: Splits, work: Path, say: Say, seconds_per_frame: float, recordings: int | None = None
) -> Onsets:
    """Onsets on recordings whose frames are labelled with actions. `recordings`: so many to test on."""
    train, validation, test = (getattr(data, part) for part in ("train", "validation", "test"))
    assert isinstance(train, ClipSet) and isinstance(validation, ClipSet) and isinstance(test, ClipSet)
    validation, test = (_some(part, recordings) for part in (validation, test))
    train = _some(train, None if recordings is None else 3 * recordings)
    say("training the event head")
    learned = [pieces(delayed(onsets(part, SPREAD), events.late), events.window) for part in (train, validation, test)]
    training, result, contents = trained(events, Splits(*learned), work)
    exact = [onsets(part, 0) for part in (validation, test)]
    true = [[events_of(part, clip) for clip in range(len(part))] for part in exact]
    frames = [[prepared(events, part, clip) for clip in range(len(part))] for part in (validation, test)]
    say(f"{len(test)} test recordings, in float and in int8")
    floats = float_answers(events, training, result.variables, frames[1])
    _, watched = _in_int8(replace(events, board="host", device_frames=100, oracle_windows=0), contents, frames[0], say)
    device, ints = _in_int8(events, contents, frames[1], say)
    hours = seconds_per_frame * sum(map(len, frames[1])) / 3600
    scores = {t: _all(watched, true[0], t, TOLERANCES[1]).f1 for t in THRESHOLDS}
    chosen = max(THRESHOLDS, key=lambda threshold: scores[threshold])
    return Onsets(
        recordings=len(test),
        hours=hours,
        events=tuple(sum(len(found[k]) for found in true[1]) for k in range(len(exact[1].classes) - 1)),
        float_pce=tuple(between_middles(floats, true[1], allowed) for allowed in TOLERANCES),
        int8_pce=tuple(between_middles(ints, true[1], allowed) for allowed in TOLERANCES),
        thresholds=tuple(_detected(ints, true[1], t, t == chosen, scores[t], hours) for t in THRESHOLDS),
        device=device,
    )


def between_middles(found: Sequence[Probabilities], true: Sequence[Sequence[np.ndarray]], allowed: int) -> float:
    """PCE where a clip has an event more than once: each is looked for up to half-way to the next one of its class."""
    right = []
    for probabilities, events in zip(found, true, strict=True):
        for k, frames in enumerate(events):
            if not len(frames):
                continue
            middles = (frames[1:] + frames[:-1] + 1) // 2
            bounds = np.concatenate([[0], middles, [len(probabilities)]])
            for frame, start, stop in zip(frames.tolist(), bounds[:-1], bounds[1:], strict=True):
                at = int(start + probabilities[start:stop, k].argmax())
                right.append(abs(at - frame) <= allowed)
    return float(np.mean(right))


def _some(recordings: ClipSet, wanted: int | None) -> ClipSet:
    count = len(recordings)
    return recordings if wanted is None or wanted >= count else recordings.select(np.arange(wanted) * count // wanted)


def _in_int8(
    events: EventConfig, contents: bytes, clips: Sequence[np.ndarray], say: Say
) -> tuple[Device, list[Probabilities]]:
    """Answers to all frames by the firmware on this computer; the first of them on the board, too."""
    proved, stream = prove(frame_program(contents)), stream_of(events, clips)
    with tempfile.TemporaryDirectory(prefix="stjax-events-") as name:
        host = built(proved, "host", Path(name) / "host")
        ours = answers(host, stream.frames)
        part = stream.first(events.device_frames)
        say(f"{len(part.frames)} frames on {events.board}")
        board = answers(
            host if events.board == "host" else built(proved, events.board, Path(name) / "board"), part.frames
        )
    full = np.arange(len(part.frames)) >= events.frames - 1
    wrong = (board.outputs[0] != ours.outputs[0][: len(full)])[full].sum()
    windows = events.oracle_windows
    device = Device(
        frames=len(part.frames),
        sram_bytes=proved.plan.sram_bytes,
        instructions=None if board.instructions is None else float(board.instructions[full].mean()),
        wrong_bytes=int(wrong),
        oracle_windows=windows,
        oracle_different=differs_from_tflm(contents, stream, ours, events.frames, windows) if windows else 0,
    )
    return device, int8_answers(events, contents, stream, ours)


def _counts(
    found: Sequence[Probabilities], true: Sequence[Sequence[np.ndarray]], threshold: float, allowed: int, k: int
) -> Counts:
    parts = (counted(reports(p[:, k], threshold), t[k], allowed) for p, t in zip(found, true, strict=True))
    return sum(parts, Counts(0, 0, 0))


def _all(
    found: Sequence[Probabilities], true: Sequence[Sequence[np.ndarray]], threshold: float, allowed: int
) -> Counts:
    return sum((_counts(found, true, threshold, allowed, k) for k in range(len(true[0]))), Counts(0, 0, 0))


def _detected(
    found: Sequence[Probabilities],
    true: Sequence[Sequence[np.ndarray]],
    threshold: float,
    chosen: bool,
    validation_f1: float,
    hours: float,
) -> Detected:
    allowed = TOLERANCES[1]
    classes = [_counts(found, true, threshold, allowed, k) for k in range(len(true[0]))]
    together = sum(classes, Counts(0, 0, 0))
    return Detected(
        threshold=threshold,
        chosen=chosen,
        validation_f1=validation_f1,
        recalls=tuple(counts.recall for counts in classes),
        recall=together.recall,
        precision=together.precision,
        false_per_hour=together.false / hours,
    )
