"""Runs of consecutive operators that stream together, with all their forms and what each of those takes.

A search looks at the same runs again and again, within one limit after the other, with and without columns. They are
grown once, and what a form takes is counted once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from verify.graph.plan import InputMode
from verify.plan.alike import Found, kinds
from verify.plan.draft import Draft
from verify.plan.forms.columns import columns
from verify.plan.forms.late import late
from verify.plan.forms.layer import layer
from verify.plan.forms.recomputing import Gains, variants
from verify.plan.forms.rows import before, rows
from verify.plan.load import Standing
from verify.plan.uses import Uses


@dataclass(frozen=True)
class Pace:
    """How many rows are computed at once: of the stage's source, `step`, or from node `number` on, `grain`.

    Several rows together are a band. An operator that computes its operand's rows anew (forms.recomputing) does so
    once per band, ((r - 1) * s + k) / (r * s) times in all before a window of k rows and stride s with bands of r rows.
    """

    step: int = 1
    number: int = -1
    grain: int = 1


ROW_BY_ROW = Pace()


def grow(uses: Uses, start: int, fed: tuple[int, ...] = (), pace: Pace = ROW_BY_ROW) -> Iterator[Draft]:
    """Longer and longer stages from `start`, split by columns as long as that can be."""
    for draft, split in _grown(uses, start, fed, pace):
        yield split or draft


def _grown(uses: Uses, start: int, fed: tuple[int, ...], pace: Pace) -> Iterator[tuple[Draft, Draft | None]]:
    draft: Draft | None = before(uses, start, fed, pace.step)
    split = None
    while draft := rows(uses, draft, pace.grain if draft.end == pace.number else 1):
        if split or draft.end == start + 1:
            split = columns(uses, draft, known=split)
        yield draft, split


@dataclass(frozen=True, eq=False)
class Candidate(Found):
    """A legal stage, the bytes that are alive while it runs by the kernels of the least working memory, and the MACs
    that it adds."""

    peak: int
    extra: int = 0

    @cached_property
    def fusion(self) -> int:
        """Operators fused; calls for single pixels cost more than calls for rows."""
        draft = self.draft
        return 0 if draft.at_once else (draft.end - draft.start) * (4 if draft.columns else 1)

    def moved(self, uses: Uses, start: int) -> Self:
        assert self.fusion >= 0  # now, and not from the draft of each one that is moved
        return super().moved(uses, start)

    def renumbered(self, start: int) -> Self:
        assert self.fusion >= 0  # as above
        return super().renumbered(start)


class Run:
    """Operators [start, end) as one stage, which may be split by columns or not."""

    def __init__(self, standing: Standing, draft: Draft, split: Draft | None, gains: Gains):
        self._standing, self._draft, self._split, self._gains = standing, draft, split, gains
        self.end, self.splits = draft.end, split is not None

    @cached_property
    def by_rows(self) -> Candidate:
        return self._candidate(late(self._standing.uses, self._draft))

    @cached_property
    def by_columns(self) -> Candidate | None:
        return self._candidate(late(self._standing.uses, self._split)) if self._split else None

    def recomputing(self, most: float) -> Iterator[Candidate]:
        """More and more of its operators compute rows again, for at most `most` MACs, if it can be split by columns."""
        if self._split:
            for draft, extra in variants(self._standing.uses, self._split, self._gains, most):
                yield self._candidate(draft, extra)

    def kept(self, by_columns: bool) -> list[int]:
        """Bytes of each tensor of which something is kept for the stage's own readers alone, and no more in any longer
        run; smallest first."""
        return self._kept_by_columns if by_columns and self._split else self._kept_by_rows

    @cached_property
    def _kept_by_rows(self) -> list[int]:
        return self._kept(self._draft)

    @cached_property
    def _kept_by_columns(self) -> list[int]:
        assert self._split
        return self._kept(self._split)

    def _kept(self, draft: Draft) -> list[int]:
        uses = self._standing.uses
        last = uses.graph.nodes[draft.end - 1].inputs
        return sorted(
            draft.shape(uses, tensor).size(uses, tensor)
            for tensor, ring in draft.rows.rings.items()
            # Not those that still grow, nor those that are no rings in the end.
            if ring.carry and tensor not in last and uses.last[tensor] < draft.end and uses.kept[tensor] == 1
        )

    def _candidate(self, draft: Draft, extra: int = 0) -> Candidate:
        return Candidate(draft, self._standing.least(draft), extra)


class Runs:
    """All stages of one graph that a search has asked for so far."""

    def __init__(self, uses: Uses, mode: InputMode):
        self.uses, self.mode, self.standing = uses, mode, Standing(uses, mode)
        self._found: dict[tuple[int, tuple[int, ...], Pace], list[Run]] = {}
        self._growing: dict[tuple[int, tuple[int, ...], Pace], Iterator[Run]] = {}
        self._layers: dict[int, Candidate] = {}

    @cached_property
    def kinds(self) -> list[int]:
        """Of all nodes, how they look and stand among others (verify.plan.alike)."""
        return kinds(self.uses)

    def layer(self, number: int) -> Candidate:
        """A node by itself."""
        if number not in self._layers:
            draft = layer(self.uses, number)
            self._layers[number] = Candidate(draft, self.standing.least(draft))
        return self._layers[number]

    def feedable(self, start: int) -> list[tuple[int, ...]]:
        """Which inputs may arrive by rows in a stage from `start`: none, or in the first stage the largest one."""
        uses = self.uses
        choices: list[tuple[int, ...]] = [()]
        if start == 0 and self.mode is InputMode.ROWS:
            largest = max(uses.graph.inputs, key=uses.size_bytes)
            if uses.rows(largest) > 1 and uses.kept[largest] == 1 and largest not in uses.graph.outputs:
                choices.append((largest,))
        return choices

    def of(self, start: int, fed: tuple[int, ...], pace: Pace = ROW_BY_ROW) -> Iterator[Run]:
        """Longer and longer runs from `start` into which the inputs `fed` are fed by rows."""
        found = self._found.setdefault((start, fed, pace), [])
        growing = self._growing.setdefault((start, fed, pace), self._grow(start, fed, pace))
        yield from found
        for run in growing:
            found.append(run)
            yield run

    def _grow(self, start: int, fed: tuple[int, ...], pace: Pace) -> Iterator[Run]:
        gains: Gains = {}
        for draft, split in _grown(self.uses, start, fed, pace):
            yield Run(self.standing, draft, split, gains)
