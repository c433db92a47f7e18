"""What each kind of operator does along time: one rule each, which adds its step to a draft or refuses."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from export.tflite.streams import Draft, NoStepError, Shape, View, with_extent
from verify.tflite.schema import RawOperator


def _each(draft: Draft, operator: RawOperator, moves: bool = False) -> None:
    """Element by element, or vector by vector of the last axis; operands may be constants or broadcast."""
    views = [draft.views[key] for key in operator.inputs if key in draft.views]
    result = draft.shape(operator.outputs[0])
    from_end = {len(view.shape) - view.axis for view in views}
    positions = {view.positions for view in views}
    if len(positions) > 1 or len(from_end) > 1 and positions != {1}:
        raise NoStepError("its operands have time on different axes, or one of them is a single frame for all")
    axis = len(result) - from_end.pop()
    for key in operator.inputs:
        shape = draft.shape(key) if key >= 0 and key not in draft.views else ()
        if len(shape) > len(result) - axis - 1 and shape[axis - len(result)] > 1:
            raise NoStepError("its constant differs from frame to frame")
    draft.compute(operator, axis, moves=moves)


def _windowed(draft: Draft, operator: RawOperator) -> None:
    """Convolution and pooling: a window over axes 1 and 2, frame by frame along axis 0."""
    view = draft.operand(operator)
    if view.axis == 0:
        draft.compute(operator, 0)
        return
    if view.axis != 1:
        raise NoStepError(f"time lies on axis {view.axis} there; it must be the height or the batch")
    result = draft.shape(operator.outputs[0])
    if operator.kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
        taps, spacing = draft.shape(operator.inputs[1])[1], _option(operator, "dilation_h_factor")
    else:
        taps, spacing = _option(operator, "filter_height"), 1
    span = (taps - 1) * spacing
    if result[1] != view.positions - span or (span and operator.options.get("padding") != "VALID"):
        raise NoStepError(
            f"it makes {result[1]} frames of {view.positions} with a window of {span + 1}: its stride along time must "
            "be 1, and it may not pad"
        )
    draft.compute(operator, 1, span + 1)


def _fully_connected(draft: Draft, operator: RawOperator) -> None:
    view, result = draft.operand(operator), draft.shape(operator.outputs[0])
    frame, depth = math.prod(view.shape[view.axis + 1 :]), draft.shape(operator.inputs[1])[1]
    if frame % depth and depth == view.positions * frame:
        draft.compute(operator, 0, view.positions)
    else:
        draft.compute(operator, _time_axis(view.positions, result))


def _reshape(draft: Draft, operator: RawOperator) -> None:
    view, result = draft.operand(operator), draft.shape(operator.outputs[0])
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
        raise NoStepError(f"its result {shape} has no axis with the {positions} frames")
    return axis


def _pad(draft: Draft, operator: RawOperator) -> None:
    view = draft.operand(operator)
    amounts = np.array(draft.constant(operator, 1)).reshape(-1, 2)
    before, after = (int(amount) for amount in amounts[view.axis])
    if after:
        raise NoStepError(f"it adds {after} frames after the last; a stream has no last frame (use causal layers)")
    if before and view.offset > 0:
        raise NoStepError(
            "it adds frames before the first of what a layer has shortened already; pad there, or nowhere"
        )
    if before and operator.kind == "PADV2":
        raise NoStepError("it adds frames of another value than zero")
    amounts[view.axis] = 0
    if amounts.any():
        view = draft.compute(operator, view.axis, constants={1: amounts.reshape(-1).tolist()}, moves=True)
    draft.views[operator.outputs[0]] = replace(
        view, offset=view.offset - before, shape=draft.shape(operator.outputs[0]), key=operator.outputs[0]
    )


def _slice(draft: Draft, operator: RawOperator) -> None:
    view = draft.operand(operator)
    begin, size = draft.constant(operator, 1), draft.constant(operator, 2)
    _take(draft, operator, view, begin, {1: with_extent(tuple(begin), view.axis, 0), 2: tuple(size)})


def _take(draft: Draft, operator: RawOperator, view: View, begin: Sequence[int], constants: dict[int, Shape]) -> None:
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


def _strided_slice(draft: Draft, operator: RawOperator) -> None:
    view = draft.operand(operator)
    begin, end, strides = (draft.constant(operator, position) for position in (1, 2, 3))
    if _option(operator, "begin_mask") >> view.axis & 1:
        begin[view.axis] = 0
    others = ("ellipsis_mask", "new_axis_mask", "shrink_axis_mask", "offset")
    if strides[view.axis] != 1 or begin[view.axis] < 0 or any(operator.options.get(name) for name in others):
        raise NoStepError("it must take consecutive frames, counted from the first, and keep all axes")
    _take(draft, operator, view, begin, {1: with_extent(tuple(begin), view.axis, 0), 2: tuple(end)})


def _concatenation(draft: Draft, operator: RawOperator) -> None:
    result = draft.shape(operator.outputs[0])
    axis = _option(operator, "axis") % len(result)
    if any(draft.views[key].axis == axis for key in operator.inputs if key in draft.views):
        raise NoStepError("it joins clips one after the other")
    _each(draft, operator, moves=True)


def _reduce(draft: Draft, operator: RawOperator) -> None:
    view, result = draft.operand(operator), draft.shape(operator.outputs[0])
    axes = {axis % len(view.shape) for axis in draft.constant(operator, 1)}
    if view.axis in axes:
        raise NoStepError("it reduces time; use a temporal layer, whose window is known")
    gone = 0 if operator.options.get("keep_dims") else sum(axis < view.axis for axis in axes)
    if not result:
        raise NoStepError("its result has no time axis")
    draft.compute(operator, view.axis - gone)


def _option(operator: RawOperator, name: str) -> int:
    value = operator.options.get(name)
    assert isinstance(value, int), f"{operator.kind} has a number {name}"
    return value


_ELEMENTWISE = (
    *("ABS", "ADD", "DEQUANTIZE", "HARD_SWISH", "LEAKY_RELU", "LOGISTIC", "MAXIMUM", "MINIMUM", "MUL", "NEG"),
    *("QUANTIZE", "RELU", "RELU6", "RELU_N1_TO_1", "SOFTMAX", "SQUARED_DIFFERENCE", "SUB", "TANH"),
)

RULES: dict[str, Callable[[Draft, RawOperator], None]] = {
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
