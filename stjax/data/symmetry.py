"""What a mirrored or reversed clip shows: per dataset, a table from each label to the label after the change.

A hand that moves left moves right in the mirror, and right when the film runs backwards. Flipping clips without
changing labels would teach a network the opposite of what is true.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

NO_LABEL = -1
"""Of a clip or frame that belongs to no class, or of which nobody says to which."""

Pairs = Iterable[tuple[str, str | None]]
Table = tuple[int | None, ...]


@dataclass(frozen=True)
class Symmetry:
    """Label after each change: `table[label]`, or None where the result belongs to no class of the dataset.

    Each table is its own inverse: the same change twice gives the clip back, so it gives the label back.

    Raises:
      ValueError: if tables differ in length, name a label that does not exist, or are not their own inverse.
    """

    horizontal_flip: Table
    vertical_flip: Table
    reversal: Table
    transposition: Table = ()
    """Rows become columns: a quarter turn and a flip. Empty: nobody says, so it is ruled out for every label."""

    def __post_init__(self) -> None:
        if not self.transposition:
            object.__setattr__(self, "transposition", (None,) * len(self.horizontal_flip))
        for field in fields(self):
            table = getattr(self, field.name)
            if len(table) != len(self.horizontal_flip):
                raise ValueError(f"{field.name} has {len(table)} labels, horizontal_flip {len(self.horizontal_flip)}")
            for label, other in enumerate(table):
                if other is None:
                    continue
                if not 0 <= other < len(table):
                    raise ValueError(f"{field.name} maps label {label} to {other}; there are {len(table)} labels")
                if table[other] != label:
                    raise ValueError(
                        f"{field.name} maps label {label} to {other} but {other} to {table[other]}: "
                        "the same change twice must give the label back"
                    )

    @property
    def ordered(self) -> tuple[int, ...]:
        """Labels that reversal turns into another one: only the order of frames tells these from each other."""
        return tuple(label for label, other in enumerate(self.reversal) if other not in (None, label))

    @classmethod
    def of(
        cls,
        classes: tuple[str, ...],
        horizontal_flip: Pairs = (),
        vertical_flip: Pairs = (),
        reversal: Pairs = (),
        transposition: Pairs | None = None,
    ) -> "Symmetry":
        """Tables from pairs of names: ("left", "right") swaps two classes, ("thumb up", None) rules the change out.

        Args:
          classes: names, in label order.
          horizontal_flip, vertical_flip, reversal: what the change swaps; classes that are not named keep their label.
          transposition: the same; None rules it out for all classes.

        Raises:
          ValueError: if a name is not one of the classes, or has two partners.
        """

        def index(name: str) -> int:
            if name not in classes:
                raise ValueError(f'there is no class "{name}"; the classes are {", ".join(classes)}')
            return classes.index(name)

        def table(pairs: Pairs) -> Table:
            partners: dict[int, int | None] = {}
            for name, other in pairs:
                new = {index(name): None} if other is None else {index(name): index(other), index(other): index(name)}
                for label in new.keys() & partners.keys():
                    raise ValueError(f'class "{classes[label]}" has two partners')
                partners.update(new)
            return tuple(partners.get(label, label) for label in range(len(classes)))

        turned = () if transposition is None else table(transposition)
        return cls(table(horizontal_flip), table(vertical_flip), table(reversal), turned)


def relabelled(labels: Any, table: Table) -> Any:
    """Labels after a change, int32 of the same shape. NO_LABEL stays, and is what a label becomes that the table rules
    out."""
    after = np.array([*(NO_LABEL if other is None else other for other in table), NO_LABEL], np.int32)
    return after[labels]


def ruled_out(labels: Any, table: Table) -> bool:
    """Whether the change makes of any of these labels one that belongs to no class."""
    return bool(np.any((relabelled(labels, table) == NO_LABEL) & (np.asarray(labels) != NO_LABEL)))
