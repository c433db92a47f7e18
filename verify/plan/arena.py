"""Offsets for buffers with known lifetimes: the dynamic storage allocation problem, by many first fits.

Each order of the buffers gives one packing (every buffer at the lowest address that is free during its lifetime).
Some good orders are tried, then seeded random swaps of the best one, until the packing meets the lower bound of the
largest sum of sizes alive at one position, or the tries are used up.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TRIES = (400, 4000)
PLACED = 200_000
"""Tries: as many as place so many buffers, but between TRIES[0] and TRIES[1]."""


@dataclass(frozen=True)
class Item:
    """`size` bytes needed at positions [first, last], both included."""

    size: int
    first: int
    last: int


def load_bound(items: Sequence[Item]) -> int:
    """The largest sum of sizes alive at one position: no packing ends lower."""
    change: dict[int, int] = {}
    for item in items:
        change[item.first] = change.get(item.first, 0) + item.size
        change[item.last + 1] = change.get(item.last + 1, 0) - item.size
    load = most = 0
    for position in sorted(change):
        load += change[position]
        most = max(most, load)
    return most


Overlaps = Mapping[tuple[int, int], int]
"""(operand, result) -> bytes: the result may also lie over the operand if it starts at least so far below it."""


def pack(
    items: Sequence[Item], seed: int = 0, overlaps: Overlaps | None = None, bound: int = 0
) -> tuple[list[int], int]:
    """Offsets in the order of `items`, and the end of the highest one. Sizes are multiples of the alignment.

    `bound` is a peak below which nothing need be sought; without overlaps the load bound is used.
    """
    overlaps = overlaps or {}
    bound = bound if overlaps else load_bound(items)
    neighbours = neighbours_of(items, overlaps)
    sizes = [item.size for item in items]
    best_order, best, best_peak = [], [0] * len(items), sum(sizes)
    for order in _good_orders(items):
        placed = _first_fit(sizes, neighbours, order, [-1] * len(items), 0, best_peak)
        if placed and (not best_order or placed[1] < best_peak):
            best_order, (best, best_peak) = order, placed
        if best_peak <= bound:
            return best, best_peak
    rng = random.Random(seed)
    tries = min(TRIES[1], max(TRIES[0], PLACED // max(1, len(items))))
    top = _ending_at(best_peak, best, sizes)
    for _ in range(tries if len(items) > 1 else 0):
        order = list(best_order)
        # Something that ends at the top goes to an earlier place, or anything anywhere.
        for item in [rng.choice(top)] if rng.random() < 0.5 else rng.sample(order, rng.randint(1, min(3, len(order)))):
            order.remove(item)
            order.insert(rng.randrange(len(order) + 1), item)
        alike = next((k for k, (a, b) in enumerate(zip(order, best_order, strict=True)) if a != b), len(order))
        known = list(best)
        for item in order[alike:]:
            known[item] = -1
        if placed := _first_fit(sizes, neighbours, order, known, alike, best_peak):
            best_order, (best, best_peak) = order, placed
            top = _ending_at(best_peak, best, sizes)
        if best_peak <= bound:
            break
    return best, best_peak


def _ending_at(end: int, offsets: list[int], sizes: list[int]) -> list[int]:
    return [k for k, (offset, size) in enumerate(zip(offsets, sizes, strict=True)) if offset + size == end]


def _good_orders(items: Sequence[Item]) -> list[list[int]]:
    def span(k: int) -> int:
        return items[k].last - items[k].first + 1

    numbers = range(len(items))
    return [
        sorted(numbers, key=lambda k: (-items[k].size, items[k].first)),
        sorted(numbers, key=lambda k: (-items[k].size * span(k), items[k].first)),
        sorted(numbers, key=lambda k: (-span(k), -items[k].size)),
        sorted(numbers, key=lambda k: (items[k].first, -items[k].size)),
        sorted(numbers, key=lambda k: (-items[k].last, -items[k].size)),
    ]


def neighbours_of(items: Sequence[Item], overlaps: Overlaps) -> list[list[tuple[int, int, int]]]:
    """For each item, the others alive at one of its positions.

    Each with the least distance at which the item may start below it, and the least at which it may start above.
    """
    found: list[list[tuple[int, int, int]]] = [[] for _ in items]
    order = sorted(range(len(items)), key=lambda k: items[k].first)
    for place, k in enumerate(order):
        for other in order[place + 1 :]:
            if items[other].first > items[k].last:
                break
            # (a, b) in `overlaps`: b may start that little below a.
            k_below = min(items[k].size, overlaps.get((other, k), items[k].size))
            other_below = min(items[other].size, overlaps.get((k, other), items[other].size))
            found[k].append((other, k_below, other_below))
            found[other].append((k, other_below, k_below))
    return found


def _first_fit(
    sizes: Sequence[int],
    neighbours: list[list[tuple[int, int, int]]],
    order: list[int],
    offsets: list[int],
    known: int,
    limit: int,
) -> tuple[list[int], int] | None:
    """Offsets and their highest end; None if that is above `limit`.

    `offsets` is filled: the first `known` items of the order have theirs, the others -1.
    """
    peak = max((offsets[k] + sizes[k] for k in order[:known]), default=0)
    for k in order[known:]:
        # An item may not start strictly between these.
        closed = [(offsets[o] - below, offsets[o] + above) for o, below, above in neighbours[k] if offsets[o] >= 0]
        closed.sort()
        offset = 0
        for low, high in closed:
            if offset <= low:
                break
            if offset < high:
                offset = high
        offsets[k] = offset
        if offset + sizes[k] > limit:
            return None
        peak = max(peak, offset + sizes[k])
    return offsets, peak
