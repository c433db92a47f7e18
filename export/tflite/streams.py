"""What a clip model's operators do along time, as one step of a stream: which frames of what each of them reads.

A **stream** is a tensor of which every step computes one frame. Tensors of the clip that only move frames about
(padding and slicing along time, reshapes) are **views** of streams: position p of a view is frame p + offset of its
stream. A read of several frames, or of frames that others have by now, looks back: **lag** 0 is the newest frame.

Frames before the first are the zero point. Operators that only move elements make zero points of them; any other would
make something else, so where a view is padded, such an operator waits until its result belongs to frame 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from export.tflite.model import Model
from verify.tflite.schema import RawOperator

Shape = tuple[int, ...]


@dataclass(frozen=True)
class View:
    """A clip tensor as frames of a stream.

    Args:
      stream: the clip tensor of which each step computes one frame.
      offset: position p along time is the stream's frame p + offset.
      shape: of the clip tensor.
      axis: its time axis; all axes before it have extent 1.
      key: the clip tensor itself.
    """

    stream: int
    offset: int
    shape: Shape
    axis: int
    key: int

    @property
    def positions(self) -> int:
        return self.shape[self.axis]


@dataclass(frozen=True)
class FrameRead:
    """Consecutive frames of a stream, as an operator of the step reads them.

    Args:
      view: under which shape, but for the number of frames.
      lag: of the oldest frame.
      count: how many frames.
    """

    view: View
    lag: int
    count: int = 1

    @property
    def shape(self) -> Shape:
        return with_extent(self.view.shape, self.view.axis, self.count)


@dataclass(frozen=True)
class StepOperator:
    """An operator of the step: one of the clip's, on fewer frames.

    Args:
      source: the clip's.
      reads: by position among its operands; the others are constants.
      constants: contents of int32 constants that differ from the clip's, by position.
    """

    source: RawOperator
    reads: Mapping[int, FrameRead]
    constants: Mapping[int, Sequence[int]]


@dataclass(frozen=True)
class Timeline:
    """A clip model along time.

    Args:
      operators: of the step, in order.
      streams: time axis by stream.
      output: the model's output.
      warmup_frames: steps before the first output that a clip would give.
    """

    operators: tuple[StepOperator, ...]
    streams: Mapping[int, int]
    output: FrameRead
    warmup_frames: int

    @property
    def history(self) -> dict[int, int]:
        """Frames before the newest that must be kept, by stream, for those that need any."""
        reads = [read for operator in self.operators for read in operator.reads.values()]
        lags: dict[int, int] = {}
        for read in (*reads, self.output):
            lags[read.view.stream] = max(read.lag, lags.get(read.view.stream, 0))
        return {stream: lag for stream, lag in lags.items() if lag}


class NoStepError(Exception):
    """Why an operator has no step."""


class Draft:
    """A timeline under construction."""

    def __init__(self, model: Model) -> None:
        source = model.inputs[0]
        self.model = model
        self.operators: list[StepOperator] = []
        self.streams: dict[int, int] = {source: 0}
        self.views: dict[int, View] = {source: View(source, 0, model.tensors[source].shape, 0, source)}

    def shape(self, key: int) -> Shape:
        return self.model.tensors[key].shape

    def operand(self, operator: RawOperator) -> View:
        """The first operand, which must follow the frames."""
        if operator.inputs[0] not in self.views:
            raise NoStepError("its first operand is constant")
        return self.views[operator.inputs[0]]

    def constant(self, operator: RawOperator, position: int) -> list[int]:
        contents = self.model.tensors[operator.inputs[position]].contents
        if contents is None:
            raise NoStepError(f"its operand {position} is computed; it must be a constant")
        return np.frombuffer(contents.tobytes(), np.int32).tolist()

    def compute(
        self,
        operator: RawOperator,
        axis: int,
        frames: int = 1,
        constants: Mapping[int, Sequence[int]] | None = None,
        moves: bool = False,
    ) -> View:
        """Adds an operator of which each step computes one frame.

        Args:
          axis: time axis of its result.
          frames: how many frames of each of its operands one frame of its result reads.
          constants: as in `StepOperator`.
          moves: whether it only moves elements.
        """
        views = {place: self.views[key] for place, key in enumerate(operator.inputs) if key in self.views}
        if not views or len(operator.outputs) != 1:
            raise NoStepError("it reads no frames, or has several results")
        offset = max(view.offset + frames - 1 for view in views.values())
        offset = offset if moves else max(0, offset)
        reads = {place: FrameRead(view, offset - view.offset, frames) for place, view in views.items()}
        self.operators.append(StepOperator(operator, reads, constants or {}))
        (key,) = operator.outputs
        self.streams[key] = axis
        self.views[key] = View(key, offset, self.shape(key), axis, key)
        return self.views[key]

    def rename(self, operator: RawOperator, offset: int, axis: int) -> None:
        """Makes the result a view of the operand."""
        (key,) = operator.outputs
        view = self.operand(operator)
        self.views[key] = View(view.stream, offset, self.shape(key), axis, key)


def with_extent(shape: Shape, axis: int, extent: int) -> Shape:
    return (*shape[:axis], extent, *shape[axis + 1 :])
