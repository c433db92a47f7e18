"""A way through a network from legal stages: the shortest path over the places where it can be cut."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from verify.plan.alike import Found

S = TypeVar("S", bound=Found)

Price = tuple[float, ...]
"""Amounts that add up along a way, the weightiest first."""


def cheapest(
    by_end: Sequence[Sequence[S]], price: Callable[[S], Price | None], tie: Callable[[S], int] = lambda _: 0
) -> tuple[list[S], Price] | None:
    """The stages of the least price from the first operator to the last, and that price; None if there is no way.

    Args:
      by_end: all stages, grouped by where they end.
      price: of a stage; None: it is not to be used.
      tie: of ways that cost the same up to somewhere, the one whose last stage has less of this is taken.
    """
    best: list[tuple[Price, S | None] | None] = [((), None)]
    for stages in by_end[1:]:
        found = []
        for stage in stages:
            before = best[stage.start]
            if before and (own := price(stage)) is not None:
                total = tuple(a + b for a, b in zip(own, before[0], strict=True)) if before[0] else own
                found.append((total, tie(stage), stage))
        least = min(found, key=lambda way: way[:2], default=None)
        best.append((least[0], least[2]) if least else None)
    chosen: list[S] = []
    end = len(best) - 1
    while (last := best[end]) and last[1] is not None:
        chosen.append(last[1])
        end = last[1].start
    whole = best[-1]
    return (chosen[::-1], whole[0]) if whole else None
