"""Offsets that are the least there are: a solver of difference constraints (z3), where first fits miss the bound.

Two buffers whose lives meet lie one below the other, at least so far apart as their sizes, or what may lie over what
(verify.plan.arena.Overlaps), say. The highest end is sought between the bound and the one that is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from verify.graph.accounting import ALIGNMENT
from verify.plan.arena import Item, Overlaps, neighbours_of
from verify.solvers.z3_solver import Apart, lowest_end


@dataclass(frozen=True)
class Placement:
    """`offsets` of the buffers, their highest end, and an end below which there is no placement of them."""

    offsets: list[int]
    peak: int
    least: int


def place(items: Sequence[Item], overlaps: Overlaps, known: tuple[list[int], int], bound: int) -> Placement:
    """The best placement that the solver finds, not worse than the `known` one.

    Args:
      items: their sizes are aligned, and so will be their offsets.
      overlaps: as for `pack`.
      known: offsets of a legal placement, and its highest end.
      bound: a peak below which there is nothing.
    """
    offsets, peak = known
    apart = [
        Apart(k, other, _units(k_below), _units(other_below))
        for k, others in enumerate(neighbours_of(items, overlaps))
        for other, k_below, other_below in others
        if other < k
    ]
    sizes = [_units(item.size) for item in items]
    found, least = lowest_end(sizes, apart, _units(bound), _units(peak))
    if found is None:
        return Placement(offsets, peak, ALIGNMENT * least)
    end = max(start + size for start, size in zip(found, sizes, strict=True))
    return Placement([ALIGNMENT * start for start in found], ALIGNMENT * end, ALIGNMENT * least)


def _units(size: int) -> int:
    return -(-size // ALIGNMENT)
