"""A memory of identities: what it holds, how frames follow each other in it, and calls, which are C (calls.h)."""

import ctypes
import functools
import sys

import numpy as np

from verify.identities.compiler import shared_library
from verify.identities.facts import BEFORE, Facts, Memory, Row
from verify.identities.messages import OUTSIDE, WRONG, Event

FREE, NOWHERE = 0, 2

LONGEST = 20_000
"""Frames after which a stream must have come round."""


class Machine:
    """The memory of one program. `numbers` and the arrays are calls.h's `machine`."""

    def __init__(self, facts: Facts, memory: Memory):
        assert sys.maxsize > 2**32, "a pointer is an int64"
        self.facts, self.places, self.frame = facts, memory.inputs, -1
        self.memory = np.zeros(memory.bytes, np.int32)
        self.state = np.full(memory.bytes, NOWHERE, np.uint8)
        self.state[: memory.arena] = FREE
        for at, size in zip(memory.inputs, facts.input_bytes, strict=True):
            self.state[at : at + size] = FREE
        self.names = np.full((facts.kept + 1, facts.all), BEFORE, np.int32)
        for first, size, value in facts.before:
            self.names[facts.kept, first : first + size] = -1 - (value & 255)
        self.arena = self.memory[: memory.arena]
        tables = [np.array(rows, np.int64) for rows in (sorted(facts.nodes), facts.operands, facts.results)]
        self._arrays = (*tables, self.memory, self.state, self.names)
        sizes = (facts.all, memory.arena, memory.bytes, len(facts.nodes), facts.kept, -1, 0)
        self.numbers = np.array([*sizes, *[0] * 9, *(array.ctypes.data for array in self._arrays)], np.int64)
        self._at = self.numbers.ctypes.data

    def next_frame(self, begins: bool) -> None:
        """All bytes of a frame get new names; its inputs are with the caller. `begins`: none is before."""
        self.frame += 1
        self.numbers[5:7] = self.frame, self.frame if begins else self.numbers[6]
        self.name(1 + self.frame * self.facts.all + np.arange(self.facts.all))

    def name(self, names: np.ndarray) -> None:
        """Says what the bytes of this frame are."""
        self.names[self.frame % self.facts.kept] = names
        for at, row, size in zip(self.places, self.facts.inputs, self.facts.input_bytes, strict=True):
            self.memory[at : at + size] = names[row[0] : row[0] + size]

    def names_of(self, frame: int) -> np.ndarray:
        """What the bytes of a frame are, of the last few."""
        return self.names[self.facts.kept if frame < self.numbers[6] else frame % self.facts.kept]

    def call(self, index: int, ins: int, views: np.ndarray, region: Row) -> None:
        """Operator `index` of the model computes [y0, y1) by [x0, x1); views of `ins` operands, then of results."""
        library().machine_call(self._at, index, views.ctypes.data, ins, len(views) - ins, *region)

    def copy(self, to: int, source: int, size: int) -> None:
        library().machine_copy(self._at, to, source, size)

    def set(self, to: int, value: int, size: int) -> None:
        library().machine_set(self._at, to, value, size)

    def event(self) -> Event | None:
        """What went wrong in this frame, first; while a stream warms up, wrong bytes are none of its faults."""
        event = Event(*self.numbers[7:16].tolist())
        if event.kind == WRONG and self.frame - self.numbers[6] < self.facts.warm_up:
            self.numbers[7:16] = 0
            return None
        return event if event.kind else None

    def output(self, shape: Row, at: int) -> Event | None:
        """What keeps the bytes from `at` on from being this frame's whole tensor."""
        names = self.names_of(self.frame)[shape[0] : shape[0] + shape[1] * shape[2] * shape[3]]
        if not 0 <= at <= len(self.arena) - len(names):
            return Event(OUTSIDE, -1, -1, self.frame, 0, 0, at, 0, 0)
        for k in np.flatnonzero(self.arena[at : at + len(names)] != names)[:1].tolist():
            return Event(WRONG, -1, -1, self.frame, 0, 0, at + k, int(self.arena[at + k]), int(names[k]))
        return None

    def came_round(self, then: np.ndarray, frames: int) -> bool:
        """Whether the arena is as it was `frames` frames ago, but that every frame in it is as much later.

        What is older than any delay reaches no frame can read.
        """
        now, then = self.arena.astype(np.int64), then.astype(np.int64)
        later = (now > 0) & (then > 0) & (now == then + frames * self.facts.all)
        oldest = (self.frame - frames - self.facts.kept) * self.facts.all
        return bool((later | ((now == then) & (now <= oldest))).all())


@functools.cache
def library() -> ctypes.CDLL:
    """calls.c."""
    found = ctypes.CDLL(str(shared_library()))
    number, pointer = ctypes.c_int64, ctypes.c_void_p
    found.machine_call.argtypes = [pointer, number, pointer, *[number] * 6]
    found.machine_copy.argtypes = found.machine_set.argtypes = [pointer, *[number] * 3]
    return found
