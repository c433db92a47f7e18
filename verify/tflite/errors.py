"""The one exception of the reader, and how texts out of a model file are made safe to print."""

from collections.abc import Sequence
from dataclasses import dataclass

NAME_LIMIT = 120
"""Characters of a name that a message shows; names in the file may have any length."""


@dataclass(frozen=True)
class Obstacle:
    """An operator that is refused. `label` says where it stands ('op 2 "name" (SQUARE)'), `reason` why."""

    index: int
    kind: str
    label: str
    reason: str


class ModelError(Exception):
    """A model file that cannot be read: one line saying where, what was found, the rule, and the way out.

    `obstacles` are all operators that are refused, in the file's order, where that is the reason.
    """

    def __init__(self, message: str, obstacles: Sequence[Obstacle] = ()) -> None:
        super().__init__(safe_text(message, limit=2000))
        self.obstacles = tuple(obstacles)


def safe_text(text: str, limit: int = NAME_LIMIT) -> str:
    """`text` without control characters and line breaks, cut to `limit` characters."""
    if len(text) > limit:
        text = text[: limit - 3] + "..."
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)
