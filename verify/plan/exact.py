"""Offsets that are the least there are: a solver of difference constraints (z3), where first fits miss the bound.

Two buffers whose lives meet lie one below the other, at least so far apart as their sizes, or what may lie over what
(verify.plan.arena.Overlaps), say. The highest end is sought between the bound and the one that is known.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from verify.plan.arena import Item, Overlaps, load_bound, neighbours_of, pack
from verify.solvers.z3_solver import PLACING, Apart, lowest_end

QUICK = PLACING // 10
"""Effort of the solver for a plan that is one of many."""

TO_PLACED = 20
"""Effort of the solver for each buffer that first fits place where it gives up (verify.plan.arena.PLACED)."""

MOST = 600
"""Buffers that the solver is given."""


@dataclass(frozen=True)
class Placement:
    """`offsets` of the buffers, their highest end, and an end below which there is no placement of them."""

    offsets: list[int]
    peak: int
    least: int


def placed(
    items: Sequence[Item],
    overlaps: Overlaps,
    enough: int = 0,
    first: Sequence[int] = (),
    effort: int = QUICK,
    alive: int = 0,
) -> Placement:
    """A placement by first fits (verify.plan.arena.pack has the arguments), or by the solver where they miss.

    Where the solver gives up, too, first fits go on from what it has found. `alive`: bytes that are alive at a moment.
    """
    bound = max(load_bound(items, overlaps), alive)
    known = pack(items, overlaps, max(enough, bound), first)
    if known[1] <= max(bound, enough) or len(items) <= 2 or len(items) > MOST:
        return Placement(*known, bound)
    found = place(items, overlaps, known, enough, effort, bound)
    if found.peak <= max(found.least, enough) or 0 < enough < found.least:
        return found
    order = sorted(range(len(items)), key=lambda k: (found.offsets[k], -items[k].size))
    return Placement(*pack(items, overlaps, max(found.least, enough), order, effort // TO_PLACED), found.least)


def place(
    items: Sequence[Item],
    overlaps: Overlaps,
    known: tuple[list[int], int],
    enough: int = 0,
    effort: int = PLACING,
    alive: int = 0,
) -> Placement:
    """The best placement that the solver finds, not worse than the `known` one.

    Args:
      items: offsets will be multiples of what their sizes are multiples of.
      overlaps: as for `pack`.
      known: offsets of a legal placement, and its highest end.
      enough: a peak that will do; it alone is asked about then. 0: the least is wanted.
      effort: the solver's limit for each question.
      alive: bytes that are alive at one moment.
    """
    offsets, peak = known
    pairs = [
        (k, other, k_below, other_below)
        for k, others in enumerate(neighbours_of(items, overlaps))
        for other, k_below, other_below in others
        if other < k
    ]
    # All distances are multiples of it, and offsets that are rounded down to such keep them.
    unit = math.gcd(*(item.size for item in items), *(distance for pair in pairs for distance in pair[2:]))
    apart = [Apart(k, other, below // unit, above // unit) for k, other, below, above in pairs]
    sizes = [item.size // unit for item in items]
    bound = max(load_bound(items, overlaps), alive)
    found, least = lowest_end(sizes, apart, -(-bound // unit), peak // unit, enough // unit, effort)
    if found is None:
        return Placement(offsets, peak, unit * least)
    end = max(start + size for start, size in zip(found, sizes, strict=True))
    return Placement([unit * start for start in found], unit * end, unit * least)
