"""Networks with variables, as streaming models bring them, and TFLM's answers to one call after the other."""

import enum
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.random_models import Net
from tests.tiny_model import build_model, constant
from verify.graph.graph import Graph
from verify.graph.tensor import Tensor
from verify.ops.base import OperatorSource
from verify.tflite import read_model


class _Resource(enum.Enum):
    """The element type of handles; no tensor of a graph has it."""

    RESOURCE = "resource"


class Stateful(Net):
    """A network with variables; `first` are values that a subgraph called once assigns to them."""

    def __init__(self, seed: int):
        super().__init__(seed)
        self.handles: dict[str, Tensor] = {}
        self.first: dict[str, np.ndarray] = {}
        self.ends: list[Tensor] = []

    def call_once(self, subgraph: int = 1) -> None:
        self.append_many("CALL_ONCE", (), (), {"init_subgraph_index": subgraph})

    def read(self, name: str, like: Tensor, shape: Sequence[int]) -> Tensor:
        return self.append("READ_VARIABLE", (self.handle(name),), self.like(like, shape), {})

    def assign(self, name: str, value: Tensor) -> None:
        self.append_many("ASSIGN_VARIABLE", (self.handle(name), value), (), {})

    def handle(self, name: str) -> Tensor:
        if name not in self.handles:
            found: Any = _Resource.RESOURCE
            self.handles[name] = Tensor(self.next(), name, (), found)
            self.append("VAR_HANDLE", (), self.handles[name], {"shared_name": name})
        return self.handles[name]

    def shifted(self, name: str, x: Tensor, kept: int) -> Tensor:
        """The last `kept` rows of calls before in front of this one's, as streaming layers have it."""
        rows = x.shape[1]
        both = (1, kept + rows, *x.shape[2:])
        before = self.read(name, x, (1, kept, *x.shape[2:]))
        stack = self.append("CONCATENATION", (before, x), self.like(x, both), {"axis": 1})
        self.assign(name, self.slice(stack, (0, rows, 0, 0), before.shape))
        return stack

    def bytes(self) -> bytes:
        once = [] if not self.first else [self._once()]
        return build_model(self.sources, outputs=self.ends or None, more=once, variables=self.variables)

    def _once(self) -> list[OperatorSource]:
        found = []
        resource: Any = _Resource.RESOURCE
        for number, (name, values) in enumerate(self.first.items()):
            handle = Tensor(2 * number, name, (), resource)
            found.append(OperatorSource("VAR_HANDLE", (), (handle,), {"shared_name": name}))
            value = constant(2 * number + 1, values, 0.05)
            found.append(OperatorSource("ASSIGN_VARIABLE", (handle, value), (), {}))
        return found


def wake_word(seed: int = 0, rows: int = 2, first: int | None = None) -> Stateful:
    """Convolutions over the rows of several calls, as wake-word models have them, halves of channels apart."""
    net = Stateful(seed)
    x = net.input(1, rows, 1, 6)
    if first is not None:
        net.first = {"a": np.full((1, 3, 1, 6), first, np.int8)}
        net.call_once()
    x = net.conv(net.shifted("a", x, 3), 4, (3 + rows, 1), (1, 1), (1, 1), "VALID")
    stack = net.shifted("b", x, 4)
    halves = [net.slice(stack, (0, 0, 0, begin), (1, 5, 1, 2)) for begin in (0, 2)]
    late = net.slice(halves[0], (0, 2, 0, 0), (1, 3, 1, 2))
    parts = [net.depthwise(half, (half.shape[1], 1), (1, 1), (1, 1), padding="VALID") for half in (late, halves[1])]
    aligned = net.append("RELU", (parts[1],), net.like(parts[0], parts[1].shape), {})
    other = net.append("RELU", (parts[0],), net.like(parts[0], parts[0].shape), {})
    x = net.concatenate(other, aligned)
    x = net.shifted("c", x, 2)
    net.dense(net.reshape(x, 1, 12), 3)
    return net


def filter_of_calls(seed: int = 0) -> Stateful:
    """A result that depends on all calls before: what is read is changed, and written again."""
    net = Stateful(seed)
    x = net.conv(net.input(1, 5, 3, 2), 4, (3, 3), (1, 1), (1, 1))
    before = net.read("sum", net.activation((1, 5, 3, 4), 0.1), (1, 5, 3, 4))
    y = net.add(before, x)
    now = net.append("RELU", (y,), net.like(before, y.shape), {})
    net.assign("sum", now)
    net.dense(net.mean(net.add(now, x)), 3)
    return net


def graph_of(net: Stateful) -> Graph:
    return read_model(net.bytes(), "stateful")


def calls_of(graph: Graph, count: int, seed: int = 0) -> list[list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    return [[rng.integers(-128, 128, shape, np.int8) for shape in graph.input_shapes] for _ in range(count)]


def tflm_calls(model: bytes, calls: Sequence[Sequence[np.ndarray]], outputs: int = 1) -> list[list[np.ndarray]]:
    """TensorFlow Lite Micro's outputs, whose variables go on from call to call."""
    from tflite_micro.python.tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(model, arena_size=16 << 20)
    found = []
    for inputs in calls:
        for position, array in enumerate(inputs):
            interpreter.set_input(array, position)
        interpreter.invoke()
        found.append([interpreter.get_output(position).copy() for position in range(outputs)])
    return found
