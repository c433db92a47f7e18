"""The program of one frame that gives the clip model's own result, of the clip of the last T frames, at every frame.

The clip model is gone through once, operator by operator, with a mark for each element of its tensors that says of
which tensor of the program, how many frames back, it is (verify.clip.elements). What only moves elements moves marks.
What computes (verify.clip.computing) becomes one operator of the program for each different way in which its positions
in time are computed: one, where nothing is padded in time; with padding, one more for each distance from the clip's
ends that the padding reaches.

Nothing depends on what was before the first frame: there is a result once a whole clip has passed.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from verify.clip.computing import Computing, Positions, from_the_middle
from verify.clip.elements import Seen, of_values
from verify.clip.refuse import NotAClipError, stands_against
from verify.clip.stream import Operand, Shape, Stream
from verify.graph.graph import Graph, Node, without_unused
from verify.graph.tensor import DType
from verify.ops.base import filled
from verify.tflite.fold import storage_shapes

MOST_FRAMES = 1_000
"""After which all rings of frames should stand as before."""


def unrolled(clip: Graph, axis: int) -> Graph:
    """The program; `axis` is that of time, of all inputs, and those before it have one position.

    Raises:
      NotAClipError: an operator mixes frames in a way that has no program per frame, or none that is worth it.
    """
    by_copies: frozenset[int] = frozenset()
    while True:
        program = _Unrolling(clip, axis, by_copies).program()
        too_few = {node.inputs[0] for node in program.nodes if _walks_too_few(program, node)}
        if not too_few:
            return replace(program, rings=_longer_rings(program))
        by_copies |= too_few


def _walks_too_few(program: Graph, node: Node) -> bool:
    """Whether a window that walks all slots of its ring reads a tensor of which somebody needs more frames."""
    return node.slides_over_frames and program.kept_frames(node.inputs[0]) != len(node.delays_of(0))


def _longer_rings(program: Graph) -> dict[int, int]:
    """Frames to keep of tensors of which fewer are needed, where their numbers have no small common multiple.

    A run of identities goes on until all rings stand as they did. Rings that a window walks hold just its frames.
    """
    kept = {t: frames for t in program.tensors if (frames := program.kept_frames(t)) > 1}
    if math.lcm(*kept.values()) <= MOST_FRAMES:
        return {}
    walked = {node.inputs[0] for node in program.nodes if node.slides_over_frames}
    length = program.clip_frames
    divisors = [n for n in range(2, length + 1) if length % n == 0]
    return {t: next(n for n in divisors if n >= frames) for t, frames in kept.items() if t not in walked}


class _Unrolling:
    """`by_copies`: tensors over whose frames windows do not walk, since other operators need more of them."""

    def __init__(self, clip: Graph, axis: int, by_copies: frozenset[int]):
        self.clip, self.stream = clip, Stream(clip)
        self.computing, self.marks = Computing(self.stream, by_copies), self.stream.marks
        self.frames = clip.input_shapes[0][axis]
        self.shapes = tuple((1, *shape[axis + 1 :]) for shape in clip.input_shapes)
        self.elements: dict[int, np.ndarray] = {}
        for tensor, shape in zip(clip.inputs, self.shapes, strict=True):
            self.stream.input(tensor, shape)
            frames = [self.marks.of(Seen(tensor, delay)) for delay in reversed(range(self.frames))]
            self.elements[tensor] = np.concatenate(frames)

    def program(self) -> Graph:
        for node in self.clip.nodes:
            for tensor, marks in zip(node.outputs, self._results(node), strict=True):
                self.elements[tensor] = marks.reshape(-1)
        if not any(delay for node in self.stream.nodes for delays in node.delays for delay in delays):
            raise NotAClipError("no operator mixes frames: the leading axis is a batch")
        outputs = tuple(map(self._output, self.clip.outputs, self.clip.output_shapes))
        nodes = without_unused(self.stream.nodes, outputs)
        self._require_gain(nodes)
        used = {t for node in nodes for t in (*node.inputs, *node.outputs)} | set(self.clip.inputs)
        seen = [node for node in nodes if not node.slides_over_frames]  # a window's view has more rows than it reads
        shapes = storage_shapes(seen, {t: x.shape for t, x in self.stream.tensors.items() if t in used})
        return replace(
            self.clip,
            tensors={t: replace(self.stream.tensors[t], shape=shape) for t, shape in shapes.items()},
            nodes=tuple(nodes),
            outputs=outputs,
            input_shapes=self.shapes,
            clip_frames=self.frames,
            warm_up=self.frames - 1,
            first_result=self.frames - 1,
        )

    def _output(self, tensor: int, shape: Shape) -> int:
        writer = next((node for node in self.clip.nodes if tensor in node.outputs), None)
        if writer is None:
            raise NotAClipError("an output is an input, unchanged")
        operand = self.computing.operand(writer, self.elements[tensor], shape)
        if operand.delays != (0,) or operand.tensor in self.clip.inputs:
            raise stands_against(writer, "it does not depend on the clip's last frame")
        return operand.tensor

    def _require_gain(self, nodes: Sequence[Node]) -> None:
        """Where each position in time is computed in its own way, nothing is gained: padding in time reaches all of
        them, or the file has operators for each frame that are not alike."""
        macs, clip = (sum(node.macs for node in graph) for graph in (nodes, self.clip.nodes))
        if macs < clip or not clip:
            return
        costs = f"{macs:,} MACs per frame, {clip:,} for the whole clip"
        same: dict[object, list[Node]] = {None: []}
        for node in self.clip.nodes:
            if node.macs and self.frames not in node.input_shapes[0]:
                same.setdefault((node.op.kind, node.input_shapes, node.output_shapes), []).append(node)
        copies = max(same.values(), key=len)
        if len(copies) >= self.frames:
            raise NotAClipError(
                f"the file computes each frame by operators of its own, and they are not alike: {copies[0].label} and "
                f"{copies[1].label}, say, have other scales or weights ({costs}); with the frames as a leading axis "
                "when it is converted, one operator is for all of them"
            )
        if len(nodes) > len(self.clip.nodes):
            raise NotAClipError(f"padding in time reaches every frame of the clip: {costs}")

    def _results(self, node: Node) -> list[np.ndarray]:
        """The marks of a node's results."""
        operands = [self._operand(t, s) for t, s in zip(node.inputs, node.input_shapes, strict=True)]
        known = [marks for marks in operands if marks is not None]
        if len(known) == len(operands):
            moved = node.op.rearranged(known)
            if moved is not None:
                return self._moved(node, known, list(moved))
        constant = [self.clip.tensors[t].data is not None for t in node.inputs]
        return self.computing.results(
            node, [None if fixed else marks for fixed, marks in zip(constant, operands, strict=True)]
        )

    def _operand(self, tensor: int, shape: Shape) -> np.ndarray | None:
        """Marks of an operand; None of a constant that does not hold stored values."""
        data = self.clip.tensors[tensor].data
        if data is None:
            return self.elements[tensor].reshape(shape)
        return of_values(data).reshape(shape) if self.clip.tensors[tensor].dtype is DType.INT8 else None

    def _moved(self, node: Node, marks: list[np.ndarray], moved: list[np.ndarray]) -> list[np.ndarray]:
        """A movement within a frame stays an operator; what moves frames only says where they are."""
        operands = self._of_one_frame(marks, node.input_shapes)
        if operands is not None:
            return [self.marks.of(seen) for seen in self.stream.node(node, node.op, operands, node.output_shapes)]
        frames, shift = node.input_shapes[0][0], node.op.time_shift() if len(marks) == 1 else None
        if frames == 1:
            return moved
        ends = [[(1, *shape[1:]) for shape in shapes] for shapes in (node.input_shapes, node.output_shapes)]
        if shift is not None and shift.rest is not None:
            rest = self.computing.positions(Positions(node, shift.rest, frames, ends[0], ends[1]), list(marks))
            if rest is not None:
                return [_shifted(rest[0], shift.before, filled(shift.value), node.output_shapes[0][0])]
        one = node.op.frame()
        if one is not None and all(shape[0] == frames for shape in (*node.input_shapes, *node.output_shapes)):
            for t in from_the_middle(frames):
                operands = self._of_one_frame([m[t] for m in marks], ends[0])
                if operands is None:
                    continue
                for result, seen in zip(moved, self.stream.node(node, one, operands, ends[1]), strict=True):
                    result[t] = self.marks.of(seen).reshape(result[t].shape)
        return moved

    def _of_one_frame(self, marks: Sequence[np.ndarray], shapes: Sequence[Shape]) -> list[Operand] | None:
        """The operands, if each is a whole tensor, and all are of the same frame."""
        seen = [self.marks.whole(m) for m in marks]
        found = [Operand(x.tensor, (x.delay,), s) for x, s in zip(seen, shapes, strict=True) if x is not None]
        return found if len(found) == len(seen) and len({x.delays for x in found}) == 1 else None


def _shifted(frames: np.ndarray, before: int, value: int, count: int) -> np.ndarray:
    """Position t is position t - before, or the value's where there is none."""
    result = np.full((count, frames[0].size), value, np.int64)
    first, end = max(0, before), min(count, len(frames) + before)
    result[first:end] = frames.reshape(len(frames), -1)[first - before : end - before]
    return result
