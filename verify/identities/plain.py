"""The calls of calls.c in numpy, for hosts without a C compiler: slower, with the same answers."""

from functools import cached_property

import numpy as np

from verify.identities.compiler import NoCompilerError, shared_library
from verify.identities.facts import Row
from verify.identities.machine import FREE, NOWHERE, Machine
from verify.identities.messages import OUTSIDE, WRONG

TAKEN, TWICE, VIEW, RING, REGION = range(3, 8)
BUSY = 1


def preferred_machine() -> type[Machine]:
    """The one with calls in C, or in numpy where there is no compiler."""
    try:
        shared_library()
    except NoCompilerError:
        return PlainMachine
    return Machine


class PlainMachine(Machine):
    """Of what differs from `Machine`, calls.h says what it does."""

    @cached_property
    def _nodes(self) -> dict[int, Row]:
        return {row[0]: row for row in self.facts.nodes}

    def call(self, index: int, ins: int, views: np.ndarray, region: Row) -> None:
        node = self._nodes.get(index)
        operands = self.facts.operands[node[1] : node[2]] if node else ()
        shapes = self.facts.results[node[3] : node[4]] if node else ()
        top = region[0] if operands and operands[0][7] else 0
        fit = len(views) - ins == len(shapes) > 0 and min(region[0], region[2]) >= 0
        outs = [_of_tensor(view, shape) for view, shape in zip(views[ins:].tolist(), shapes, strict=False)]
        parts = [(*region[:3], shape[2] if region[3] == 2**40 else region[3]) for shape in shapes]
        parts = [part if shape[1] else (0, 1, 0, 1) for part, shape in zip(parts, shapes, strict=True)]
        for view, shape, part in zip(outs, shapes, parts, strict=False):
            fit &= view[1] > 0 and (not shape[1] or (part[1] - top <= shape[1] and part[3] <= shape[2]))
        if not fit or any(operand[0] >= ins for operand in operands):
            self._fault(REGION, index, -1, self.frame, region[0], region[2], -1)
            return
        if region[0] >= region[1] or region[2] >= region[3]:
            return
        places = [_places(view, part) for view, part in zip(outs, parts, strict=True)]
        marked = [self._mark(index, p, s[3], r) for p, s, r in zip(places, shapes, parts, strict=True)]
        right = all(marked)
        for row in operands:
            right &= self._reads(index, row, views[row[0]].tolist(), parts[0], places[0])
        for place, (first, rows, width, pixel), (y0, y1, x0, x1) in zip(places, shapes, parts, strict=True):
            number = np.arange(y0 - top * (rows > 0), y1 - top * (rows > 0))[:, None] * width + np.arange(x0, x1)
            inside = (place >= 0) & (place <= len(self.arena) - pixel)
            names = self.names_of(self.frame)[first + _bytes(number * pixel, pixel)]
            at = _bytes(place, pixel)[inside]
            self.memory[at] = names[inside] if right else 0
            self.state[at] = FREE

    def copy(self, to: int, source: int, size: int) -> None:
        there = source >= 0 and source + size <= len(self.memory) and not self.state[source : source + size].any()
        if not self._inside(to, size):
            return
        if not there or (to + size > source and source + size > to):
            self._fault(REGION if there else OUTSIDE, -1, -1, self.frame, 0, 0, source)
            return
        self.memory[to : to + size] = self.memory[source : source + size]

    def set(self, to: int, value: int, size: int) -> None:
        if self._inside(to, size):
            self.memory[to : to + size] = -1 - (value & 255)

    def _inside(self, to: int, size: int) -> bool:
        inside = 0 <= to <= len(self.arena) - size
        if not inside:
            self._fault(OUTSIDE, -1, -1, self.frame, 0, 0, to)
        return inside

    def _fault(self, kind: int, *where: int, found: int = 0, wanted: int = 0) -> bool:
        if self.numbers[7] == 0 or (self.numbers[7] == WRONG and kind != WRONG):
            self.numbers[7:16] = kind, *where, found, wanted
        return False

    def _mark(self, index: int, place: np.ndarray, pixel: int, region: Row) -> bool:
        right = True
        for (y, x), at in np.ndenumerate(place):
            beyond = at < 0 or at > len(self.arena) - pixel
            if beyond or self.state[at : at + pixel].any():
                kind, where = OUTSIDE if beyond else TWICE, (region[0] + y, region[2] + x, int(at))
                right = self._fault(kind, index, -1, self.frame, *where)
            if not beyond:
                self.state[at : at + pixel] = BUSY
        return right

    def _reads(self, index: int, row: Row, found: list[int], region: Row, results: np.ndarray) -> bool:
        """Whether an operand's pixels that the region reads are all there."""
        position, first, rows, width, pixel, delay, exact, slots, past = row[:9]
        high, wide, (y0, y1, x0, x1) = row[9:15], row[15:21], region
        view = _of_tensor(found, (first, rows, width, pixel))
        if not view[1] or not _steps_fit(view, rows, width, high, wide, region):
            return self._fault(RING if view[1] else VIEW, index, position, self.frame, y0, x0, view[0])
        if slots:
            for j in range(high[0]):
                slot, frame = _start(high, y0) + j * high[2], self.frame - delay + j * high[2]
                if not 0 <= slot < slots:
                    return self._fault(REGION, index, position, frame, slot, 0, view[0])
                place, own = _places(view, (slot, slot + 1, 0, 1)), np.zeros((1, 1), bool)
                names = self.names_of(frame)[first : first + pixel][None, None]
                if not self._holds((index, position, frame), place, own, names, past, [0], [0]):
                    return False
            return True
        ys, xs = _needed(high, y0, y1, rows), _needed(wide, x0, x1, width)
        if not ys or not xs:
            return True
        place, y, x = _places(view, (ys.start, ys.stop, xs.start, xs.stop)), np.array(ys), np.array(xs)
        inside = ((y >= y0) & (y < y1))[:, None] & ((x >= x0) & (x < x1))
        there = results[np.clip(y - y0, 0, y1 - y0 - 1)[:, None], np.clip(x - x0, 0, x1 - x0 - 1)]
        own = inside & (there == place) & bool(exact)
        names = self.names_of(self.frame - delay)[first + _bytes((y[:, None] * width + x) * pixel, pixel)]
        return self._holds((index, position, self.frame - delay), place, own, names, past, ys, xs)

    def _holds(self, who, place, own, names, past, ys, xs) -> bool:
        """Whether pixels hold `names`; `own`: at exactly the place of their own result."""
        pixel = names.shape[-1]
        there = (place >= 0) & (place <= len(self.memory) - pixel - past)
        read, behind = (_bytes(np.where(there, place, 0), size) for size in (pixel, pixel + past))
        outside = ~there | (self.state[behind] == NOWHERE).any(-1)
        taken = (self.state[read] == BUSY).any(-1) & ~own
        differs = self.memory[read] != names
        bad = np.argwhere(outside | taken | differs.any(-1))
        for a, b in bad[:1].tolist():
            where, at = (ys[a], xs[b]), int(place[a, b])
            if outside[a, b] or taken[a, b]:
                return self._fault(OUTSIDE if outside[a, b] else TAKEN, *who, *where, at)
            k = int(differs[a, b].argmax())
            found, wanted = int(self.memory[at + k]), int(names[a, b, k])
            return self._fault(WRONG, *who, *where, at + k, found=found, wanted=wanted)
        return True


def _bytes(place: np.ndarray, count: int) -> np.ndarray:
    """The numbers of `count` bytes from each place on, along a new last axis."""
    return place[..., None] + np.arange(count)


def _places(view: Row, part: Row) -> np.ndarray:
    """Where the pixels of a region are."""
    at, pixel, columns, rows, pixels = view
    y, x = np.arange(part[0], part[1])[:, None], np.arange(part[2], part[3])
    slot = y % rows * columns + x % columns if rows else (y * columns + x) % pixels
    return at + slot * pixel


def _of_tensor(view: list[int], shape: Row) -> Row:
    """A view of a tensor by pixels; of 0 bytes each if it is none as kernels take them."""
    at, pixel, columns, rows, pixels = view
    if columns == 0:
        pixel, columns, pixels = shape[3] if pixel == shape[2] * shape[3] else 0, shape[2], rows * shape[2]
    tile = rows >= 1 and columns >= 1 and pixels == rows * columns
    raster = rows == 0 and columns == shape[2] and pixels >= 1
    return at, pixel if pixel == shape[3] and (tile or raster) else 0, columns, rows, pixels


def _steps_fit(view: Row, rows: int, width: int, high: Row, wide: Row, region: Row) -> bool:
    y0, y1, x0, x1 = region
    down, along = _span(high, y0, y1, rows), _span(wide, x0, x1, width)
    return down < view[3] and along < view[2] if view[3] else down * view[2] + along < view[4]


def _span(axis: Row, low: int, high: int, extent: int) -> int:
    """The most positions from the first to the last tap that lies on the image, of any one result."""
    widest = 0
    for position in range(low, high) if axis[0] else ():
        start = _start(axis, position)
        last = min((_end(axis, position) - start - 1) // axis[2], (extent - 1 - start) // axis[2])
        widest = max(widest, (last - max(0, -(start // axis[2]))) * axis[2])
    return widest


def _start(axis: Row, position: int) -> int:
    return (position * axis[1] - axis[3]) // axis[4]


def _end(axis: Row, position: int) -> int:
    return (position * axis[1] - axis[3] - axis[5]) // axis[4] + (axis[0] - 1) * axis[2] + 1


def _needed(axis: Row, low: int, high: int, extent: int) -> range:
    if not axis[0]:
        return range(extent)
    return range(max(0, _start(axis, low)), min(extent, _end(axis, high - 1)))
