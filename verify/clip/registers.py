"""States that are only moved: a register of the last rows, say, is read where these rows were computed, calls ago.

A streaming layer has its last inputs in a variable, puts new ones behind them, computes, and writes the last ones back.
Element by element (verify.clip.elements) it is known what a state holds: an element of a tensor that was computed so
many calls ago, or one that another state held. Where that is so for all of it, nothing has to be written back or put
together: the tensor's last calls are kept, and windows walk over their ring, as over the frames of a clip.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from verify.clip.computing import Computing
from verify.clip.elements import ELEMENT_BITS, Marks, Seen, of_values
from verify.clip.refuse import NotAClipError, stands_against
from verify.clip.states import first_value
from verify.clip.stream import Shape, Stream
from verify.graph.graph import Graph, Node, without_unused
from verify.graph.tensor import DType
from verify.ops.base import MovesOnly
from verify.tflite.fold import storage_shapes

MOST_CALLS = 1_000
"""After which all rings should stand as before."""

MOST_STEPS = 32
"""Of following states to where their elements come from; each doubles how far."""

Elements = dict[int, np.ndarray]
"""Marks of all elements, by tensor."""


def by_registers(model: Graph) -> Graph:
    """The program of one call of a model whose states are registers.

    Raises:
      NotAClipError: a state holds what is computed of itself, or begins with what its tensors cannot begin with.
    """
    marks = Marks()
    held = _held(model, _written(model, marks), marks)
    program = _Calls(model, marks, held).program()
    return _with_rings(program)


def _written(model: Graph, marks: Marks) -> Elements:
    """What each state is given at the end of a call, of what this call computes and of what states hold in it."""
    marks.sizes |= {t: x.elements for t, x in model.tensors.items()}
    states = {state.read for state in model.states}
    found: Elements = {t: marks.of(Seen(t, 0)) for t in model.inputs} | {t: marks.of(Seen(t, 1)) for t in states}
    for node in model.nodes:
        moved = None if node.delays else _moved(node, _operands(model, found, node), marks)
        for k, tensor in enumerate(node.outputs):
            found[tensor] = marks.of(Seen(tensor, 0)) if moved is None else moved[k].reshape(-1)
    return {state.read: found[state.written] for state in model.states}


def _moved(node: Node, operands: Sequence[np.ndarray | None], marks: Marks) -> Sequence[np.ndarray] | None:
    """The marks of a node that only moves elements, and not of this call's tensors alone; those stay operators."""
    known = [operand for operand in operands if operand is not None]
    if len(known) < len(operands):
        return None
    seen = [marks.whole(operand) for operand in known]
    return None if all(s is not None and s.delay == 0 for s in seen) else node.op.rearranged(known)


def _operands(model: Graph, found: Elements, node: Node) -> list[np.ndarray | None]:
    return [_marks_of(model, found, t, s) for t, s in zip(node.inputs, node.input_shapes, strict=True)]


def _marks_of(model: Graph, found: Elements, tensor: int, shape: Shape) -> np.ndarray | None:
    """Marks of an operand; None of a constant that does not hold stored values."""
    data = model.tensors[tensor].data
    if data is None:
        return found[tensor].reshape(shape)
    return of_values(data).reshape(shape) if model.tensors[tensor].dtype is DType.INT8 else None


def _held(model: Graph, written: Elements, marks: Marks) -> Elements:
    """What each state holds when a call begins: of what calls before it have computed.

    Raises:
      NotAClipError: that goes round in a circle.
    """
    held = {state: _later(values, 1, marks) for state, values in written.items()}
    for _ in range(MOST_STEPS):
        of_states = [n for n, seen in enumerate(marks.seen) if seen.tensor in held]
        numbers = np.array(of_states, np.int64)
        if not any(np.isin(values >> ELEMENT_BITS, numbers).any() for values in held.values()):
            return held
        held = {state: _followed(values, held, marks) for state, values in held.items()}
    raise NotAClipError("a state of the model is made of itself")


def _followed(values: np.ndarray, held: Elements, marks: Marks) -> np.ndarray:
    """The same, with what states hold in place of the states."""
    found = values.copy()
    for number in np.unique(values[values >= 0] >> ELEMENT_BITS).tolist():
        seen = marks.seen[number]
        if seen.tensor in held:
            places = (values >= 0) & (values >> ELEMENT_BITS == number)
            elements = values[places] & ((1 << ELEMENT_BITS) - 1)
            found[places] = _later(held[seen.tensor][elements], seen.delay - 1, marks)
    return found


def _later(values: np.ndarray, calls: int, marks: Marks) -> np.ndarray:
    """The same elements as they are seen so many calls later."""
    found = values.copy()
    for number in np.unique(values[values >= 0] >> ELEMENT_BITS).tolist():
        seen = marks.seen[number]
        if seen.delay + calls > MOST_CALLS:
            raise NotAClipError("a state of the model goes too far back")
        first = marks.of(Seen(seen.tensor, seen.delay + calls))[0]
        places = (values >= 0) & (values >> ELEMENT_BITS == number)
        found[places] = first + (values[places] & ((1 << ELEMENT_BITS) - 1))
    return found


class _Calls:
    """The program while it is made: every operator once, on what `held` says states hold."""

    def __init__(self, model: Graph, marks: Marks, held: Elements):
        self.model, self.marks = model, marks
        self.stream = Stream(model, marks, late=False)
        self.computing = _OfOneCall(self.stream, frozenset())
        self.elements: Elements = dict(held)
        for tensor, shape in zip(model.inputs, model.input_shapes, strict=True):
            self.stream.input(tensor, shape)
            self.elements[tensor] = marks.of(Seen(tensor, 0))
        self.fills = dict(model.fills)
        for state in model.states:
            self._begins(held[state.read], first_value(state.first, model.tensors[state.read]))

    def _begins(self, values: np.ndarray, value: int) -> None:
        """Before the first call, tensors hold what the states that hold them begin with."""
        fixed = values[values < 0]
        if (fixed != -1 - (value & 0xFF)).any():
            raise NotAClipError("a state begins with another value than the constant that it is given")
        for number in np.unique(values[values >= 0] >> ELEMENT_BITS).tolist():
            if self.fills.setdefault(self.marks.seen[number].tensor, value) != value:
                raise NotAClipError("two states that hold one tensor begin with different values")

    def program(self) -> Graph:
        for node in self.model.nodes:
            for tensor, marks in zip(node.outputs, self._results(node), strict=True):
                self.elements[tensor] = marks.reshape(-1)
        outputs = tuple(map(self._output, self.model.outputs, self.model.output_shapes))
        nodes = without_unused(self.stream.nodes, outputs)
        used = {t for node in nodes for t in (*node.inputs, *node.outputs)} | set(self.model.inputs)
        seen = [node for node in nodes if not node.slides_over_frames]  # a window's view has more rows than it reads
        made = {t: self.stream.tensors[t].shape for t in used}
        tensors = {t: replace(self.stream.tensors[t], shape=s) for t, s in storage_shapes(seen, made).items()}
        program = replace(
            self.model, tensors=tensors, nodes=tuple(nodes), outputs=outputs, states=(), fills=self._all_fills(nodes)
        )
        if any(program.kept_frames(t) > 1 and t not in program.fills for t in tensors):
            raise NotAClipError("a tensor is kept of which nothing says what it begins with")
        return program

    def _all_fills(self, nodes: Sequence[Node]) -> dict[int, int]:
        """What is cut out of a tensor begins as that does."""
        found = dict(self.fills)
        for node in nodes:
            values = {found.get(tensor) for tensor in node.inputs}
            if isinstance(node.op, MovesOnly) and len(values) == 1 and (value := values.pop()) is not None:
                found |= {tensor: found.get(tensor, value) for tensor in node.outputs}
        kept = {t for node in nodes for k, t in enumerate(node.inputs) if node.delays_of(k) != (0,)}
        return {t: value for t, value in found.items() if t in kept}

    def _output(self, tensor: int, shape: Shape) -> int:
        writer = next((node for node in self.model.nodes if tensor in node.outputs), None)
        if writer is None:
            raise NotAClipError("an output is an input, unchanged")
        operand = self.computing.operand(writer, self.elements[tensor], shape)
        if operand.delays != (0,):
            raise stands_against(writer, "an output is what an earlier call computed")
        return operand.tensor

    def _results(self, node: Node) -> Sequence[np.ndarray]:
        if node.delays:
            return self._as_it_stands(node)
        operands = _operands(self.model, self.elements, node)
        moved = _moved(node, operands, self.marks)
        if moved is not None:
            return moved
        constant = [self.model.tensors[t].data is not None for t in node.inputs]
        found = [None if fixed else marks for fixed, marks in zip(constant, operands, strict=True)]
        return self.computing.results(node, found)

    def _as_it_stands(self, node: Node) -> Sequence[np.ndarray]:
        """A node that reads earlier calls already."""
        for tensor, shape in zip(node.outputs, node.output_shapes, strict=True):
            self.stream.has(replace(self.model.tensors[tensor], shape=shape))
        self.stream.nodes.append(node)
        return [self.marks.of(Seen(tensor, 0)) for tensor in node.outputs]


class _OfOneCall(Computing):
    """Operators compute what they do in the model; only windows over rows that are calls are made to walk."""

    def results(self, node: Node, marks: Sequence[np.ndarray | None]) -> list[np.ndarray]:
        whole = all(m is None or self.marks.whole(m) is not None for m in marks)
        for way in () if whole else (self._one_window, self._over_frames):
            if (found := way(node, marks)) is not None:
                return found
        return self._node(node, node.op, marks, node.input_shapes, node.output_shapes)

    def _one_window(self, node: Node, marks: Sequence[np.ndarray | None]) -> list[np.ndarray] | None:
        """Where there is one, and each of its rows is all of a tensor, or the same part of one."""
        view, shown = node.input_shapes[0], marks[0]
        if len(marks) > 1 or shown is None or len(view) != 4 or max(node.output_shapes[0][1:2]) > 1:
            return None
        lines = 2 if view[1] == 1 else 1
        if view[lines] > 1 and self.marks.wholes(shown, view[lines]) is None:
            row = (1, *(1 if axis == lines else extent for axis, extent in enumerate(view) if axis))
            parts = [self.gathering.operand(node, part, row) for part in shown.reshape(view[lines], -1)]
            seen = [Seen(part.tensor, part.delays[0]) for part in parts if part is not None and part.delays]
            if len(seen) < len(parts) or len({part.tensor for part in seen}) > 1:
                return None
            shown = np.concatenate([self.marks.of(part) for part in seen])
        return self._by_windows(node, [shown.reshape(view)]) if self._ring(shown.reshape(-1), view[lines]) else None


def _with_rings(program: Graph) -> Graph:
    """The program with rings of such lengths that all stand as before after few calls, and as few bytes as that takes.

    A run of identities goes on until then.
    """
    kept = {t: frames for t in program.tensors if (frames := program.kept_frames(t)) > 1}
    fixed = {n.inputs[0] for n in program.nodes if n.slides_over_frames and n.op.tall(n.input_shapes[0][1]) is None}
    best: tuple[int, Mapping[int, int]] | None = None
    for period in range(1, MOST_CALLS + 1):
        divisors = [n for n in range(1, period + 1) if period % n == 0]
        rings = {t: next((n for n in divisors if n >= frames), 0) for t, frames in kept.items()}
        if all(n and (n == kept[t] or t not in fixed) for t, n in rings.items()):
            size = sum(n * program.tensors[t].size_bytes for t, n in rings.items())
            best = min((size, rings), best or (size, rings), key=lambda found: found[0])
    if best is None:
        raise NotAClipError(f"its rings stand as before only after more than {MOST_CALLS} calls")
    rings = best[1]
    nodes = tuple(_walking(node, rings[node.inputs[0]]) if node.slides_over_frames else node for node in program.nodes)
    return replace(program, nodes=nodes, rings={t: n for t, n in rings.items() if n > kept[t]})


def _walking(node: Node, ring: int) -> Node:
    """A window over a ring of so many slots: one row of results for each that it may start at."""
    shape, rows = node.input_shapes[0], ring + node.delays[0][0]
    op = node.op.tall(rows)
    return node if op is None else replace(node, op=op, input_shapes=((1, rows, *shape[2:]),))
