"""The machine of identities in numpy, for hosts without a C compiler: slower, with the answers of machine.c."""

import numpy as np

from verify.identities.facts import BEFORE, Facts, Memory, Row
from verify.identities.messages import POISON, Event

FREE, BUSY, NOWHERE = 0, 1, 2
WRONG, OUTSIDE, TAKEN, VIEW, RING, REGION, TWICE = range(1, 8)
Region = tuple[int, int, int, int]


class PlainMachine:
    """machine.h has what its functions do."""

    def __init__(self, facts: Facts, memory: Memory):
        self.facts, self.places, self.arena = facts, memory.inputs, memory.arena
        self.bytes = np.zeros(memory.bytes, np.int32)
        self.state = np.full(memory.bytes, NOWHERE, np.uint8)
        self.state[: memory.arena] = FREE
        for at, size in zip(memory.inputs, map(_size, facts.inputs), strict=True):
            self.state[at : at + size] = FREE
        self.before = np.full(facts.all, BEFORE, np.int32)
        for first, size, value in facts.before:
            self.before[first : first + size] = -1 - (value & 255)
        self.events = [Event(0, -1, -1, 0, 0, 0, 0, 0, 0)]
        self.now, self.start, self.fatal = -1, 0, 0

    def frame(self, begins: bool) -> None:
        self.now += 1
        self.start = self.now if begins else self.start
        for at, shape in zip(self.places, self.facts.inputs, strict=True):
            self.bytes[at : at + _size(shape)] = self._names(self.now)[shape[0] : shape[0] + _size(shape)]

    def set(self, to: int, value: int, size: int) -> None:
        if self._can_copy(to, size):
            self.bytes[to : to + size] = -1 - (value & 255)

    def steps(self, records: np.ndarray, ins: int) -> None:
        for record in records.tolist():
            if self.fatal:
                return
            kind, op, y0, y1, x0, x1, *numbers = record
            if kind:
                self._copy(op, y0, y1)
            else:
                views = [tuple(numbers[k : k + 5]) for k in range(0, len(numbers), 5)]
                self._call(op, views[:ins], views[ins:], (y0, y1, x0, x1))

    def holds(self, shape: Row, at: int) -> int:
        whole = (shape[0], 1, 1, _size(shape))
        found = self._look(whole, np.array([[at]]), self.now, np.zeros((1, 1), bool), (-1, -1), 0)
        return int(found[0, 0])

    def event(self, number: int) -> Event:
        return self.events[number]

    def memory(self) -> np.ndarray:
        return self.bytes[: self.arena].copy()

    def came_round(self, then: np.ndarray, frames: int) -> bool:
        now, then = self.bytes[: self.arena].astype(np.int64), then.astype(np.int64)
        later = (now > 0) & (then > 0) & (now == then + frames * self.facts.all)
        oldest = (self.now - frames - self.facts.kept) * self.facts.all
        stays = (now == then) & (now <= oldest)
        return bool((later | stays | ((now <= POISON) & (then <= POISON))).all())

    def _names(self, frame: int) -> np.ndarray:
        """The identities of a frame's bytes."""
        if frame < self.start:
            return self.before
        return (1 + frame * self.facts.all + np.arange(self.facts.all)).astype(np.int32)

    def _add(self, *numbers: int) -> int:
        self.events.append(Event(*numbers))
        if numbers[0] not in (WRONG, TAKEN) and not self.fatal:
            self.fatal = len(self.events) - 1
        return len(self.events) - 1

    def _can_copy(self, to: int, size: int) -> bool:
        can = 0 <= to <= self.arena - size
        if not can:
            self._add(OUTSIDE, -1, -1, self.now, 0, 0, to, 0, 0)
        return can

    def _copy(self, to: int, source: int, size: int) -> None:
        apart = to + size <= source or source + size <= to
        if not self._can_copy(to, size):
            return
        if not apart or source < 0 or self.state[source : source + size].any() or source + size > len(self.bytes):
            self._add(OUTSIDE if apart else REGION, -1, -1, self.now, 0, 0, source, 0, 0)
            return
        self.bytes[to : to + size] = self.bytes[source : source + size]

    def _call(self, op: int, ins: list[Row], outs: list[Row], region: Region) -> None:
        index, first, end, result, result_end = self.facts.nodes[op]
        y0, y1, x0, x1 = region
        operands, shapes = self.facts.operands[first:end], self.facts.results[result:result_end]
        top = y0 if operands and operands[0][7] else 0
        views = list(zip(outs, shapes, strict=False))
        whole = x1 == 2**40
        fit = all(_fits(v, s) and y1 - top <= s[1] and (whole or x1 <= s[2]) for v, s in views)
        if y0 < 0 or x0 < 0 or not fit:
            self._add(REGION, index, -1, self.now, y0, x0, outs[0][0], 0, 0)
            return
        if y0 >= y1 or x0 >= x1:
            return
        regions = [(y0, y1, x0, min(x1, s[2])) for _, s in views]
        places = [_places(v, r) for (v, _), r in zip(views, regions, strict=True)]
        wrong = self._mark(index, [(p, s[3], r) for p, (_, s), r in zip(places, views, regions, strict=True)])
        events = np.full(places[0].shape, wrong, np.int64)
        for operand in operands:
            found = self._read(index, operand, ins[operand[0]], regions[0], places[0])
            events = np.where(events == 0, found, events)
        for place, (_, shape), part in zip(places, views, regions, strict=True):
            self._write(place, shape, part, top, events if place.shape == events.shape else events[:, :1])
            self.state[_bytes(place, shape[3]) % len(self.state)] = FREE
            self.state[self.arena :] = np.where(self.state[self.arena :] == BUSY, NOWHERE, self.state[self.arena :])

    def _mark(self, index: int, results: list[tuple[np.ndarray, int, Region]]) -> int:
        wrong = 0
        for place, pixel, (y0, _, x0, _) in results:
            for (y, x), at in np.ndenumerate(place):
                beyond = at < 0 or at > self.arena - pixel
                if beyond or self.state[at : at + pixel].any():
                    kind = OUTSIDE if beyond else TWICE
                    wrong = wrong or self._add(kind, index, -1, self.now, y0 + y, x0 + x, int(at), 0, 0)
                if not beyond:
                    self.state[at : at + pixel] = BUSY
        return wrong

    def _write(self, place: np.ndarray, shape: Row, part: Region, top: int, events: np.ndarray) -> None:
        first, _, width, pixel = shape
        y0, y1, x0, x1 = part
        number = np.arange(y0 - top, y1 - top)[:, None] * width + np.arange(x0, x1)
        names = self._names(self.now)[first + _bytes(number * pixel, pixel)]
        values = np.where(events[..., None] > 0, POISON - events[..., None], names)
        inside = (place >= 0) & (place <= self.arena - pixel)
        self.bytes[_bytes(place, pixel)[inside]] = values[inside]

    def _read(self, index: int, operand: Row, view: Row, region: Region, results: np.ndarray) -> np.ndarray:
        """Per result pixel of the region, the event for which it is wrong."""
        position, *shape, delay, exact, slots, past = operand[:9]
        high, wide = operand[9:14], operand[14:19]
        y0, y1, x0, x1 = region
        none = np.zeros(results.shape, np.int64)
        s, who = (shape[0], shape[1], shape[2], shape[3]), (index, position)
        if not _fits(view, s) or not _steps_fit(view, s, high, wide):
            kind = RING if _fits(view, s) else VIEW
            return none + self._add(kind, index, position, self.now, y0, x0, view[0], 0, 0)
        if slots:
            wrong = 0
            for j in range(high[0]):
                row, frame = _start(high, y0) + j * high[2], self.now - delay + j * high[2]
                if not 0 <= row < slots:
                    wrong = wrong or self._add(REGION, *who, frame, row, 0, view[0], 0, 0)
                    continue
                place = _places(view, (row, row + 1, 0, 1))
                found = self._look((s[0], 1, 1, s[3]), place, frame, np.zeros((1, 1), bool), who, past)
                wrong = wrong or int(found[0, 0])
            return none + wrong
        v0, v1 = _needed(high, y0, y1, s[1])
        u0, u1 = _needed(wide, x0, x1, s[2])
        if v0 >= v1 or u0 >= u1:
            return none
        place, own = _places(view, (v0, v1, u0, u1)), np.zeros((v1 - v0, u1 - u0), bool)
        if exact:
            a, b, c, d = max(v0, y0), min(v1, y1), max(u0, x0), min(u1, x1)
            if a < b and c < d:
                same = place[a - v0 : b - v0, c - u0 : d - u0] == results[a - y0 : b - y0, c - x0 : d - x0]
                own[a - v0 : b - v0, c - u0 : d - u0] = same
        events = self._look(s, place, self.now - delay, own, who, past, v0, u0)
        return _taps(events, high, wide, region, (v0, v1, u0, u1)) if events.any() else none

    def _look(
        self,
        shape: Row,
        place: np.ndarray,
        frame: int,
        own: np.ndarray,
        who: tuple[int, int],
        past: int,
        y0: int = 0,
        x0: int = 0,
    ) -> np.ndarray:
        """Events of an operand's pixels, 0 where all is right; `own`: at exactly the place of their result."""
        first, _, width, pixel = shape
        rows, columns = np.arange(y0, y0 + place.shape[0]), np.arange(x0, x0 + place.shape[1])
        names = self._names(frame)[first + _bytes((rows[:, None] * width + columns) * pixel, pixel)]
        there = (place >= 0) & (place <= len(self.bytes) - pixel - past)
        read = _bytes(np.where(there, place, 0), pixel)
        behind = _bytes(np.where(there, place, 0), pixel + past)
        outside = ~there | (self.state[behind] == NOWHERE).any(-1)
        taken = ~outside & ~own & (self.state[read] == BUSY).any(-1)
        differs = self.bytes[read] != names
        bad = outside | taken | differs.any(-1)
        events, fresh = np.zeros(place.shape, np.int64), 0
        for y, x in np.argwhere(bad):
            kind, at, found, wanted = OUTSIDE if outside[y, x] else TAKEN, int(place[y, x]), 0, 0
            if not outside[y, x] and not taken[y, x]:
                k = int(np.argmax(differs[y, x]))
                kind, at = WRONG, at + k
                found, wanted = int(self.bytes[at]), int(names[y, x, k])
                if found <= POISON:
                    events[y, x] = POISON - found
                    continue
            if not fresh or kind == OUTSIDE:
                fresh = self._add(kind, *who, frame, y0 + int(y), x0 + int(x), at, found, wanted)
            events[y, x] = fresh
        return events


def _size(shape: Row) -> int:
    return shape[1] * shape[2] * shape[3]


def _bytes(place: np.ndarray, count: int) -> np.ndarray:
    """The numbers of `count` bytes from each place on, along a new last axis."""
    return place[..., None] + np.arange(count)


def _places(view: Row, part: Region) -> np.ndarray:
    """Where the pixels of a region are."""
    at, pixel, columns, rows, pixels = view
    y, x = np.arange(part[0], part[1])[:, None], np.arange(part[2], part[3])
    slot = y % rows * columns + x % columns if rows else (y * columns + x) % pixels
    return at + slot * pixel


def _fits(view: Row, shape: Row) -> bool:
    _, pixel, columns, rows, pixels = view
    tile = rows >= 1 and columns >= 1 and pixels == rows * columns
    return pixel == shape[3] and (tile or (rows == 0 and columns == shape[2] and pixels >= 1))


def _span(axis: Row, extent: int) -> int:
    return min(axis[0] - 1, (extent - 1) // axis[2]) * axis[2] if axis[0] else 0


def _steps_fit(view: Row, shape: Row, high: Row, wide: Row) -> bool:
    _, _, columns, rows, pixels = view
    down, along = _span(high, shape[1]), _span(wide, shape[2])
    return down < rows and along < columns if rows else down * columns + along < pixels


def _start(axis: Row, position: int) -> int:
    return (position * axis[1] - axis[3]) // axis[4]


def _needed(axis: Row, low: int, high: int, extent: int) -> tuple[int, int]:
    if not axis[0]:
        return 0, extent
    return max(0, _start(axis, low)), min(extent, _start(axis, high - 1) + (axis[0] - 1) * axis[2] + 1)


def _taps(events: np.ndarray, high: Row, wide: Row, region: Region, part: Region) -> np.ndarray:
    """Per result pixel, the first event among those of its taps."""
    y0, y1, x0, x1 = region
    found = np.zeros((y1 - y0, x1 - x0), np.int64)
    for y in range(y0, y1):
        rows = _positions(high, y, part[0], part[1])
        for x in range(x0, x1):
            columns = _positions(wide, x, part[2], part[3])
            taps = events[np.ix_(rows, columns)].reshape(-1)
            found[y - y0, x - x0] = next(iter(taps[taps > 0]), 0)
    return found


def _positions(axis: Row, position: int, low: int, high: int) -> list[int]:
    if not axis[0]:
        return list(range(high - low))
    start = _start(axis, position)
    taps = (start + j * axis[2] for j in range(axis[0]))
    return [tap - low for tap in taps if low <= tap < high]
