"""Random cameras, frames, and streams of them with faults, for tests of the feed."""

import numpy as np

from embedded.tools.camera import BAYER, YUYV, Camera
from tests.embedded.feed_harness import NEXT, NO_BARRIER, Event, ints

BARRIERS = 12
"""More than any call of stj_feed_work has."""


def random_camera(rng: np.random.Generator, kind: str, channels: int, most: int = 6) -> Camera:
    """Small and lopsided; windows that end at the last pixel or line, or before it."""
    first = int(kind in BAYER)
    step, columns, rows = (int(rng.integers(1, high)) for high in (4, most, most))
    left, top = (int(rng.integers(first, first + 3)) for _ in range(2))
    width, height = (
        start + (count - 1) * step + 1 + int(rng.integers(0, 3)) for start, count in ((left, columns), (top, rows))
    )
    width += width % 2 if kind == YUYV else 0
    return Camera(kind, width, height, left, top, step, columns, rows, channels)


def random_tables(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 256, (3, 256), np.uint8)


def random_frame(rng: np.random.Generator, camera: Camera) -> np.ndarray:
    extreme = rng.choice(np.array([0, 255], np.uint8), (camera.height, camera.line_bytes))
    return np.where(rng.random(extreme.shape) < 0.3, extreme, rng.integers(0, 256, extreme.shape, np.uint8)).astype(
        np.uint8
    )


def lines_of(rng: np.random.Generator, camera: Camera, frame: np.ndarray, numbered: bool) -> list[Event]:
    """The events of one frame, with a fault or none."""
    events: list[Event] = [("L", y if numbered else NEXT, line.tobytes()) for y, line in enumerate(frame)]
    at, fault = int(rng.integers(len(events))), rng.random()
    if fault < 0.12:
        del events[at]
    elif fault < 0.24:
        events.insert(at, events[at])
    elif fault < 0.36:
        name, number, raw = events[at]
        events[at] = (name, number, raw[:-1] if rng.random() < 0.7 else raw + b"?")
    elif fault < 0.48:
        events = events[:at]  # the sensor was reset
    start: list[Event] = [("S",)]
    end: list[Event] = [("E",)] if rng.random() < 0.6 else []
    return [*start, *events, *end]


def stream(rng: np.random.Generator, camera: Camera, frames: int, interrupted: bool) -> list[Event]:
    """Frames with faults, and between their lines the main loop, now faster, now slower; idle at the end."""
    numbered, pace = rng.random() < 0.6, rng.choice([0.4, 1.5, 4.0])
    events: list[Event] = []
    for _ in range(frames):
        for event in lines_of(rng, camera, random_frame(rng, camera), numbered):
            for _ in range(int(rng.poisson(pace))):
                barrier = int(rng.integers(1, BARRIERS)) if interrupted else NO_BARRIER
                events.append(("W", int(rng.integers(1, 4)), barrier))
            events.append(event)
    return [*events, ("E",), *[("W", 9, NO_BARRIER)] * 60]


def split(answers: list[tuple[str, bytes]]) -> list[list[tuple[str, bytes]]]:
    """The answers of each script; the first one, of the camera's check, left out."""
    found: list[list[tuple[str, bytes]]] = []
    for letter, data in answers:
        if letter == "K":
            assert ints(data) == [0]
            found.append([])
        else:
            found[-1].append((letter, data))
    return found
