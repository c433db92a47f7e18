"""The parts of a model's SRAM: one vocabulary and one order for plans, generated headers, pages, builds and runs.

The plan of a model, its generated header, a build of it and a run of it all have these parts, in bytes. They differ in
what is known: a plan has the reserve of the stack, a build the compiler's bound, a run the deepest use that was seen.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

PARTS = {
    "arena": ("arena", "the caller's buffer: all tensors that are not the caller's own"),
    "history": ("history", "of the arena: frames that later frames read"),
    "scratch": ("kernel scratch", "of the arena: working memory, the most of a call"),
    "state": ("state", "the model struct"),
    "stack": ("stack", "of the model's functions"),
    "static": ("static data", "of generated code and kernels; none is allowed"),
    "fifo": ("line FIFO", "rows that wait between the camera and the network"),
    "head": ("head", "the struct of the head that learns"),
}
"""Key in JSON -> (name in tables, what it is). History and scratch are shares of the arena; the other parts add up."""

SHARES = ("history", "scratch")
OPTIONAL = (*SHARES, "fifo", "head")


@dataclass(frozen=True)
class Sram:
    """Working memory by part, in bytes; None is what is not known."""

    arena: int
    history: int
    scratch: int
    state: int | None
    stack: int | None
    static: int | None = 0
    fifo: int = 0
    head: int = 0

    @property
    def total(self) -> int | None:
        """None where a part is not known."""
        parts = [size for part, size in asdict(self).items() if part not in SHARES]
        return None if None in parts else sum(filter(None, parts))

    def as_dict(self) -> dict[str, int | None]:
        """The total and its parts, as they stand in JSON."""
        return {"total": self.total, **asdict(self)}


def sram_rows(sram: Mapping[str, Any], notes: Mapping[str, str] | None = None) -> list[tuple[str, int | None, str]]:
    """Lines of a table, (name, bytes, note), of what `Sram.as_dict` gave; `notes` replace what PARTS says of a part.

    A share that is empty has no line, nor has a FIFO, or a head that learns, that there is not.
    """
    texts = {part: what for part, (_, what) in PARTS.items()} | dict(notes or {})
    return [(name, sram[part], texts[part]) for part, (name, _) in PARTS.items() if part not in OPTIONAL or sram[part]]
