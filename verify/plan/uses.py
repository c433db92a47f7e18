"""Who makes and who reads every activation of a graph, with sizes and windows that the planner asks for often."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from verify.graph.accounting import align
from verify.graph.graph import Graph, Node
from verify.graph.tensor import Axis
from verify.graph.window import POINTWISE, Window
from verify.ops.streaming import edge_window, written_rows
from verify.targets.choice import leaner
from verify.targets.cost import Calls, call_price
from verify.targets.flash import kernels_within
from verify.targets.kernel import Kernel
from verify.targets.registry import PORTABLE


@dataclass(frozen=True, eq=False)
class Option:
    """A kernel that may compute a node, and its bytes of working memory."""

    kernel: Kernel[Any]
    scratch: int


def _no_larger(kernel: Kernel[Any], own: Kernel[Any], node: Node) -> bool:
    """In flash."""
    return kernel.flash_bytes(node) <= own.flash_bytes(node)


class Uses:
    """Producers and readers by position in `graph.nodes`; inputs have producer -1. Nothing in it changes.

    `lent`: whether inputs stay with the caller, so that no kernel may read behind them. `preferred`: whether nodes are
    computed by `kernels` alone, which are the target's preferred ones, but where these need more than `flash` bytes.
    `packed`: whether kernels that pack their weights are preferred.
    """

    def __init__(
        self,
        graph: Graph,
        target: str = PORTABLE,
        lent: bool = False,
        preferred: bool = False,
        flash: int | None = None,
        packed: bool = False,
    ):
        self.graph, self.target, self._lent = graph, target, graph.inputs if lent else ()
        self._preferred, self._flash = preferred, flash
        self.kernels = kernels_within(graph, target, flash, self._lent, packed)
        self.producer = dict.fromkeys(graph.inputs, -1)
        self.readers: dict[int, list[int]] = {tensor: [] for tensor in graph.inputs}
        for number, node in enumerate(graph.nodes):
            for tensor in node.outputs:
                self.producer[tensor] = number
                self.readers[tensor] = []
            for tensor in dict.fromkeys(node.inputs):
                if tensor in self.readers:
                    self.readers[tensor].append(number)
        end = len(graph.nodes)
        self.kept = {tensor: graph.kept_frames(tensor) for tensor in self.producer}
        self._rows = {tensor: written_rows(graph, tensor, self.node(tensor)) for tensor in self.producer}
        self._bytes = {tensor: graph.tensors[tensor].size_bytes for tensor in self.producer}
        self._windows: dict[Axis, dict[tuple[int, int], Window | None]] = {Axis.HEIGHT: {}, Axis.WIDTH: {}}
        self.last = {
            t: end if t in graph.outputs else max(r, default=self.producer[t]) for t, r in self.readers.items()
        }

    @cached_property
    def options(self) -> Sequence[Sequence[Option]]:
        """Kernels of every node, by number: the preferred one, and others of less and less working memory."""
        others = {} if self._preferred else leaner(self.graph, self.target, self.kernels, self._lent)
        found = []
        for node in self.graph.nodes:
            own = self.kernels[node.index]
            less = [k for k in others.get(node.index, ()) if self._flash is None or _no_larger(k, own, node)]
            found.append([Option(kernel, align(kernel.scratch_bytes(node))) for kernel in (own, *less)])
        return found

    @cached_property
    def of_this_frame(self) -> Mapping[int, Sequence[tuple[int, int]]]:
        """By node index, the activations that it reads of this frame and no other: tensor and position."""
        return {
            node.index: [(t, k) for k, t in enumerate(node.inputs) if t in self.producer and not self.is_late(node, k)]
            for node in self.graph.nodes
        }

    @cached_property
    def newest(self) -> Sequence[int]:
        """By number, the last node that makes something of this frame that a node reads; -1: it reads inputs only."""
        now = self.of_this_frame
        return [max((self.producer[t] for t, _ in now[node.index]), default=-1) for node in self.graph.nodes]

    @cached_property
    def looks(self) -> Sequence[int]:
        """A number for each node: of nodes with the same one, stages and calls of the same shape take the same.

        They differ in weights only, which say little about what a call takes: prices of two calls are compared.
        """
        known: dict[Hashable, int] = {}
        pairs = zip(self.graph.nodes, self.options, strict=True)
        return [known.setdefault(self._look(node, options), len(known)) for node, options in pairs]

    def _look(self, node: Node, options: Sequence[Option]) -> Hashable:
        wide: list[int | None] = [None, 1] if self.tiles(node) else [None]
        kernels = tuple(
            (o.kernel, o.scratch, *(call_price(o.kernel, node, Calls(node.index, 1, some, 1)) for some in wide))
            for o in options
        )
        in_place = self.kernels[node.index].in_place(node)
        facts = type(node.op), node.op.row_wise, self.tiles(node), node.macs, node.input_shapes, node.output_shapes
        return facts, in_place, kernels

    def tiles(self, node: Node) -> bool:
        """Whether regions of a node can be computed by themselves, and its kernel does so."""
        return node.op.tile_wise and self.kernels[node.index].tiles(node)

    def node(self, tensor: int) -> Node | None:
        number = self.producer[tensor]
        return None if number < 0 else self.graph.nodes[number]

    def rows(self, tensor: int) -> int:
        return self._rows[tensor]

    def row_bytes(self, tensor: int) -> int:
        return self._bytes[tensor] // self._rows[tensor]

    def size_bytes(self, tensor: int) -> int:
        return self._bytes[tensor]

    def is_late(self, node: Node, operand: int) -> bool:
        """Whether an operand is read from frames before this one too (or only)."""
        return node.delays_of(operand) != (0,)

    def window(self, node: Node, operand: int, axis: Axis = Axis.HEIGHT) -> Window | None:
        known, key = self._windows[axis], (node.index, operand)
        if key not in known:
            known[key] = edge_window(self.graph, node, operand, self.node(node.inputs[operand]), axis)
        return known[key]

    def extent(self, tensor: int, axis: Axis) -> int:
        """Rows, or columns of an image."""
        return self.rows(tensor) if axis is Axis.HEIGHT else self.width(tensor)

    def width(self, tensor: int) -> int:
        return self.graph.tensors[tensor].shape[-2]


def taken_over(uses: Uses, node_number: int) -> int | None:
    """The operand whose storage this node's output may take over, or None: dead afterwards, same bytes and rows."""
    node = uses.graph.nodes[node_number]
    return next(
        (t for t in dict.fromkeys(node.inputs) if in_place(uses, node, t) and uses.last[t] == node_number), None
    )


def in_place(uses: Uses, node: Node, tensor: int) -> bool:
    """Whether a node may put element i of its output where it has read element i of an operand of this frame."""
    operands = [k for k, operand in enumerate(node.inputs) if operand == tensor]
    if len(node.outputs) != 1 or tensor not in uses.producer:
        return False
    (output,), allowed = node.outputs, uses.kernels[node.index].in_place(node)
    return (
        allowed.issuperset(operands)
        and uses.kept[tensor] == uses.kept[output] == 1
        and all(uses.window(node, k) == POINTWISE for k in operands)
        and (uses.rows(tensor), uses.row_bytes(tensor)) == (uses.rows(output), uses.row_bytes(output))
    )
