"""Bytes in use at every step and tick of a plan, as the checker's lifetimes say; for tables and for the page."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from verify.graph.plan import Buffer
from verify.proof.layout import Layout


@dataclass(frozen=True)
class Held:
    """Bytes of the arena that a buffer takes at positions [first, last], per tick of their stage; one if always so."""

    buffer: Buffer
    first: int
    last: int
    bytes: np.ndarray

    def at(self, tick: int) -> int:
        return int(self.bytes[tick if len(self.bytes) > 1 else 0])


def held(layout: Layout) -> list[Held]:
    """What buffers take, life by life."""
    found = []
    for buffer in layout.arena_buffers():
        for life in layout.lives(buffer):
            if life.bytes_at is None:
                sizes = np.array([layout.size_bytes(buffer)], np.int64)
            else:
                ends = np.array([life.bytes_at(tick) for tick in range(life.ticks)], np.int64)
                sizes = np.maximum(0, ends[:, 1] - ends[:, 0])
            found.append(Held(buffer, life.first, life.last, sizes))
    return found


def at_position(parts: Sequence[Held], position: int) -> list[Held]:
    return [part for part in parts if part.first <= position <= part.last]


def fullest_tick(parts: Sequence[Held]) -> tuple[int, int]:
    """(bytes, tick) where parts of the same position take the most together; the first such tick."""
    total = sum((part.bytes for part in parts), np.zeros(1, np.int64))
    tick = int(total.argmax())
    return int(total[tick]), tick
