"""What a model means, as the tables of calls.h: which byte is which, and what each operator reads.

A tensor's bytes are row-major, so the same bytes under another shape (an aliased RESHAPE) need no thought: every
operator has its own view of them and its own windows over that view (verify.ops).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from verify.graph.graph import Graph, Node
from verify.graph.tensor import Axis, is_image, row_count
from verify.graph.window import Window
from verify.targets.choice import Kernels
from verify.targets.kernel import Kernel

Row = tuple[int, ...]

EVERYTHING = (0, 1, 1, 0, 1, 0)
"""The window that reads all positions."""

PAGE = 4096

BEFORE = -(2**31)
"""The identity of what lies before the first frame and has no value: none that memory ever holds."""


@dataclass(frozen=True)
class Facts:
    """Rows of the tables in calls.h. Sizes in bytes, frames counted.

    Args:
      first: number of a tensor's first byte.
      all: bytes of one frame of all tensors and working memory.
      nodes, operands, results: tables; a kernel's working memory is a last result, which nobody reads.
      inputs, outputs: shapes of the network's.
      before: tensor's first byte, bytes and value, for tensors that have a value before the first frame.
      delay: the longest.
      warm_up: frames before the first whose outputs are the model's.
    """

    first: dict[int, int]
    all: int
    nodes: tuple[Row, ...]
    operands: tuple[Row, ...]
    results: tuple[Row, ...]
    inputs: tuple[Row, ...]
    outputs: tuple[Row, ...]
    before: tuple[Row, ...]
    delay: int
    warm_up: int

    @property
    def input_bytes(self) -> list[int]:
        return [rows * columns * pixel for _, rows, columns, pixel in self.inputs]

    @property
    def kept(self) -> int:
        """Frames of which a run must know every byte: as far back as is read, and one more."""
        return self.delay + 2


class Memory(NamedTuple):
    """Where a run has the arena, from byte 0 on, and the caller's inputs behind it, gaps between all of them."""

    arena: int
    inputs: Row
    bytes: int

    @staticmethod
    def of(facts: Facts, arena: int) -> "Memory":
        places = [arena + PAGE]
        for size in facts.input_bytes:
            places.append(places[-1] + size + PAGE)
        return Memory(arena, tuple(places[:-1]), places[-1])


def facts_of(graph: Graph, kernels: Kernels) -> Facts:
    """The tables of a model that these kernels compute."""
    first: dict[int, int] = {}
    total = 0
    for tensor in [*graph.inputs, *(t for node in graph.nodes for t in node.outputs)]:
        first[tensor] = total
        total += graph.tensors[tensor].size_bytes
    nodes: list[Row] = []
    operands, results = list(nodes), list(nodes)
    for node in graph.nodes:
        start = len(operands), len(results)
        results += [_shape(graph, first, t, s) for t, s in zip(node.outputs, node.output_shapes, strict=True)]
        operands += _operands(graph, first, node, kernels[node.index], results[start[1]])
        assert len({row[1] for row in results[start[1] :]}) == 1, "results share one number of rows"
        if size := kernels[node.index].scratch_bytes(node):
            results.append((total, 0, 1, size))
            total += size
        nodes.append((node.index, start[0], len(operands), start[1], len(results)))
    ins, outs = (
        tuple(_shape(graph, first, t, graph.tensors[t].shape) for t in tensors)
        for tensors in (graph.inputs, graph.outputs)
    )
    before = tuple((first[t], graph.tensors[t].size_bytes, value) for t, value in graph.fills.items())
    delay = max((row[5] for row in operands), default=0)
    return Facts(first, total, tuple(nodes), tuple(operands), tuple(results), ins, outs, before, delay, graph.warm_up)


def fault_of_padding(graph: Graph) -> str | None:
    """Padding is skipped, which is right where it holds what contributes nothing."""
    for node in graph.nodes:
        if node.op.padding is not None and node.op.padding.value != node.op.padding_zero:
            return f"{node.label} skips padding of {node.op.padding.value}; zero is {node.op.padding_zero}"
    return None


def _shape(graph: Graph, first: dict[int, int], tensor: int, view: tuple[int, ...]) -> Row:
    """First byte, rows, columns and bytes of a pixel; what is no image has one column."""
    rows, columns = row_count(view), view[2] if is_image(view) else 1
    return first[tensor], rows, columns, graph.tensors[tensor].size_bytes // (rows * columns)


def _operands(graph: Graph, first: dict[int, int], node: Node, kernel: Kernel[Any], result: Row) -> list[Row]:
    """Constants hold no activations and are left out."""
    found: list[Row] = []
    for position, (tensor, view) in enumerate(zip(node.inputs, node.input_shapes, strict=True)):
        if graph.tensors[tensor].data is not None:
            continue
        past = kernel.reads_past(node, position)
        delays, high = node.delays_of(position), node.op.window(position, Axis.HEIGHT)
        if len(delays) > 1:
            assert len(node.inputs) == 1, "only one operand slides over frames"
            size, slots = graph.tensors[tensor].size_bytes, view[1]
            high = high or Window(len(delays))  # what takes all rows takes one frame per row, each of them
            found.append(
                (position, first[tensor], slots, 1, size, delays[0], 0, slots, past, *_axis(high), *EVERYTHING)
            )
            continue
        shape = _shape(graph, first, tensor, view)
        exact = position in kernel.in_place(node) and shape[1:] == result[1:]
        images = is_image(view) and all(map(is_image, node.output_shapes))
        wide = node.op.window(position, Axis.WIDTH) if images else None
        windows = (*_axis(high), *_axis(wide)) if node.op.row_wise else EVERYTHING * 2
        found.append((position, *shape, max(delays), int(exact), 0, past, *windows))
    return found


def _axis(window: Window | None) -> Row:
    if window is None:
        return EVERYTHING
    return window.kernel, window.stride, window.dilation, window.pad_before, window.upsample, window.short
