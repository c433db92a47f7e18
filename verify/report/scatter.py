"""SRAM against multiply-accumulates: plans as points, with the front of those that no other one beats."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from verify.report.drawing import CHARACTER, Box, byte_ticks
from verify.report.names import thousands

OURS = "stjax"
"""The group whose front is drawn as a line."""


@dataclass(frozen=True)
class Paper:
    """Room for the picture; groups are named from `keys` on downwards, x and y."""

    width: int
    height: int
    plot: Box
    keys: tuple[int, int]


WIDE = Paper(900, 340, Box(80, 20, 700, 260), (796, 30))
NARROW = Paper(360, 300, Box(62, 20, 292, 230), (12, 306))
"""For phones; each group adds to its height, below."""
PAPERS = (WIDE, NARROW)


@dataclass(frozen=True)
class Point:
    """A plan, ours or published: label, SRAM in bytes, multiply-accumulates, and whose it is."""

    label: str
    sram_bytes: int
    macs: int
    group: str


@dataclass(frozen=True)
class Dot:
    """A point on the sheet; `mark` numbers its group, `labelled` says whether there is room for its name, and `left`
    whether it stands to the left of the point.
    """

    x: float
    y: float
    mark: int
    label: str
    labelled: bool
    left: bool
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Scatter:
    """All of a sheet: dots, the stairs of our front, ticks, and the groups in the order of their marks."""

    form: str
    width: int
    height: int
    plot: Box
    keys: tuple[int, int]
    dots: tuple[Dot, ...]
    front: tuple[tuple[float, float], ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    groups: tuple[str, ...]


def pareto(points: Sequence[Point]) -> list[Point]:
    """Those that no other point beats in both, by rising SRAM."""
    front: list[Point] = []
    for point in sorted(points, key=lambda p: (p.sram_bytes, p.macs)):
        if not front or point.macs < front[-1].macs:
            front.append(point)
    return front


def scatter(points: Sequence[Point], paper: Paper = WIDE) -> Scatter:
    """The sheet of at least one point; SRAM runs from 0, MACs from the least to the most with some room."""
    groups = tuple(dict.fromkeys(point.group for point in points))
    most = max(1, *(point.sram_bytes for point in points)) * 1.08
    low, high = min(p.macs for p in points), max(p.macs for p in points)
    room = max((high - low) * 0.12, high * 0.02, 1)
    low, high = max(0, low - room), high + room

    plot = paper.plot
    digits = max(0, 2 - math.floor(math.log10((high - low) / 1e6)))

    def place(point: Point) -> tuple[float, float]:
        x = plot.x + plot.w * point.sram_bytes / most
        return round(x, 2), round(plot.y + plot.h * (high - point.macs) / (high - low), 2)

    dots: list[Dot] = []
    for point in points:
        x, y = place(point)
        long = len(point.label) * CHARACTER + 9
        left = long > plot.x + plot.w - x
        fits = not left or long <= x - plot.x
        free = fits and all(abs(y - dot.y) > 14 or abs(x - dot.x) > max(110, long) for dot in dots if dot.labelled)
        dots.append(Dot(x, y, groups.index(point.group), point.label, free, left, _facts(point)))
    stairs: list[tuple[float, float]] = []
    for point in pareto([p for p in points if p.group == OURS]):
        x, y = place(point)
        stairs += [(x, stairs[-1][1]), (x, y)] if stairs else [(x, y)]
    return Scatter(
        form="wide" if paper is WIDE else "narrow",
        width=paper.width,
        height=max(paper.height, paper.keys[1] + 18 * len(groups)),
        plot=plot,
        keys=paper.keys,
        dots=tuple(dots),
        front=tuple(stairs),
        x_ticks=tuple((round(plot.x + plot.w * byte / most, 2), text) for byte, text in byte_ticks(most)),
        y_ticks=tuple(
            (round(plot.y + plot.h * (high - macs) / (high - low), 2), f"{macs / 1e6:,.{digits}f} M")
            for macs in (low + (high - low) * k / 4 for k in range(5))
        ),
        groups=groups,
    )


def _facts(point: Point) -> tuple[tuple[str, str], ...]:
    return (
        ("plan", point.label),
        ("from", point.group),
        ("SRAM", f"{thousands(point.sram_bytes)} B"),
        ("MACs", thousands(point.macs)),
    )
