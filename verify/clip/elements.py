"""Where the elements of a clip model's tensors come from: from which tensor of the frame's program, of which frame.

Operators that only copy elements (`Op.rearranged`) move these marks as they would move values, whatever axes they go
along. So padding, slicing, stacking and transposing in time need no rule of their own.
"""

from dataclasses import dataclass

import numpy as np

ELEMENT_BITS = 32
"""A mark is the number of what is seen, above so many bits, and the element of it; below 0 it is a value (`filled`)."""


@dataclass(frozen=True)
class Seen:
    """A tensor of the frame's program as it was `delay` frames back."""

    tensor: int
    delay: int


class Marks:
    """What has been seen, by number. `sizes` are the elements of the tensors of the frame's program."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.numbers: dict[Seen, int] = {}
        self.sizes: dict[int, int] = {}

    def of(self, seen: Seen) -> np.ndarray:
        """All elements of what is seen, in order."""
        if seen not in self.numbers:
            self.numbers[seen] = len(self.seen)
            self.seen.append(seen)
        return (self.numbers[seen] << ELEMENT_BITS) + np.arange(self.sizes[seen.tensor], dtype=np.int64)

    def source(self, mark: int) -> Seen:
        return self.seen[mark >> ELEMENT_BITS]

    def whole(self, marks: np.ndarray) -> Seen | None:
        """What is seen, if these are all its elements in their order."""
        marks = marks.reshape(-1)
        if not marks.size or marks[0] < 0:
            return None
        seen = self.source(int(marks[0]))
        same = marks.size == self.sizes[seen.tensor] and (marks == self.of(seen)).all()
        return seen if same else None

    def wholes(self, marks: np.ndarray, count: int) -> list[Seen] | None:
        """What is seen in each of `count` equal parts, if each is whole."""
        if marks.size % count:
            return None
        seen = [self.whole(part) for part in marks.reshape(count, -1)]
        found = [part for part in seen if part is not None]
        return found if len(found) == count else None


def of_values(data: np.ndarray) -> np.ndarray:
    """Marks of 8-bit values that the model fixes."""
    return -1 - (data.astype(np.int64) & 0xFF)


def values_of(marks: np.ndarray) -> np.ndarray | None:
    """The values, int8, if the marks are of values alone."""
    return (-1 - marks).astype(np.uint8).view(np.int8) if (marks < 0).all() else None
