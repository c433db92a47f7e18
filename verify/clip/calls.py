"""The program of one call of a model with states: what its variables hold is what was computed in calls before.

A state is read in each call and written for the next. So in the program it is the tensor that is written, read with a
delay of one call, and what is true of frames of a clip is true of calls: what outlives a call is kept in slots, call f
in slot f mod (delay + 1), and C8 says that it is still there. Better still where states only hold what was computed in
calls before (verify.clip.registers).
"""

from dataclasses import replace

from verify.clip.refuse import NotAClipError
from verify.clip.registers import by_registers
from verify.clip.states import first_value
from verify.graph.graph import Graph, Node, State
from verify.ops.strided_slice import copy_of


def by_call(model: Graph) -> Graph:
    """The program of one call; the model itself where it has no states.

    Raises:
      NotAClipError: a state begins with bytes that are not all the same.
    """
    if not model.states:
        return model
    try:
        return by_registers(model)
    except NotAClipError:
        return _Draft(model).program()


class _Draft:
    """The model with its states replaced by what is written to them, as it was one call before."""

    def __init__(self, model: Graph):
        self.model, self.nodes, self.tensors = model, list(model.nodes), dict(model.tensors)
        self.fills = dict(model.fills)
        self.written: dict[int, int] = {}

    def program(self) -> Graph:
        for state in self.model.states:
            self._add(state)
        nodes = tuple(map(self._delayed, self.nodes))
        used = {t for node in nodes for t in (*node.inputs, *node.outputs)} | {*self.model.inputs, *self.model.outputs}
        tensors = {t: x for t, x in sorted(self.tensors.items()) if t in used}
        fills = {t: value for t, value in self.fills.items() if t in used}
        return replace(self.model, tensors=tensors, nodes=nodes, fills=fills, states=())

    def _add(self, state: State) -> None:
        tensor = self.tensors[state.read]
        if state.written == state.read:
            self.tensors[state.read] = replace(tensor, data=state.first)  # it never changes
            return
        value, written = first_value(state.first, tensor), state.written
        reads = {other.read for other in self.model.states}
        if written in reads or self.fills.get(written, value) != value:
            written = self._copied(written)
        self.fills[written] = value
        self.written[state.read] = written

    def _copied(self, tensor: int) -> int:
        """A state that is passed on to another one, or to two that begin differently, is copied."""
        whole, key = self.tensors[tensor], 1 + max(self.tensors)
        index = 1 + max(node.index for node in self.nodes)
        self.tensors[key] = replace(whole, index=key)
        op, shape = copy_of(whole.shape, whole.dtype), whole.shape
        self.nodes.append(Node(index, whole.name, op, (tensor,), (key,), (shape,), (shape,)))
        return key

    def _delayed(self, node: Node) -> Node:
        if not any(tensor in self.written for tensor in node.inputs):
            return node
        inputs = tuple(self.written.get(tensor, tensor) for tensor in node.inputs)
        return replace(node, inputs=inputs, delays=tuple((int(t in self.written),) for t in node.inputs))
