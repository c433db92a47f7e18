"""Offsets for buffers with known lifetimes: the dynamic storage allocation problem, by first fits.

Each order of the buffers gives one packing (every buffer at the lowest address that is free during its lifetime).
Some good orders are tried, then a few seeded random moves of the best one, until the packing meets the lower bound of
the largest sum of sizes alive at one position, or is as low as is asked for. What they miss is a solver's
(verify.plan.exact), which takes less time than hundreds of tries and finds more.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PLACED = 2_000
"""Random moves that are tried: as many as place so many buffers."""


@dataclass(frozen=True)
class Item:
    """`size` bytes needed at positions [first, last], both included."""

    size: int
    first: int
    last: int


Overlaps = Mapping[tuple[int, int], int]
"""(operand, result) -> bytes: the result may also lie over the operand if it starts at least so far below it."""


def load_bound(items: Sequence[Item], overlaps: Overlaps | None = None) -> int:
    """The largest sum of sizes alive at one position, less what pairs of them may share: no packing ends lower.

    What several take together is at least the sum of their sizes less what each two of them share.
    """
    change: dict[int, int] = {}

    def add(size: int, first: int, last: int) -> None:
        change[first] = change.get(first, 0) + size
        change[last + 1] = change.get(last + 1, 0) - size

    for item in items:
        add(item.size, item.first, item.last)
    for (operand, result), below in (overlaps or {}).items():
        one, other = items[operand], items[result]
        shared = min(other.size - below, one.size, other.size)
        if shared > 0 and one.first <= other.last and other.first <= one.last:
            add(-shared, max(one.first, other.first), min(one.last, other.last))
    load = most = 0
    for position in sorted(change):
        load += change[position]
        most = max(most, load)
    return most


def pack(
    items: Sequence[Item],
    overlaps: Overlaps | None = None,
    enough: int = 0,
    first: Sequence[int] = (),
    effort: int = PLACED,
) -> tuple[list[int], int]:
    """Offsets in the order of `items`, and the end of the highest one. Sizes are multiples of the alignment.

    A peak of at most `enough` will do. `first` is an order of the items that is tried before all others; `effort`: see
    PLACED.
    """
    overlaps = overlaps or {}
    bound = max(enough, load_bound(items, overlaps))
    neighbours = neighbours_of(items, overlaps)
    sizes = [item.size for item in items]
    best_order, best, best_peak = [], [0] * len(items), sum(sizes)
    for order in [*([first] if first else []), *_good_orders(items)]:
        placed = _first_fit(sizes, neighbours, order, [-1] * len(items), 0, best_peak)
        if placed and (not best_order or placed[1] < best_peak):
            best_order, (best, best_peak) = order, placed
        if best_peak <= bound:
            return best, best_peak
    rng = random.Random(0)
    tries = effort // max(1, len(items))
    top = _ending_at(best_peak, best, sizes)
    for _ in range(tries if len(items) > 2 else 0):  # both orders of two have been tried
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
    if len(items) <= 2:
        return [list(numbers), list(reversed(numbers))]
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
