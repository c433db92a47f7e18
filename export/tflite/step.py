"""From a clip model to the model of one step: the same operators, weights and scales, one frame at a time.

    frame [1, height, width, channels], states  ->  result for the newest frame, states

A state holds the last frames of a tensor that later steps read again, in int8. Nothing is quantized twice, so a step
gives bit for bit what the clip model gives on the same frames, in any runtime that computes both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from export.tflite.clean import compact
from export.tflite.model import Model, read_model, write_model
from export.tflite.streams import FrameRead, Shape, StepOperator, Timeline, with_extent
from export.tflite.timeline import timeline
from verify.tflite.schema import RawOperator, RawTensor

_VERSIONS = {"CONCATENATION": 2, "RESHAPE": 1, "SLICE": 2}
"""Of the operators that a step may have and a clip has not: the first ones with int8."""

NEW_STATE = "/new_state"


@dataclass(frozen=True)
class StepModel:
    """A model of one step.

    Inputs are the frame and the states, outputs the result and the new states in the same order. Before the first frame
    every element of a state is its zero point.

    Args:
      contents: the .tflite file's bytes.
      warmup_frames: the results of so many first steps mean nothing; a clip gives none for them.
    """

    contents: bytes
    warmup_frames: int


def to_step(clip: bytes) -> StepModel:
    """The model of one step of a clip model, whose first axis is time.

    Step t gives what the clip model gives at its last position for a clip that ends with frame t: for layers that pad
    along time, the clip that begins with the stream's first frame; for others, any clip.

    Args:
      clip: the .tflite file's bytes.

    Raises:
      ModelError: if the file is damaged.
      StepError: if the model reads later frames than it has, or in an order that does not go on; the message names the
        layer.
    """
    model = read_model(clip)
    times = timeline(model)
    draft = _Draft(model, times)
    for operator in times.operators:
        draft.add(operator)
    return StepModel(write_model(compact(draft.finish())), times.warmup_frames)


class _Draft:
    """A step model under construction; the clip's constants keep their positions, other tensors are appended."""

    def __init__(self, model: Model, times: Timeline) -> None:
        self.model = model
        self.times = times
        self.tensors = list(model.tensors)
        self.operators: list[RawOperator] = []
        self.history = times.history
        self.newest: dict[int, int] = {}
        self.states = {stream: self._stream_tensor(stream, "/state", frames) for stream, frames in self.history.items()}
        self._windows: dict[int, int] = {}
        self._parts: dict[tuple[int, int, int], int] = {}
        self._reads: dict[tuple[int, int, int, Shape], int] = {}
        source = model.inputs[0]
        self.newest[source] = self._stream_tensor(source, "", 1)

    def add(self, operator: StepOperator) -> None:
        """Adds one operator, and before it what makes its operands."""
        inputs = list(operator.source.inputs)
        for position, read in operator.reads.items():
            inputs[position] = self._read(read)
        for position, values in operator.constants.items():
            inputs[position] = self._constant(values, self.model.tensors[inputs[position]])
        (stream,) = operator.source.outputs
        self.newest[stream] = self._stream_tensor(stream, "", 1)
        self._emit(operator.source.kind, inputs, self.newest[stream], operator.source.options)

    def finish(self) -> Model:
        """The whole model, with new states."""
        result = self._read(self.times.output)
        states = [self._next_state(stream, result) for stream in self.states]
        return Model(
            tensors=tuple(self.tensors),
            operators=tuple(self.operators),
            inputs=(self.newest[self.model.inputs[0]], *self.states.values()),
            outputs=(result, *states),
            versions=_VERSIONS | dict(self.model.versions),
        )

    def _read(self, read: FrameRead) -> int:
        """The tensor that an operator reads."""
        key = (read.view.stream, read.lag, read.count, read.shape)
        if key not in self._reads:
            frames = self._frames(read.view.stream, read.lag, read.count)
            if self.tensors[frames].shape != read.shape:
                name = self.model.tensors[read.view.key].name
                frames = self._reshaped(frames, self._tensor(name, read.shape, self.tensors[frames]))
            self._reads[key] = frames
        return self._reads[key]

    def _frames(self, stream: int, lag: int, count: int) -> int:
        """Consecutive frames of a stream, oldest first."""
        kept = self.history.get(stream, 0)
        if lag == 0:
            return self.newest[stream]
        if lag >= count:
            return self._part(self.states[stream], stream, kept - lag, count)
        return self._part(self._window(stream), stream, kept - lag, count)

    def _window(self, stream: int) -> int:
        """All frames that there are of a stream: the state and the newest."""
        if stream not in self._windows:
            frames = [self.states[stream], self.newest[stream]]
            self._windows[stream] = self._joined(stream, frames, "/window")
        return self._windows[stream]

    def _next_state(self, stream: int, result: int) -> int:
        kept, newest = self.history[stream], self.newest[stream]
        if stream in self._windows:
            return self._cut(self._windows[stream], stream, 1, kept, NEW_STATE)
        if kept > 1:
            frames = [self._part(self.states[stream], stream, 1, kept - 1), newest]
            return self._joined(stream, frames, NEW_STATE)
        if newest not in (self.newest[self.model.inputs[0]], result):
            return newest
        # Runtimes want every output to be a tensor of its own.
        target = self._stream_tensor(stream, NEW_STATE, 1)
        return self._reshaped(newest, target)

    def _part(self, source: int, stream: int, begin: int, count: int) -> int:
        """Some frames of a state or a window."""
        if (begin, count) == (0, self.tensors[source].shape[self.times.streams[stream]]):
            return source
        key = (source, begin, count)
        if key not in self._parts:
            self._parts[key] = self._cut(source, stream, begin, count, f"/frames_{begin}_{begin + count}")
        return self._parts[key]

    def _cut(self, source: int, stream: int, begin: int, count: int, suffix: str) -> int:
        axis, shape = self.times.streams[stream], self.tensors[source].shape
        result = self._stream_tensor(stream, suffix, count)
        zeros = with_extent((0,) * len(shape), axis, begin)
        self._emit(
            "SLICE", [source, self._constant(zeros), self._constant(with_extent(shape, axis, count))], result, {}
        )
        return result

    def _joined(self, stream: int, parts: Sequence[int], suffix: str) -> int:
        axis = self.times.streams[stream]
        count = sum(self.tensors[part].shape[axis] for part in parts)
        result = self._stream_tensor(stream, suffix, count)
        self._emit("CONCATENATION", parts, result, {"axis": axis, "fused_activation_function": "NONE"})
        return result

    def _reshaped(self, source: int, target: int) -> int:
        shape = self.tensors[target].shape
        self._emit("RESHAPE", [source, self._constant(shape)], target, {"new_shape": shape})
        return target

    def _stream_tensor(self, stream: int, suffix: str, frames: int) -> int:
        like = self.model.tensors[stream]
        axis = self.times.streams[stream]
        return self._tensor(like.name + suffix, with_extent(like.shape, axis, frames), like)

    def _tensor(self, name: str, shape: Shape, like: RawTensor) -> int:
        tensor = replace(like, index=len(self.tensors), name=name, shape=tuple(shape), signature=(), contents=None)
        self.tensors.append(tensor)
        return tensor.index

    def _constant(self, values: Sequence[int], like: RawTensor | None = None) -> int:
        shape = (len(values),) if like is None else like.shape
        name = "shape" if like is None else like.name
        contents = np.asarray(values, np.int32).view(np.uint8)
        tensor = RawTensor(len(self.tensors), name, "INT32", shape, (), contents, None, False, False, False)
        self.tensors.append(tensor)
        return tensor.index

    def _emit(self, kind: str, inputs: Sequence[int], output: int, options: dict[str, object]) -> None:
        self.operators.append(RawOperator(len(self.operators), kind, tuple(inputs), (output,), options))
