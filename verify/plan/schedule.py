"""Affine schedules for a run of fused operators: each fires a row as soon as its input rows are there.

Everything is measured in ticks of the stage's source rows, as if the image went on below its last row (padding rows
"arrive" too), so that schedules stay affine: complete(n) = grain * floor((rate * n + offset) / period). A consumer's
schedule follows from its operands' in closed form; an operator with two operands takes the slower one, and the other
operand's ring grows by the difference: the delay line of a shortcut.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np

from verify.graph.plan import Schedule
from verify.graph.window import Window


@dataclass(frozen=True)
class Edge:
    """An operand that arrives by rows: its schedule, its rows, and the window through which it is read."""

    schedule: Schedule
    rows: int
    window: Window


def arrival(rows: int, slowest: int, step: int = 1) -> Schedule:
    """A source of `rows` rows beside one of `slowest` rows, of which `step` arrive in each tick.

    All sources of a stage advance in proportion.
    """
    common = math.gcd(rows * step, slowest)
    return Schedule(rows * step // common, slowest // common, rows * step // common)


def fire_when_ready(edges: list[Edge]) -> Schedule | None:
    """The earliest schedule of an operator that reads `edges`; None if they advance at different rates.

    Behind an operand that comes by several rows at a time it computes several, too, or cannot follow.
    """
    ready = [_through(edge.schedule, edge.window) for edge in edges]
    if None in ready:
        return None
    grain = math.lcm(*(s.grain for s in ready if s))
    ready = [in_grains(s, grain // s.grain) for s in ready if s]
    period = math.lcm(*(s.period for s in ready))
    scaled = [(s.rate * period // s.period, s.offset * period // s.period) for s in ready]
    if len({rate for rate, _ in scaled}) != 1:
        return None
    return _reduced(scaled[0][0], period, min(offset for _, offset in scaled), grain)


def in_grains(s: Schedule, count: int) -> Schedule:
    """The schedule that waits until `count` grains of this one are there, and computes them at once."""
    return _reduced(s.rate, s.period * count, s.offset, s.grain * count)


def _through(s: Schedule, w: Window) -> Schedule | None:
    """Rows y whose last tap end(y) - 1 lies below the operand's frontier.

    With complete = floor(x / period), the largest y + 1 is floor((upsample*(complete - reach + 1) - 1 + pad + short
    + stride) / stride); nested floors join exactly for upsample 1 and are rounded down (a later firing) otherwise.
    """
    u = w.upsample
    slack = u * (1 - w.reach) - 1 + w.pad_before + w.short + w.stride
    if s.grain > 1:  # floor((grain * F + slack) / stride), as multiples of grain / stride
        grain = s.grain // w.stride
        if u > 1 or s.grain % w.stride:
            return None
        return _reduced(s.rate, s.period, s.offset + s.period * (slack // w.stride // grain), grain)
    late = (u - 1) * (s.period - 1) if u > 1 else 0
    return _reduced(u * s.rate, s.period * w.stride, u * s.offset - late + s.period * slack)


def _reduced(rate: int, period: int, offset: int, grain: int = 1) -> Schedule:
    common = math.gcd(rate, period)
    return Schedule(rate // common, period // common, offset // common, grain)


def ticks_until(schedule: Schedule, rows: int) -> int:
    """How many ticks until `rows` rows are complete."""
    return max(0, -((schedule.offset - schedule.period * -(-rows // schedule.grain)) // schedule.rate)) + 1


def as_late_as(consumers: list[Edge]) -> Schedule | None:
    """The latest schedule of a producer with which these consumers (schedule and window each) still find their rows.

    Returns None where that has no closed form here (upsampling, consumers of different rate, or of several rows at a
    time).
    """
    if not consumers or any(edge.window.upsample != 1 or edge.schedule.grain != 1 for edge in consumers):
        return None
    late = [_before(edge.schedule, edge.window) for edge in consumers]
    period = math.lcm(*(s.period for s in late))
    scaled = [(s.rate * period // s.period, s.offset * period // s.period) for s in late]
    if len({rate for rate, _ in scaled}) != 1:
        return None
    return _reduced(scaled[0][0], period, max(offset for _, offset in scaled))


def _before(s: Schedule, w: Window) -> Schedule:
    """The slowest operand schedule whose `_through` is not slower than `s` (upsample 1)."""
    period = math.lcm(s.period, w.stride)
    scale = period // s.period
    own = period // w.stride
    slack = 1 - w.reach - 1 + w.pad_before + w.stride
    return _reduced(s.rate * scale, own, s.offset * scale - own * slack)


@functools.lru_cache(maxsize=2**16)
def ring_rows(producer: Schedule, rows: int, consumer: Schedule, consumer_rows: int, window: Window) -> int:
    """Rows that a buffer of the producer's tensor must hold so that this consumer never misses one.

    At the tick where the consumer computes row y, that is what has been written minus the first row still read.
    """
    _, complete, first = _at_firings(producer, rows, consumer, consumer_rows)
    return max(1, int((complete - _first_read(first, window)).max()))


@functools.lru_cache(maxsize=2**16)
def newest_gap(producer: Schedule, rows: int, consumer: Schedule, consumer_rows: int, window: Window) -> int:
    """How far the first row still read lies behind the row that the producer is at, when this consumer fires.

    That is the row of the tick, which may be incomplete; where the tick computes none, the count of complete rows.
    """
    before, complete, first = _at_firings(producer, rows, consumer, consumer_rows)
    return max(0, int((complete - (complete > before) - _first_read(first, window)).max()))


@functools.lru_cache(maxsize=2**16)
def most_per_tick(schedule: Schedule, rows: int) -> int:
    """The largest number of rows that one tick computes."""
    ticks, first = _firing_ticks(schedule, rows)
    return int((frontiers(schedule, rows, ticks) - first).max())


@functools.lru_cache(maxsize=2**16)
def is_within_tick(producer: Schedule, rows: int, consumer: Schedule, consumer_rows: int, window: Window) -> bool:
    """Whether every row that the consumer reads was written at the same tick."""
    before, _, first = _at_firings(producer, rows, consumer, consumer_rows)
    return bool((_first_read(first, window) >= before).all())


@functools.lru_cache(maxsize=2**14)
def _at_firings(
    producer: Schedule, rows: int, consumer: Schedule, consumer_rows: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of the producer complete before and after each tick at which the consumer fires, and its first row then."""
    ticks, first = _firing_ticks(consumer, consumer_rows)
    return frontiers(producer, rows, ticks - 1), frontiers(producer, rows, ticks), first


@functools.lru_cache(maxsize=2**14)
def _firing_ticks(schedule: Schedule, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The ticks at which rows are computed, and the first row of each."""
    y = np.arange(rows)
    grains = y // schedule.grain + 1
    ticks = np.unique(np.maximum(0, -((schedule.offset - schedule.period * grains) // schedule.rate)))
    return ticks, frontiers(schedule, rows, ticks - 1)


def frontiers(schedule: Schedule, rows: int, ticks: np.ndarray) -> np.ndarray:
    """Rows complete after each of `ticks`; 0 for those before the first."""
    grains = (schedule.rate * ticks + schedule.offset) // schedule.period
    complete = np.minimum(np.maximum(schedule.grain * grains, 0), rows)
    return np.where(ticks < 0, 0, complete)


@functools.lru_cache(maxsize=2**14)
def progress(schedule: Schedule, rows: int, ticks: int) -> np.ndarray:
    """Rows complete after each of the first `ticks` ticks; not to be written to."""
    return frontiers(schedule, rows, np.arange(ticks))


@functools.lru_cache(maxsize=2**14)
def still_needed(reader: Schedule, reader_rows: int, window: Window, rows: int, ticks: int) -> np.ndarray:
    """The first of `rows` rows that the reader needs at each of the first `ticks` ticks or later; not to be written to.

    `rows` once it needs none any more.
    """
    first = frontiers(reader, reader_rows, np.arange(ticks) - 1)
    return np.where(first < reader_rows, np.minimum(_first_read(first, window), rows), rows)


def _first_read(row: np.ndarray, window: Window) -> np.ndarray:
    return np.maximum(0, (row * window.stride - window.pad_before) // window.upsample)
