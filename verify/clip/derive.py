"""A clip model as a stream: one result per frame, by the operators' facts about their leading axis.

A clip model takes `[time, ...]`. While an operator treats the leading axis as a batch (`Op.frame`), one frame's result
needs one frame. Movements along that axis (`Op.time_shift`: padding and slicing in time) become delays: operand
position t - d is the frame d before. An operator that slides over an image whose rows are frames,
`[1, time, width, channels]` with the same bytes as `[time, height, width, channels]`, reads a window of frames
(`Op.tall`); one that reduces time to a single result is such a window over all of them (`Op.over_frames`). So the
frame's program is the same operators on one frame each, with delays on their operands, and a tensor that is read with
delay d has its last d + 1 frames kept.

Position p of the clip model's results comes at frame `first_result` + p of the stream that begins with the clip. Where
the clip model pads in time, the stream is padded before its first frame only; verify.graph.answers says which frames
then have a clip's result.
"""

from dataclasses import dataclass, replace

import numpy as np

from verify.clip.refuse import NotAClipError, stands_against
from verify.graph.graph import Graph, Node, without_unused
from verify.graph.tensor import Axis, Tensor, row_count
from verify.ops.base import Op


@dataclass(frozen=True)
class Track:
    """What a tensor of the clip model is in the frame's program.

    Its `count` positions in time are frames of `tensor`: when a clip's last frame is there, the last position is `lag`
    frames back (below 0: still to come), and each is one before the next. The first `wrong` positions are made of
    frames before the clip's first one that the program does not have.
    """

    tensor: int
    count: int
    lag: int
    wrong: int = 0


def as_stream(clip: Graph) -> Graph:
    """The program of one frame of a clip model whose inputs' leading axis is time.

    Raises:
      NotAClipError: frames do not mix (then it is a batch), or an operator mixes them in a way that is not known.
    """
    draft = _Draft(clip, clip.input_shapes[0][0])
    for node in clip.nodes:
        draft.add(node)
    return draft.finish()


class _Draft:
    def __init__(self, clip: Graph, frames: int):
        self.clip, self.frames = clip, frames
        self.tracks = {tensor: Track(tensor, frames, 0) for tensor in clip.inputs}
        self.tensors = {t: x for t, x in clip.tensors.items() if x.data is not None}
        for tensor in clip.inputs:
            self._shrink(tensor)
        self.nodes: list[Node] = []
        self.fills: dict[int, int] = {}

    def add(self, node: Node) -> None:
        moved = node.op.time_shift() if len(node.inputs) == 1 else None
        track = self.tracks.get(node.inputs[0]) if node.inputs else None
        if moved is not None and track is not None and self._is_frames(track, node.input_shapes[0]) and track.count > 1:
            if moved.rest is not None:
                track = self._rest(node, track, moved.rest)
            self.tracks[node.outputs[0]] = self._moved(node, track, moved.before, moved.value)
        elif all(self.tracks[t].count == 1 for t in node.inputs if t in self.tracks):
            self._once_per_frame(node)
        elif self._is_reduced(node):
            self._reduce(node)
        elif any(self._is_merged(node, operand) for operand in range(len(node.inputs))):
            self._slide(node)
        else:
            self._frame_by_frame(node)

    def finish(self) -> Graph:
        nodes = without_unused(self.nodes, [self.tracks[t].tensor for t in self.clip.outputs])
        if not any(delay for node in nodes for delays in node.delays for delay in delays):
            raise NotAClipError("no operator mixes frames: the leading axis is a batch")
        outputs = [self.tracks[tensor] for tensor in self.clip.outputs]
        if len({(track.lag, track.count) for track in outputs}) > 1:
            raise NotAClipError("the outputs lag behind the input by different numbers of frames")
        used = {t for node in nodes for t in (*node.inputs, *node.outputs)} | set(self.clip.inputs)
        program = replace(
            self.clip,
            tensors={t: x for t, x in self.tensors.items() if t in used},
            nodes=tuple(nodes),
            outputs=tuple(track.tensor for track in outputs),
            input_shapes=tuple((1, *shape[1:]) for shape in self.clip.input_shapes),
            output_shapes=tuple(
                (1, *shape[1:]) if track.count > 1 else shape
                for track, shape in zip(outputs, self.clip.output_shapes, strict=True)
            ),
            clip_frames=self.frames,
            warm_up=max(self._first(track) + track.wrong for track in outputs),
            results=outputs[0].count,
            first_result=self._first(outputs[0]),
            fills={t: value for t, value in self.fills.items() if t in used},
        )
        self._check_windows(program)
        return program

    # -- the ways in which an operator meets time ---------------------------------------------------------------

    def _moved(self, node: Node, track: Track, before: int, value: int) -> Track:
        """Padding and slicing in time: the same frames, seen from further back."""
        after = node.output_shapes[0][0] - track.count - before  # positions added (or, negative, cut) behind the last
        if before > 0:
            self._pads(node, track, value)
        return Track(
            track.tensor, track.count + before + after, track.lag - after, max(0, track.wrong + min(before, 0))
        )

    def _pads(self, node: Node, track: Track, value: int) -> None:
        """Frames before the first one hold this value, if they can."""
        if self.fills.setdefault(track.tensor, value) != value:
            raise stands_against(node, "it pads a tensor in time that is padded with another value elsewhere")
        if self._padded(track):
            raise stands_against(node, "it pads in time what is computed from padding in time")
        if track.wrong or self._first(track) > 0:
            raise stands_against(node, "it pads in time what has lost frames before")

    def _rest(self, node: Node, track: Track, op: Op) -> Track:
        """What a movement in time does to each frame, before the movement."""
        shapes = [((1, *shape[1:]),) for shape in (node.input_shapes[0], node.output_shapes[0])]
        one = replace(node, op=op, inputs=(track.tensor,), input_shapes=shapes[0], output_shapes=shapes[1])
        self._append(one, track.count, track.lag, track.wrong)
        value = self.fills.get(track.tensor)
        if value is not None and self._padded(track):
            # Frames before the first stay what they were if the operator makes nothing else of them.
            nothing = np.full(shapes[0][0], value, np.int8)
            (made,) = op.reference([nothing], range(row_count(shapes[1][0])))
            if (made == value).all():
                self.fills[node.outputs[0]] = value
                self.tracks[node.outputs[0]] = replace(self.tracks[node.outputs[0]], wrong=track.wrong)
        return self.tracks[node.outputs[0]]

    def _first(self, track: Track) -> int:
        """The frame of a stream at which position 0 comes; below 0 if it is padding."""
        return self.frames - track.count - track.lag

    def _padded(self, track: Track) -> int:
        """Positions of padding that this track still has before the clip's first frame."""
        return max(0, -self._first(track))

    def _once_per_frame(self, node: Node) -> None:
        """After time is gone, or without operands from the clip: the operator as it is."""
        inputs = tuple(self.tracks[t].tensor if t in self.tracks else t for t in node.inputs)
        one = replace(node, inputs=inputs, delays=self._delays(node))
        self._append(one, 1, self._lag(node), self._wrong(node))

    def _frame_by_frame(self, node: Node) -> None:
        op = node.op.frame()
        tracks = [self.tracks.get(tensor) for tensor in node.inputs]
        counts = {track.count for track in tracks if track is not None}
        views = [s for t, s in zip(tracks, node.input_shapes, strict=True) if t is not None]
        if op is None or len(counts) != 1 or any(view[0] not in counts for view in views):
            raise stands_against(node, "it mixes frames in a way that has no program per frame here")
        count = counts.pop()
        constants = [s for t, s in zip(tracks, node.input_shapes, strict=True) if t is None]
        if any(len(shape) == len(node.output_shapes[0]) and shape[0] > 1 for shape in constants):
            raise stands_against(node, "a constant operand differs from frame to frame")
        if any(shape[0] != count for shape in node.output_shapes):
            raise stands_against(node, "its results do not have one position per frame")
        one = replace(
            node,
            op=op,
            inputs=tuple(t.tensor if t is not None else i for t, i in zip(tracks, node.inputs, strict=True)),
            input_shapes=tuple(
                (1, *s[1:]) if t is not None else s for t, s in zip(tracks, node.input_shapes, strict=True)
            ),
            output_shapes=tuple((1, *shape[1:]) for shape in node.output_shapes),
            delays=self._delays(node),
        )
        self._append(one, count, self._lag(node), self._wrong(node))

    def _slide(self, node: Node) -> None:
        """A window over an image whose rows are frames, or over one row of them."""
        track, op, view, result = self.tracks[node.inputs[0]], node.op, node.input_shapes[0], node.output_shapes[0]
        if len(node.inputs) == 1 and view[1] == 1 and (turned := op.turned()) is not None:
            op, view, result = turned, (1, view[2], 1, view[3]), (1, result[2], result[1], result[3])
        window, alone, positions = op.window(0, Axis.HEIGHT), op.alone(), result[1]
        steps = window is not None and window.stride > 1 and positions > 1
        padding = op.padding
        if len(node.inputs) != 1 or window is None or alone is None or steps or window.upsample > 1:
            raise stands_against(node, "over frames, windows must have stride 1")
        before, after = window.pad_before, positions - 1 + window.reach - window.pad_before - track.count
        if before or after > 0:
            if padding is None or padding.value != op.padding_zero:
                raise stands_against(node, "over frames, it must not leave out what is padded")
            if before:
                self._pads(node, track, padding.value)
        elif after:
            raise stands_against(node, "it cannot slide over frames without end")
        padded = Track(track.tensor, track.count + before + after, track.lag - after, track.wrong)
        self._window(node, alone, window.reach, view[2:], result[2:], padded)

    def _reduce(self, node: Node) -> None:
        """All frames of a clip to one result: a window over as many."""
        track = self.tracks[node.inputs[0]]
        over = node.op.over_frames(track.count)
        assert over is not None, "asked before"
        if self.fills:
            why = "it reduces all frames of a clip that is padded in time, so of a stream it would need all frames"
            raise stands_against(node, why)
        self._window(node, over.op, track.count, over.input_shape[2:], over.output_shape[2:], track)

    def _window(
        self, node: Node, op: Op, kept: int, row: tuple[int, ...], result: tuple[int, ...], track: Track
    ) -> None:
        """One result from the last `kept` frames, each of which is a row."""
        # One row of output for each slot of the ring, so that the window may start at any of them.
        tall = op.tall(2 * kept - 1)
        if tall is None:
            raise stands_against(node, "it cannot slide over frames without end")
        one = replace(
            node,
            op=tall,
            inputs=(track.tensor,),
            input_shapes=((1, 2 * kept - 1, *row),),
            output_shapes=((1, 1, *result),),
            delays=(tuple(range(kept - 1, -1, -1)),),
        )
        # Where the clip is padded before its first frame, the ring begins with that padding, and nothing is missing.
        self._append(one, track.count - kept + 1, track.lag, track.wrong)

    def _check_windows(self, program: Graph) -> None:
        """A window walks all slots of its ring, so nobody may need more frames of that tensor."""
        for node in program.nodes:
            window, kept = len(node.delays_of(0)), program.kept_frames(node.inputs[0])
            if node.slides_over_frames and kept != window:
                raise stands_against(
                    node, f"it slides over {window} frames of a tensor of which another operator needs {kept}"
                )

    # -- helpers ------------------------------------------------------------------------------------------------

    def _append(self, one: Node, count: int, lag: int, wrong: int) -> None:
        for tensor, shape in zip(one.outputs, one.output_shapes, strict=True):
            self.tensors[tensor] = replace(self.clip.tensors[tensor], shape=shape)
            track = Track(tensor, count, lag, wrong)
            self.tracks[tensor] = replace(track, wrong=max(wrong, self._padded(track)))
        self.nodes.append(one)

    def _lag(self, node: Node) -> int:
        return min((self.tracks[t].lag for t in node.inputs if t in self.tracks), default=0)

    def _wrong(self, node: Node) -> int:
        return max((self.tracks[t].wrong for t in node.inputs if t in self.tracks), default=0)

    def _delays(self, node: Node) -> tuple[tuple[int, ...], ...]:
        least = self._lag(node)
        for track in (self.tracks[t] for t in node.inputs if t in self.tracks):
            if track.lag > least and self._padded(track) and track.tensor not in self.fills:
                raise stands_against(node, "it reads late what is computed from padding in time")
        return tuple((self.tracks[t].lag - least if t in self.tracks else 0,) for t in node.inputs)

    def _is_frames(self, track: Track, view: tuple[int, ...]) -> bool:
        return len(view) > 1 and view[0] == track.count

    def _is_merged(self, node: Node, operand: int) -> bool:
        """Whether the node sees time as the rows of one image, or as the columns of its only row."""
        track, view = self.tracks.get(node.inputs[operand]), node.input_shapes[operand]
        if track is None or track.count < 2 or len(view) != 4:
            return False
        return track.count in (view[1], view[2]) and view[:2] in ((1, track.count), (1, 1))

    def _is_reduced(self, node: Node) -> bool:
        """Whether the node makes one result of all frames of its only operand."""
        track = self.tracks.get(node.inputs[0])
        return len(node.inputs) == 1 and track is not None and node.op.over_frames(track.count) is not None

    def _shrink(self, tensor: int) -> None:
        whole: Tensor = self.clip.tensors[tensor]
        shape = self.clip.input_shapes[self.clip.inputs.index(tensor)]
        self.tensors[tensor] = replace(whole, shape=(1, *shape[1:]))
