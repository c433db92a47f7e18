"""What is left out and enrolled: clips without a class, the people of a split, and clips to enrol from.

Of each dataset one class is left out that neither a flip nor reversal of another one gives, unless the change is ruled
out with it: training must never see it.
"""
# pyright: reportMissingImports=false

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int32, UInt8

from experiments.temporal_models.tasks import Task, task_of
from stjax.data import ClipSource
from stjax.data.symmetry import NO_LABEL, Symmetry, Table
from stjax.data.views import View, joined, labels_of, picked

LEFT_OUT = {"fir16": "fall", "capfingerid": "down", "moving_shapes": "left"}
"""Classes that others do not turn into; `down` is `up` backwards, so reversal and vertical flips go with it."""


@dataclass(frozen=True, eq=False)
class Renumbered:
    """The same clips with other labels: those of `labels`, in this order; the others are not there.

    Args:
      source: the clips.
      labels: of the source, in their new order.
    """

    source: ClipSource
    labels: tuple[int, ...]

    def __post_init__(self) -> None:
        assert set(labels_of(self.source).tolist()) <= set(self.labels)

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.source.classes[label] for label in self.labels)

    @property
    def symmetry(self) -> Symmetry:
        own = self.source.symmetry
        tables = (own.horizontal_flip, own.vertical_flip, own.reversal, own.transposition)
        return Symmetry(*(self._table(table) for table in tables))

    def _table(self, table: Table) -> Table:
        after = [table[label] for label in self.labels]
        return tuple(self.labels.index(a) if a in self.labels else None for a in after)

    def __len__(self) -> int:
        return len(self.source)

    def length(self, clip: int) -> int:
        return self.source.length(clip)

    def label(self, clip: int) -> int:
        return self.labels.index(self.source.label(clip))

    def frame_labels(self, clip: int) -> Int32[np.ndarray, " length"] | None:
        found = self.source.frame_labels(clip)
        if found is None:
            return None
        new = {label: number for number, label in enumerate(self.labels)}
        return np.array([new.get(int(label), NO_LABEL) for label in found], np.int32)

    def read(self, clip: int, frame_numbers: np.ndarray) -> UInt8[np.ndarray, "time height width channels"]:
        return self.source.read(clip, frame_numbers)


def last(source: ClipSource, name: str) -> Renumbered:
    """All clips, the class of that name behind the others."""
    own = source.classes.index(name)
    return Renumbered(source, (*(label for label in range(len(source.classes)) if label != own), own))


def without(source: ClipSource, name: str) -> Renumbered:
    """The clips without the class of that name."""
    own = source.classes.index(name)
    others = tuple(label for label in range(len(source.classes)) if label != own)
    return Renumbered(picked(source, labels_of(source) != own), others)


def only(source: ClipSource, name: str) -> View:
    """The clips of one class."""
    return picked(source, labels_of(source) == source.classes.index(name))


def people_of(source: ClipSource) -> np.ndarray:
    """Who is in each clip; zeros where nobody says."""
    if isinstance(source, Renumbered):
        return people_of(source.source)
    if isinstance(source, View):
        return np.array([people_of(source.sources[k])[n] for k, n in source.places]) if source.places else np.zeros(0)
    return np.asarray(getattr(source, "groups", np.zeros(len(source))))


def some(source: ClipSource, count: int | None, seed: int) -> View:
    """So many clips, at random; all of them for None."""
    if count is None or count >= len(source):
        return joined(source)
    return picked(source, np.sort(np.random.default_rng(seed).choice(len(source), count, replace=False)))


__all__ = ["LEFT_OUT", "Task", "last", "only", "people_of", "some", "task_of", "without"]
