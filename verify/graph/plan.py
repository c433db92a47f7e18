"""A streaming plan as data: which operator computes which rows at which tick, and where every tensor lives.

A plan is untrusted input. Nothing in it is believed by the checker: sizes, lifetimes and counts are derived again from
the model. docs/SPEC.md gives the file format byte by byte.

Time is nested: stages run one after the other; a stage is a loop over ticks 0 .. ticks-1; in one tick the feeds and
then the firings happen in their listed order; a firing computes all rows of its tick before the next one starts.

    rows of tick n = [frontier(n - 1), frontier(n)),   frontier(n) = clip(floor((rate * n + offset) / period), 0, rows)
    and frontier(-1) = 0
"""

import enum
from dataclasses import dataclass

from verify.graph.tensor import Axis
from verify.graph.window import Padding


class InputMode(enum.Enum):
    """How the network's input reaches the model."""

    WHOLE = "whole"
    """The whole frame stands in the arena."""
    ROWS = "rows"
    """Rows arrive one after the other, as from a camera; only those still needed are kept."""
    PATCHES = "patches"
    """The frame stays in memory of the caller's that can be read again; it is not counted."""


class Policy(enum.Enum):
    """What a buffer keeps of its tensor along the stage's axis."""

    WHOLE = "whole"
    RING = "ring"
    EXTERNAL = "external"
    """Nothing: the tensor is the caller's memory (InputMode.PATCHES)."""


@dataclass(frozen=True)
class Schedule:
    """How far a tensor is complete after each tick of its stage (module docstring). `period` >= 1, `rate` >= 0."""

    rate: int
    period: int
    offset: int

    def frontier(self, tick: int, rows: int) -> int:
        """Rows complete after `tick`; ticks before the first have 0."""
        if tick < 0:
            return 0
        return min(max((self.rate * tick + self.offset) // self.period, 0), rows)


@dataclass(frozen=True)
class Feed:
    """Rows of a network input that arrive during a stage."""

    tensor: int
    schedule: Schedule


@dataclass(frozen=True)
class Firing:
    """An operator (by its index in the model file), when it computes its rows, and the padding that it skips."""

    op: int
    schedule: Schedule
    padding: Padding | None = None


@dataclass(frozen=True)
class Stage:
    """Operators fused by streaming along `axis`. One tick and one firing is ordinary layer-wise execution."""

    axis: Axis
    ticks: int
    feeds: tuple[Feed, ...]
    firings: tuple[Firing, ...]


@dataclass(frozen=True)
class Buffer:
    """Where a tensor lives: `rows` rows from byte `offset` of the arena; row y sits in slot y % rows.

    `carry` says that rows stay from tick to tick. A buffer without it holds rows only within one tick, and may share
    its bytes with others like it. Of a tensor that later frames read, the last `frames` ones are kept, whole, one after
    the other: frame f in slot f % frames.
    """

    tensor: int
    policy: Policy
    rows: int
    offset: int
    carry: bool = True
    frames: int = 1


@dataclass(frozen=True)
class Plan:
    """A whole plan. Sizes in bytes; a budget of None means that none was asked for.

    `clip_frames` above 1 says that it is the program of one frame of a clip model of that length (verify.clip), and
    `time_step` that what does not feed later frames is computed at every so many frames only.
    """

    model_name: str
    model_sha256: str
    scheme: str
    input_mode: InputMode
    stages: tuple[Stage, ...]
    buffers: tuple[Buffer, ...]
    arena_bytes: int
    state_bytes: int
    scratch_bytes: int
    stack_bytes: int
    sram_budget: int | None = None
    flash_budget: int | None = None
    clip_frames: int = 1
    time_step: int = 1

    @property
    def sram_bytes(self) -> int:
        return self.arena_bytes + self.state_bytes + self.scratch_bytes + self.stack_bytes
