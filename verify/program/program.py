"""What the C of a proved plan does, as data: numbers and names, no C text. Here alone a plan becomes addresses.

`verify.program.lower` makes it; the emitter prints it, reading back parses the text to an equal one, replay and the run
of identities execute it (`verify.program.steps`).

All extents are half open. Ticks are numbered from 0: `n` row ticks, `m` column ticks. A stage computes, per step
(n, m), first its regions in their order, then its calls in theirs. Bytes are those of a 32-bit target.
"""

import enum
from dataclasses import dataclass, field

from verify.graph.camera import Camera
from verify.graph.plan import Schedule
from verify.graph.window import Window

# -- which positions a step computes ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fixed:
    """The same positions [first, last) at every tick."""

    first: int
    last: int


@dataclass(frozen=True)
class Steady:
    """What `schedule` (verify.graph.plan.Schedule) computes of `total` positions at the tick of the interval's axis."""

    schedule: Schedule
    total: int


@dataclass(frozen=True)
class Need:
    """What one reader needs: its region (by number in the stage) and the window that spans what it reads, gaps
    between taps included (kernel = reach, dilation 1).
    """

    region: int
    window: Window


@dataclass(frozen=True)
class Hull:
    """The least interval that holds what all `needs` read, clipped to [0, total): computed again where asked again."""

    total: int
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class Turn:
    """The one row (frame - back) % frames: where a window over a ring of frames starts, at the oldest that it reads."""

    frames: int
    back: int


Interval = Fixed | Steady | Hull | Turn


@dataclass(frozen=True)
class Region:
    """Result rows by columns; `columns` of None: whole rows, whatever their width."""

    rows: Interval
    columns: Interval | None = None


# -- where it reads and writes ---------------------------------------------------------------------------------------


class Base(enum.Enum):
    """What an address counts from."""

    ARENA = "arena"
    SOURCE = "source"
    """Memory of the caller's that holds a network input; `Place.index` is the input's number."""
    CONSTANT = "constant"
    """A constant operand; `Place.index` is the tensor."""
    SCRATCH = "scratch"
    """Working memory in the arena, from `Place.offset` on, of operator `Place.index` while its kernel runs."""


@dataclass(frozen=True)
class Place:
    """Byte `offset` of `base`, plus slot_bytes * ((frame - delay) % slots) where several frames are kept."""

    base: Base
    offset: int
    index: int = 0
    slots: int = 1
    slot_bytes: int = 0
    delay: int = 0


@dataclass(frozen=True)
class Rows:
    """A tensor by rows: row y starts `row_bytes` * (y % capacity) bytes after its place."""

    tensor: int
    place: Place
    row_bytes: int
    capacity: int


@dataclass(frozen=True)
class Pixels:
    """An image by pixels, as embedded/include/stj_tile.h counts them.

    With `rows` 0 a raster: pixel (y, x) in slot (y * columns + x) % pixels, columns being the image's width.
    Otherwise a tile: slot (y % rows) * columns + x % columns. Slot s starts `pixel_bytes` * s bytes after its place.
    """

    tensor: int
    place: Place
    pixel_bytes: int
    columns: int
    rows: int
    pixels: int


View = Rows | Pixels


@dataclass(frozen=True)
class Call:
    """One kernel on one region (by number in its stage); views in the order of the operator's operands and results.

    `op` is the operator's index in the model file. Either all views are Rows, and the region has whole rows, or all are
    Pixels; a call by pixels is left out where its region is empty. `scratch` is the kernel's working memory, as one row
    or one pixel of no tensor (-1). `label` and `name` are for people.
    """

    op: int
    kernel: str
    inputs: tuple[View, ...]
    outputs: tuple[View, ...]
    region: int
    scratch: View | None = None
    label: str = field(default="", compare=False)
    name: str = field(default="", compare=False)

    @property
    def written(self) -> tuple[View, ...]:
        """What the kernel is given to write to: its results, then its working memory."""
        return self.outputs if self.scratch is None else (*self.outputs, self.scratch)

    @property
    def by_pixels(self) -> bool:
        return isinstance(self.outputs[0], Pixels)


@dataclass(frozen=True)
class Stage:
    """Loops over row and column ticks; `columns_outside`: columns are the outer loop.

    `idle` says that it is left out of frames that have no result.
    """

    row_ticks: int
    column_ticks: int
    columns_outside: bool
    idle: bool
    regions: tuple[Region, ...]
    calls: tuple[Call, ...]

    @property
    def outer_ticks(self) -> int:
        return self.column_ticks if self.columns_outside else self.row_ticks

    @property
    def inner_ticks(self) -> int:
        return self.row_ticks if self.columns_outside else self.column_ticks


# -- how data come and go --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Port:
    """A network input or output: what the caller sees of it, and where it is.

    Args:
      tensor: index in the model file.
      shape: as the model file declares it.
      dtype: name of the element type.
      size_bytes: of one frame.
      rows, row_bytes: in which an input is pushed; of an output, the rows of its declared shape.
      view: of an input, where pushed row y goes; of an output, where it lies. Base.SOURCE: it stays with the caller.
      scale, zero_point: of its quantization; None where it has none.
    """

    tensor: int
    shape: tuple[int, ...]
    dtype: str
    size_bytes: int
    rows: int
    row_bytes: int
    view: Rows
    scale: float | None
    zero_point: int | None
    name: str = field(default="", compare=False)


@dataclass(frozen=True)
class Feed:
    """Stage 0 runs while rows of `input` arrive: tick n as soon as frontier(n) of `arrival` rows are there."""

    input: int
    arrival: Steady


@dataclass(frozen=True)
class Fill:
    """All kept frames of a tensor, `size` bytes from `offset` on, that hold `value` before the first frame."""

    tensor: int
    offset: int
    size: int
    value: int


@dataclass(frozen=True)
class History:
    """A tensor of which several frames are kept, one after the other from `offset` on."""

    tensor: int
    offset: int
    slots: int
    slot_bytes: int


@dataclass(frozen=True)
class Clip:
    """How the program of one frame goes on from frame to frame.

    Args:
      frames: length of the clip that the model was made for.
      period: frames after which all rings of frames stand as before; the frame number is kept modulo this.
      warm_up: frames before the first one with a result.
      step: frames from one result to the next.
      history_bytes: of the arena, that outlive a frame.
      fills: what stands for frames before the first.
      repeats: what a repeated frame copies from the frame before; empty where frames cannot be repeated.
      answers: which of the clip model's results it gives at which frame, for people.
    """

    frames: int
    period: int
    warm_up: int
    step: int
    history_bytes: int
    fills: tuple[Fill, ...]
    repeats: tuple[History, ...]
    answers: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class KeptRows:
    """A tensor of which a partly changed frame copies the rows outside of interval `table` from the frame before."""

    table: int
    history: History
    rows: int
    row_bytes: int


@dataclass(frozen=True)
class StageReuse:
    """What of a stage a partly changed frame computes: all of it, or (`restricted`) the intervals of its operators.

    `ticks` is the table of the ticks that do any work; None: all of them.
    """

    restricted: bool
    ticks: int | None


@dataclass(frozen=True)
class Reuse:
    """Frames of which only rows [a, b) differ from the frame before (verify.program.reuse).

    Table k says [first[k][a], last[k][b]); `input` is the table of the input's rows (None where they stay with the
    caller), `operators` pairs operators with theirs.
    """

    first: tuple[tuple[int, ...], ...]
    last: tuple[tuple[int, ...], ...]
    input: int | None
    operators: tuple[tuple[int, int], ...]
    kept: tuple[KeptRows, ...]
    stages: tuple[StageReuse, ...]

    @property
    def largest(self) -> int:
        return max(value for table in (*self.first, *self.last) for value in table)


@dataclass(frozen=True)
class EarlyExit:
    """Output `output` may answer before stage `stage`: its two largest of so many values are compared."""

    output: int
    stage: int
    values: int


@dataclass(frozen=True)
class Bytes:
    """The proved byte counts; `scratch` is a share of the arena, the most that a call works in.

    `flash_budget` is what weights and code may take together, None where none was asked.
    """

    arena: int
    state: int
    scratch: int
    stack: int
    weights: int
    flash_budget: int | None = None

    @property
    def sram(self) -> int:
        return self.arena + self.state + self.stack


@dataclass(frozen=True)
class Stored:
    """A line of the memory map, for people: tensor, where it begins, how much it takes and what is kept of it."""

    tensor: int
    name: str
    offset: int
    size_bytes: int
    kept: str


@dataclass(frozen=True)
class Program:
    """A whole program. `push_order` lists the inputs in the order in which they must be pushed."""

    model_sha256: str
    plan_sha256: str
    target: str
    bytes: Bytes
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    push_order: tuple[int, ...]
    feed: Feed | None
    stages: tuple[Stage, ...]
    clip: Clip | None = None
    reuse: Reuse | None = None
    early_exit: EarlyExit | None = None
    camera: Camera | None = None
    head_bytes: int = 0
    name: str = field(default="", compare=False)
    memory: tuple[Stored, ...] = field(default=(), compare=False)

    @property
    def sram_bytes(self) -> int:
        """Everything that is proved, the FIFO between a camera and the network, and a head that learns, included."""
        return self.bytes.sram + (self.camera.fifo_bytes if self.camera else 0) + self.head_bytes

    @property
    def external(self) -> bool:
        """Whether inputs stay in the caller's memory."""
        return any(port.view.place.base is Base.SOURCE for port in self.inputs)
