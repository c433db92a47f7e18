"""A streaming plan as data: which operator computes which part of its result at which tick, and where tensors live.

A plan is untrusted input. Nothing in it is believed by the checker: sizes, lifetimes and counts are derived again from
the model. docs/SPEC.md gives the file format byte by byte.

Time is nested: stages run one after the other. A stage is a loop over row ticks 0 .. ticks-1 and, inside it, over
column ticks 0 .. columns-1 (the other way round where its axis is WIDTH); feeds happen when a row tick begins. In one
step the firings happen in their listed order, and each computes a whole region, rows x columns, before the next one.

    rows of tick n = [frontier(n - 1), frontier(n)), and frontier(-1) = 0; columns likewise,
    frontier(n) = clip(grain * floor((rate * n + offset) / period), 0, rows)

A firing may follow demand along an axis instead: it then computes, at every tick, what its readers' regions need at
that tick, whether that has been computed before or not. That is recomputation; MCUNetV2's patches do it on both axes.
"""

import enum
from dataclasses import dataclass

from verify.graph.camera import Camera
from verify.graph.graph import LeftOut
from verify.graph.learning import Learning
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
    """How far a tensor is complete after each tick of its stage (module docstring). `rate` >= 0, the others >= 1.

    `grain` rows at a time are computed, all at the tick where the last one of them can be.
    """

    rate: int
    period: int
    offset: int
    grain: int = 1

    def __post_init__(self) -> None:
        # That a frontier never goes back is what makes "computed once" true of every schedule (claim C1).
        if self.rate < 0 or self.period < 1 or self.grain < 1:
            found = [self.rate, self.period, self.offset, self.grain]
            raise ValueError(f"a schedule {found} has rate < 0, period < 1 or grain < 1")

    def frontier(self, tick: int, rows: int) -> int:
        """Rows complete after `tick`; ticks before the first have 0."""
        if tick < 0:
            return 0
        return min(max(self.grain * ((self.rate * tick + self.offset) // self.period), 0), rows)


@dataclass(frozen=True)
class Feed:
    """Rows of a network input that arrive during a stage."""

    tensor: int
    schedule: Schedule


@dataclass(frozen=True)
class Firing:
    """An operator (by its index in the model file), when it computes its rows, and the padding that it skips.

    `kernel` is the one of the plan's target that computes it ("": not chosen yet, which no checker accepts).
    `columns` is the schedule of its columns in a stage of several column ticks. Along the axes of `demand` (HEIGHT,
    WIDTH) it has no schedule of its own but follows its readers (module docstring). `scratch` is where in the arena its
    kernel's working memory begins, None for a kernel that needs none.
    """

    op: int
    schedule: Schedule
    padding: Padding | None = None
    columns: Schedule | None = None
    demand: tuple[Axis, ...] = ()
    kernel: str = ""
    scratch: int | None = None


@dataclass(frozen=True)
class Stage:
    """Operators fused by streaming. One tick and one firing is ordinary layer-wise execution.

    `axis` is that of the outer loop: HEIGHT (row ticks outside, column ticks inside) or WIDTH. `pads_ends` is a claim
    that published patch code makes: that only the first and the last tick of an axis read padding.
    """

    axis: Axis
    ticks: int
    feeds: tuple[Feed, ...]
    firings: tuple[Firing, ...]
    columns: int = 1
    pads_ends: bool = False

    @property
    def steps(self) -> int:
        """Times that the firings run."""
        return self.ticks * self.columns

    def ticks_along(self, axis: Axis) -> int:
        """Row ticks or column ticks."""
        return self.ticks if axis is Axis.HEIGHT else self.columns


@dataclass(frozen=True)
class Buffer:
    """Where a tensor lives, from byte `offset` of the arena on.

    Pixels (y, x) are in slots, a pixel being all channels of one position:
      rows only:          slot (y % rows) * width + x, the tensor's own width
      rows and columns:   slot (y % rows) * columns + x % columns, a tile
      pixels:             slot (y * width + x) % pixels, the last so many pixels in reading order; `rows` is 1

    `carry` says that contents stay from step to step. A buffer without it holds what was computed within one step, and
    may share its bytes with others like it. Of a tensor that later frames read, the last `frames` ones are kept, whole,
    one after the other: frame f in slot f % frames.
    """

    tensor: int
    policy: Policy
    rows: int
    offset: int
    carry: bool = True
    frames: int = 1
    columns: int = 0
    pixels: int = 0

    @property
    def tiled(self) -> bool:
        """Whether it holds less than whole rows."""
        return bool(self.columns or self.pixels)

    def slots(self, width: int) -> int:
        """Pixels that one frame of it holds, for a tensor of this width."""
        return self.pixels or self.rows * (self.columns or width)


@dataclass(frozen=True)
class Plan:
    """A whole plan. Sizes in bytes; a budget of None means that none was asked for.

    `scratch_bytes` is the largest working memory of a call, in the arena (`Firing.scratch`) and counted there. `target`
    names the set of kernels that compute it (verify.targets). `clip_frames` above 1 says that it is the program of one
    frame of a clip model of that length (verify.clip), and `time_step` that what does not feed later frames is computed
    at every so many frames only. `left_out` are channels that the plan does without: it is for what is left of
    the model (verify.channels.reduced). `upright` says that it is for the network whose signals along width are seen as
    signals along height (verify.tflite.upright), and `phased` that it is for the one in which these operators read the
    rows of their operands in phases (verify.ops.row_phases). `subgraph` is the number of the file's subgraph that it is
    for. `camera` is what gives the input's rows, and when, and the FIFO in which they wait. `learning` is the head that
    learns on the device in place of the model's last layer, without which the plan then is (verify.ops.readout).
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
    target: str = "portable"
    left_out: tuple[LeftOut, ...] = ()
    upright: bool = False
    phased: tuple[int, ...] = ()
    subgraph: int = 0
    camera: Camera | None = None
    learning: Learning | None = None

    @property
    def goes_on(self) -> bool:
        """Whether something outlives a run: it is for one frame of a clip, or for one call of a model with states."""
        return self.clip_frames > 1 or any(buffer.frames > 1 for buffer in self.buffers)

    @property
    def sram_bytes(self) -> int:
        return self.arena_bytes + self.state_bytes + self.stack_bytes + self.fifo_bytes + self.head_bytes

    @property
    def fifo_bytes(self) -> int:
        """Of rows that wait between a camera and the network."""
        return 0 if self.camera is None else self.camera.fifo_bytes

    @property
    def head_bytes(self) -> int:
        """Of the struct of the head that learns."""
        return 0 if self.learning is None else self.learning.bytes
