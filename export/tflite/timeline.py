"""What a clip model's operators do along time, as one step of a stream: which frames of what each of them reads.

A **stream** is a tensor of which every step computes one frame. Tensors of the clip that only move frames about
(padding and slicing along time, reshapes) are **views** of streams: position p of a view is frame p + offset of its
stream. A read of several frames, or of frames that others have by now, looks back: **lag** 0 is the newest frame.

Frames before the first are the zero point. Operators that only move elements make zero points of them; any other would
make something else, so where a view is padded, such an operator waits until its result belongs to frame 0.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from export.tflite.errors import StepError
from export.tflite.layers import label
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
class Read:
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
    reads: Mapping[int, Read]
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
    output: Read
    warmup_frames: int

    @property
    def history(self) -> dict[int, int]:
        """Frames before the newest that must be kept, by stream, for those that need any."""
        reads = [read for operator in self.operators for read in operator.reads.values()]
        lags: dict[int, int] = {}
        for read in (*reads, self.output):
            lags[read.view.stream] = max(read.lag, lags.get(read.view.stream, 0))
        return {stream: lag for stream, lag in lags.items() if lag}


def timeline(model: Model) -> Timeline:
    """Finds out how a clip model runs frame by frame.

    Raises:
      StepError: if it has several inputs or outputs, or an operator whose result needs frames that have not come yet, or
        whose time axis is not known to go on.
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise StepError(f"a clip model has one input and one output, not {len(model.inputs)} and {len(model.outputs)}")
    draft = _Draft(model)
    for operator in model.operators:
        try:
            draft.add(operator)
        except _NoStepError as error:
            raise StepError(f"{label(model, operator)} cannot be run frame by frame: {error}") from None
    output = draft.views[model.outputs[0]]
    frames = model.tensors[model.inputs[0]].shape[0]
    if output.offset + output.positions != frames:
        raise StepError("the model's last output does not belong to the clip's last frame; it cannot follow a stream")
    return Timeline(tuple(draft.operators), draft.streams, Read(output, 0), output.offset)


class _NoStepError(Exception):
    """Why an operator has no step."""


class _Draft:
    """A timeline under construction."""

    def __init__(self, model: Model) -> None:
        source = model.inputs[0]
        self.model = model
        self.operators: list[StepOperator] = []
        self.streams: dict[int, int] = {source: 0}
        self.views: dict[int, View] = {source: View(source, 0, model.tensors[source].shape, 0, source)}

    def add(self, operator: RawOperator) -> None:
        rule = _RULES.get(operator.kind)
        if rule is None:
            raise _NoStepError("what it does along time is not known; write that part with other operators")
        rule(self, operator)

    def shape(self, key: int) -> Shape:
        return self.model.tensors[key].shape

    def constant(self, operator: RawOperator, position: int) -> list[int]:
        contents = self.model.tensors[operator.inputs[position]].contents
        if contents is None:
            raise _NoStepError(f"its operand {position} is computed; it must be a constant")
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
        offset = max(view.offset + frames - 1 for view in views.values())
        offset = offset if moves else max(0, offset)
        reads = {place: Read(view, offset - view.offset, frames) for place, view in views.items()}
        self.operators.append(StepOperator(operator, reads, constants or {}))
        (key,) = operator.outputs
        self.streams[key] = axis
        self.views[key] = View(key, offset, self.shape(key), axis, key)
        return self.views[key]

    def rename(self, operator: RawOperator, offset: int, axis: int) -> None:
        """Makes the result a view of the operand."""
        (key,) = operator.outputs
        view = self.views[operator.inputs[0]]
        self.views[key] = View(view.stream, offset, self.shape(key), axis, key)


def with_extent(shape: Shape, axis: int, extent: int) -> Shape:
    return (*shape[:axis], extent, *shape[axis + 1 :])


def _each(draft: _Draft, operator: RawOperator, moves: bool = False) -> None:
    """Element by element, or vector by vector of the last axis; operands may be constants or broadcast."""
    views = [draft.views[key] for key in operator.inputs if key in draft.views]
    result = draft.shape(operator.outputs[0])
    from_end = {len(view.shape) - view.axis for view in views}
    positions = {view.positions for view in views}
    if len(positions) > 1 or len(from_end) > 1 and positions != {1}:
        raise _NoStepError("its operands have time on different axes, or one of them is a single frame for all")
    axis = len(result) - from_end.pop()
    for key in operator.inputs:
        shape = draft.shape(key) if key >= 0 and key not in draft.views else ()
        if len(shape) > len(result) - axis - 1 and shape[axis - len(result)] > 1:
            raise _NoStepError("its constant differs from frame to frame")
    draft.compute(operator, axis, moves=moves)


def _windowed(draft: _Draft, operator: RawOperator) -> None:
    """Convolution and pooling: a window over axes 1 and 2, frame by frame along axis 0."""
    view = draft.views[operator.inputs[0]]
    if view.axis == 0:
        draft.compute(operator, 0)
        return
    if view.axis != 1:
        raise _NoStepError(f"time lies on axis {view.axis} there; it must be the height or the batch")
    result = draft.shape(operator.outputs[0])
    if operator.kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
        taps, spacing = draft.shape(operator.inputs[1])[1], _option(operator, "dilation_h_factor")
    else:
        taps, spacing = _option(operator, "filter_height"), 1
    span = (taps - 1) * spacing
    if result[1] != view.positions - span or (span and operator.options.get("padding") != "VALID"):
        raise _NoStepError(
            f"it makes {result[1]} frames of {view.positions} with a window of {span + 1}: its stride along time must "
            "be 1, and it may not pad"
        )
    draft.compute(operator, 1, span + 1)


def _fully_connected(draft: _Draft, operator: RawOperator) -> None:
    view, result = draft.views[operator.inputs[0]], draft.shape(operator.outputs[0])
    frame, depth = math.prod(view.shape[view.axis + 1 :]), draft.shape(operator.inputs[1])[1]
    if frame % depth and depth == view.positions * frame:
        draft.compute(operator, 0, view.positions)
    else:
        draft.compute(operator, _time_axis(view.positions, result))


def _reshape(draft: _Draft, operator: RawOperator) -> None:
    view, result = draft.views[operator.inputs[0]], draft.shape(operator.outputs[0])
    frame = math.prod(view.shape[view.axis + 1 :])
    if view.positions > 1 and math.prod(result) == math.prod(result[1:]) == view.positions * frame:
        axis = next((a for a, extent in enumerate(result) if extent > 1), 0)
        if result[axis] != view.positions:
            # All frames become one vector: a window as long as the clip.
            draft.compute(operator, 0, view.positions, moves=True)
            return
    draft.rename(operator, view.offset, _time_axis(view.positions, result))


def _time_axis(positions: int, shape: Shape) -> int:
    """Where time is, if the order of elements stays: the first axis that is not 1."""
    axis = next((axis for axis, extent in enumerate(shape) if extent > 1), 0) if positions > 1 else 0
    if not shape or shape[axis] != positions:
        raise _NoStepError(f"its result {shape} has no axis with the {positions} frames")
    return axis


def _pad(draft: _Draft, operator: RawOperator) -> None:
    view = draft.views[operator.inputs[0]]
    amounts = np.array(draft.constant(operator, 1)).reshape(-1, 2)
    before, after = (int(amount) for amount in amounts[view.axis])
    if after:
        raise _NoStepError(f"it adds {after} frames after the last; a stream has no last frame (use causal layers)")
    if before and view.offset > 0:
        raise _NoStepError(
            "it adds frames before the first of what a layer has shortened already; pad there, or nowhere"
        )
    if before and operator.kind == "PADV2":
        raise _NoStepError("it adds frames of another value than zero")
    amounts[view.axis] = 0
    if amounts.any():
        view = draft.compute(operator, view.axis, constants={1: amounts.reshape(-1).tolist()}, moves=True)
    draft.views[operator.outputs[0]] = replace(
        view, offset=view.offset - before, shape=draft.shape(operator.outputs[0]), key=operator.outputs[0]
    )


def _slice(draft: _Draft, operator: RawOperator) -> None:
    view = draft.views[operator.inputs[0]]
    begin, size = draft.constant(operator, 1), draft.constant(operator, 2)
    _take(draft, operator, view, begin, {1: with_extent(tuple(begin), view.axis, 0), 2: tuple(size)})


def _take(draft: _Draft, operator: RawOperator, view: View, begin: Sequence[int], constants: dict[int, Shape]) -> None:
    """A box out of a tensor: along time it is another offset."""
    result = draft.shape(operator.outputs[0])
    offset = view.offset + begin[view.axis]
    if with_extent(result, view.axis, 1) == with_extent(view.shape, view.axis, 1):
        draft.rename(operator, offset, view.axis)
        return
    first = View(view.stream, offset, with_extent(view.shape, view.axis, result[view.axis]), view.axis, view.key)
    draft.views[operator.inputs[0]] = first
    changed = {1: constants[1], 2: with_extent(constants[2], view.axis, 1)}
    draft.compute(operator, view.axis, constants=changed, moves=True)
    draft.views[operator.inputs[0]] = view


def _strided_slice(draft: _Draft, operator: RawOperator) -> None:
    view = draft.views[operator.inputs[0]]
    begin, end, strides = (draft.constant(operator, position) for position in (1, 2, 3))
    masks = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask", "offset")
    if strides[view.axis] != 1 or any(operator.options.get(mask) for mask in masks) or begin[view.axis] < 0:
        raise _NoStepError("it must take consecutive frames, counted from the first")
    _take(draft, operator, view, begin, {1: with_extent(tuple(begin), view.axis, 0), 2: tuple(end)})


def _concatenation(draft: _Draft, operator: RawOperator) -> None:
    result = draft.shape(operator.outputs[0])
    axis = _option(operator, "axis") % len(result)
    if any(draft.views[key].axis == axis for key in operator.inputs if key in draft.views):
        raise _NoStepError("it joins clips one after the other")
    _each(draft, operator, moves=True)


def _reduce(draft: _Draft, operator: RawOperator) -> None:
    view, result = draft.views[operator.inputs[0]], draft.shape(operator.outputs[0])
    axes = {axis % len(view.shape) for axis in draft.constant(operator, 1)}
    if view.axis in axes:
        raise _NoStepError("it reduces time; use a temporal layer, whose window is known")
    gone = 0 if operator.options.get("keep_dims") else sum(axis < view.axis for axis in axes)
    if not result:
        raise _NoStepError("its result has no time axis")
    draft.compute(operator, view.axis - gone)


def _option(operator: RawOperator, name: str) -> int:
    value = operator.options.get(name)
    assert isinstance(value, int), f"{operator.kind} has a number {name}"
    return value


_ELEMENTWISE = (
    *("ABS", "ADD", "DEQUANTIZE", "HARD_SWISH", "LEAKY_RELU", "LOGISTIC", "MAXIMUM", "MINIMUM", "MUL", "NEG"),
    *("QUANTIZE", "RELU", "RELU6", "RELU_N1_TO_1", "SOFTMAX", "SQUARED_DIFFERENCE", "SUB", "TANH"),
)

_RULES: dict[str, Callable[[_Draft, RawOperator], None]] = {
    **dict.fromkeys(_ELEMENTWISE, _each),
    **dict.fromkeys(("AVERAGE_POOL_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D"), _windowed),
    **dict.fromkeys(("MEAN", "REDUCE_MAX", "REDUCE_MIN", "SUM"), _reduce),
    **dict.fromkeys(("PAD", "PADV2"), _pad),
    "CONCATENATION": _concatenation,
    "FULLY_CONNECTED": _fully_connected,
    "RESHAPE": _reshape,
    "SLICE": _slice,
    "STRIDED_SLICE": _strided_slice,
}
