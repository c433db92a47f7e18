"""Clips of other sources, picked and put together without copying: any source in memory or on disk."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int32, UInt8

from stjax.data.clips import ClipSource, read_towards
from stjax.data.symmetry import Symmetry


@dataclass(frozen=True, eq=False)
class View:
    """Some clips of some sources. Use `picked` and `joined`.

    Args:
      sources: of the same classes and symmetry.
      places: per clip, the number of its source and its number there.

    Raises:
      ValueError: if sources differ in classes or symmetry.
    """

    sources: tuple[ClipSource, ...]
    places: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        first = self.sources[0]
        for source in self.sources[1:]:
            if (source.classes, source.symmetry) != (first.classes, first.symmetry):
                raise ValueError(f"clips of classes {source.classes} do not go with those of {first.classes}")

    @property
    def classes(self) -> tuple[str, ...]:
        return self.sources[0].classes

    @property
    def symmetry(self) -> Symmetry:
        return self.sources[0].symmetry

    def __len__(self) -> int:
        return len(self.places)

    def length(self, clip: int) -> int:
        source, number = self._at(clip)
        return source.length(number)

    def label(self, clip: int) -> int:
        source, number = self._at(clip)
        return source.label(number)

    def frame_labels(self, clip: int) -> Int32[np.ndarray, " length"] | None:
        source, number = self._at(clip)
        return source.frame_labels(number)

    def read(self, clip: int, frame_numbers: np.ndarray) -> UInt8[np.ndarray, "time height width channels"]:
        source, number = self._at(clip)
        return source.read(number, frame_numbers)

    def decode(
        self, clip: int, frame_numbers: np.ndarray, size: tuple[int, int] | None = None, channels: int | None = None
    ) -> UInt8[np.ndarray, "time height width channels"]:
        """As the source does (`stjax.data.clips.read_towards`)."""
        source, number = self._at(clip)
        return read_towards(source, number, frame_numbers, size, channels)

    def _at(self, clip: int) -> tuple[ClipSource, int]:
        source, number = self.places[clip]
        return self.sources[source], number


def picked(source: ClipSource, chosen: np.ndarray) -> View:
    """The clips with these numbers, or where this mask is true, in this order."""
    numbers = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
    return View((source,), tuple((0, int(number)) for number in numbers))


def joined(*sources: ClipSource) -> View:
    """The clips of all of them, one source after the other."""
    return View(sources, tuple((k, number) for k, source in enumerate(sources) for number in range(len(source))))


def some(source: ClipSource, count: int | None) -> ClipSource:
    """So many of the clips, at equal distances, because labels are grouped along files; None, or too many: all."""
    if count is None or count >= len(source):
        return source
    return picked(source, np.linspace(0, len(source) - 1, count).astype(int))


def labels_of(source: ClipSource) -> Int32[np.ndarray, " clips"]:
    """The label of every clip."""
    return np.array([source.label(clip) for clip in range(len(source))], np.int32)
