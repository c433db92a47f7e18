"""Read-only memory of a model on a target: what its kernels store, constants that are read like activations, and the
tables of the generated interface. And the kernels that take little of it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from verify.graph.graph import Graph, Node
from verify.graph.tensor import row_count
from verify.targets.call import WORD_BYTES, KernelCall, flash_bytes_of, sharing
from verify.targets.choice import Kernels, alternatives, chosen
from verify.targets.cost import Calls, call_price
from verify.targets.kernel import Kernel

INPUT_WORDS, OUTPUT_WORDS = 3, 1
"""Of the generated tables: per input its bytes, its rows and an entry of the order of pushing, per output its bytes."""


def constant_bytes(graph: Graph, kernels: Kernels) -> int:
    """Bytes of weights, tables, parameter structs and constant operands, each array from a word's boundary on.

    Code is not in it, nor what options of the exporter add: the compiler decides, and the firmware build measures.
    """
    operands = {t for node in graph.nodes for t in node.inputs if graph.tensors[t].data is not None}
    stored = sum(-(-graph.tensors[t].size_bytes // WORD_BYTES) * WORD_BYTES for t in operands)
    tables = WORD_BYTES * (INPUT_WORDS * len(graph.inputs) + OUTPUT_WORDS * len(graph.outputs))
    return tables + stored + flash_bytes_of(kernel_calls(graph, kernels).values())


def kernel_calls(graph: Graph, kernels: Kernels) -> dict[int, KernelCall]:
    """What each operator's kernel is called with; operators share arrays that are equal."""
    return sharing({node.index: kernels[node.index].call(node, f"op_{node.index}") for node in graph.nodes})


def kernels_within(
    graph: Graph, target: str, budget: int | None, lent: Collection[int] = (), packed: bool = False
) -> Kernels:
    """The preferred kernels or, where they need more flash than `budget`, others of less in place of some of them.

    The next one is always that which costs the fewest instructions per byte saved, layer by layer. If nothing fits,
    all of them are those of the least flash.

    Raises:
      NoKernelError: there is no such target, or it has no kernel for an operator.
    """
    kernels = dict(chosen(graph, target, lent, packed))
    excess = 0 if budget is None else constant_bytes(graph, kernels) - budget
    if excess <= 0:
        return kernels
    swaps = _swaps(graph, alternatives(graph, target, lent, packed))
    taken: list[_Swap] = []
    while excess > 0 and (open_swaps := [swap for swap in swaps if swap.replaces is kernels[swap.node.index]]):
        best = min(open_swaps, key=lambda swap: swap.more / swap.saved)
        kernels[best.node.index] = best.kernel
        taken.append(best)
        excess -= best.saved
    for swap in sorted(taken, key=lambda swap: -swap.more):  # what later ones have made unnecessary
        if excess + swap.saved <= 0 and kernels[swap.node.index] is swap.kernel:
            kernels[swap.node.index] = swap.replaces
            excess += swap.saved
    return kernels


@dataclass(frozen=True, eq=False)
class _Swap:
    """A kernel in place of another one: bytes of flash that it saves, and instructions that it takes more."""

    node: Node
    replaces: Kernel[Any]
    kernel: Kernel[Any]
    saved: int
    more: float


def _swaps(graph: Graph, options: Mapping[int, Sequence[Kernel[Any]]]) -> list[_Swap]:
    found = []
    for node in graph.nodes:
        sizes = [(kernel, kernel.flash_bytes(node), _instructions(kernel, node)) for kernel in options[node.index]]
        found += [
            _Swap(node, a, b, large - small, max(0.0, more - less))
            for a, large, less in sizes
            for b, small, more in sizes
            if small < large
        ]
    return found


def _instructions(kernel: Kernel[Any], node: Node) -> float:
    """Of the whole operator at once; where a kernel's prices are not known, its multiply-accumulates."""
    price = call_price(kernel, node, Calls(node.index, row_count(node.output_shapes[0]), None, 1))
    return float(node.macs) if price is None else price
