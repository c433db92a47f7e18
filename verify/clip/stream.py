"""The frame's program while it is made: what is computed alike of frames equally far apart is one operator.

A result is known by the operator's facts and by what it reads, counted from the newest frame that it reads. So position
t of a clip's tensor and position t + 1 are one tensor of the program, seen from different distances, exactly where they
are computed alike; where padding in time makes a difference they are two.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from verify.clip.elements import Marks, Seen
from verify.graph.graph import Graph, Node
from verify.graph.tensor import Tensor
from verify.ops.base import Op

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Operand:
    """What an operator reads: a constant (no delays), a tensor of one frame, or of several, oldest first."""

    tensor: int
    delays: tuple[int, ...]
    shape: Shape


class Stream:
    """Operators of the frame's program, in order, and its tensors.

    `late`: what reads earlier frames only is computed in the newest of them, and its result is kept instead.
    """

    def __init__(self, clip: Graph, marks: Marks | None = None, late: bool = True):
        self.clip, self.marks, self._late = clip, marks or Marks(), late
        self.tensors: dict[int, Tensor] = {}
        self.nodes: list[Node] = []
        self._made: dict[object, tuple[int, ...]] = {}
        self._constants: dict[object, int] = {}
        self._indices = {node.index for node in clip.nodes}
        self._used: set[int] = set()
        self._next_tensor = 1 + max(clip.tensors, default=0)
        for tensor in clip.tensors.values():
            if tensor.data is not None:
                self.has(tensor)

    def input(self, tensor: int, shape: Shape) -> None:
        self.has(replace(self.clip.tensors[tensor], shape=shape))

    def node(self, at: Node, op: Op, operands: Sequence[Operand], shapes: Sequence[Shape]) -> tuple[Seen, ...]:
        """Results of an operator that computes what `at` does, of some frames."""
        model = [self.clip.tensors[tensor] for tensor in at.outputs]
        return self._node(at, op, operands, [replace(x, shape=s) for x, s in zip(model, shapes, strict=True)])

    def movement(self, at: Node, op: Op, operands: Sequence[Operand], shape: Shape) -> Seen:
        """The result of an operator that puts together what `at` is to read."""
        like = next(self.tensors[operand.tensor] for operand in operands if operand.delays)
        (seen,) = self._node(at, op, operands, [replace(like, shape=shape)], late=len(operands) == 1)
        return seen

    def _node(
        self, at: Node, op: Op, operands: Sequence[Operand], results: Sequence[Tensor], late: bool = False
    ) -> tuple[Seen, ...]:
        newest = min(delay for operand in operands for delay in operand.delays) if late or self._late else 0
        reads = [replace(x, delays=tuple(delay - newest for delay in x.delays)) for x in operands]
        key = (fingerprint(op), *reads, *(result.shape for result in results))
        if key not in self._made:
            self._made[key] = self._append(at, op, reads, results)
        return tuple(Seen(tensor, newest) for tensor in self._made[key])

    def _append(self, at: Node, op: Op, reads: Sequence[Operand], results: Sequence[Tensor]) -> tuple[int, ...]:
        """The first that computes what `at` does goes by its name; others get names that no other has."""
        own = results[0].index in at.outputs and at.index not in self._used
        index = at.index if own else 1 + max(self._indices)
        self._indices.add(index)
        self._used.add(index)
        if not own:
            first = self._next_tensor
            self._next_tensor += len(results)
            results = [replace(result, index=first + k) for k, result in enumerate(results)]
        for result in results:
            self.has(result)
        self.nodes.append(
            replace(
                at,
                index=index,
                op=op,
                inputs=tuple(read.tensor for read in reads),
                outputs=tuple(result.index for result in results),
                input_shapes=tuple(read.shape for read in reads),
                output_shapes=tuple(result.shape for result in results),
                delays=tuple(read.delays or (0,) for read in reads),
            )
        )
        return self.nodes[-1].outputs

    def constant(self, values: np.ndarray, like: Tensor) -> Operand:
        """A constant that holds padding in time."""
        key = (values.tobytes(), values.shape, like.quantization)
        if key not in self._constants:
            name = f"{like.name} before or after the clip"
            self.has(Tensor(self._next_tensor, name, values.shape, like.dtype, like.quantization, values))
            self._constants[key] = self._next_tensor
            self._next_tensor += 1
        return Operand(self._constants[key], (), values.shape)

    def has(self, tensor: Tensor) -> None:
        self.tensors[tensor.index] = tensor
        self.marks.sizes[tensor.index] = tensor.elements


def fingerprint(value: object) -> object:
    """Equal for operators that compute the same; arrays are compared by contents."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return type(value), *(fingerprint(getattr(value, field.name)) for field in fields)
    if isinstance(value, tuple):
        return tuple(map(fingerprint, value))
    return value
