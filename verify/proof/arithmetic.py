"""C6: no integer that a kernel computes from values leaves its range, whatever the inputs hold.

The intervals are the operators' own (verify.ops.arithmetic), from the real weights and biases, per output channel, and
from what each operand can hold: all of its type at the model's inputs, what the producing operator leaves after that.
"""

import functools
from collections.abc import Iterator, Mapping

import numpy as np

from verify.graph.graph import Graph, Node
from verify.ops.arithmetic import Intermediate, Stored, stored_range
from verify.ops.base import MovesOnly, unanswered
from verify.proof.layout import Layout
from verify.proof.obligation import Obligation, Term, num
from verify.proof.verdict import Unknown


def arithmetic(layout: Layout) -> Iterator[Obligation]:
    """C6: every accumulator, shift and rescaled value of every operator, in every output channel, fits its type."""
    ranges = stored_ranges(layout.graph)
    for node in layout.graph.nodes:
        for found in layout.kernels[node.index].intermediates(node, [ranges[tensor] for tensor in node.inputs]):
            if found.channels.size:
                yield _stays_within(node, found)
    for node, named in zip(layout.graph.nodes, _intermediates(layout.graph), strict=True):
        if isinstance(node.op, MovesOnly):
            yield _holds_what_it_moves(layout.graph, node, ranges)
        for found in named:
            if found.channels.size:
                yield _stays_within(node, found)


def silent(graph: Graph) -> Unknown | None:
    """The first operator that leaves a question open on which a proof is built, or None.

    An operator that computes nothing says so (`MovesOnly`); another one that names no integer has not been looked at.
    """
    for node in graph.nodes:
        if missing := unanswered(type(node.op)):
            return Unknown(node.label, f"the operator does not say its {', '.join(missing)}, on which proofs are built")
    for node, named in zip(graph.nodes, _intermediates(graph), strict=True):
        if not isinstance(node.op, MovesOnly) and not named:
            return Unknown(node.label, "the operator names no integer that it computes, nor that it computes none")
    return None


@functools.lru_cache(maxsize=1)
def _intermediates(graph: Graph) -> list[tuple[Intermediate, ...]]:
    """What each node's operator names. Kept, because every checked plan asks twice."""
    ranges = stored_ranges(graph)
    return [node.op.intermediates([ranges[tensor] for tensor in node.inputs]) for node in graph.nodes]


def stored_ranges(graph: Graph) -> dict[int, Stored]:
    """Lowest and highest value that each tensor can hold."""
    ranges: dict[int, Stored] = {}
    for index, tensor in graph.tensors.items():
        values = tensor.data
        if values is not None and values.size and values.dtype.kind in "iu":
            ranges[index] = int(values.min()), int(values.max())
        else:
            ranges[index] = stored_range(tensor.dtype)
    for node in graph.nodes:
        stored = node.op.stored([ranges[tensor] for tensor in node.inputs])
        if stored is not None:
            for tensor in node.outputs:
                ranges[tensor] = _joined(stored, graph.fills.get(tensor))
    return ranges


def _joined(stored: Stored, fill: int | None) -> Stored:
    """Frames before the first one hold the tensor's fill."""
    return stored if fill is None else (min(stored[0], fill), max(stored[1], fill))


def _stays_within(node: Node, found: Intermediate) -> Obligation:
    least, most = found.bounds
    widest = np.unique([found.low.argmin(), found.high.argmax()])  # the other channels' intervals lie within theirs
    cases = [_case(int(found.channels[i]), int(found.low[i]), int(found.high[i])) for i in widest]

    def explain(v: Mapping[str, int]) -> str:
        channel = f" in output channel {v['c']}" if found.channels.size > 1 or found.channels[0] else ""
        return f"the {found.what} can be {v['v']}{channel}; it must be in [{least}, {most}]"

    return Obligation(
        claim="C6",
        subject=node.label,
        sentence=f"in each of {found.channels.size} channels, the {found.what} is in [{least}, {most}]",
        variables=("c", "v"),
        assumptions=(f"(or {' '.join(cases)})" if len(cases) > 1 else cases[0],),
        denial=f"(not (and (<= {num(least)} v) (<= v {num(most)})))",
        explain=explain,
    )


def _holds_what_it_moves(graph: Graph, node: Node, ranges: Mapping[int, Stored]) -> Obligation:
    """Values that are only moved fit where they go."""
    least = max(stored_range(graph.tensors[tensor].dtype)[0] for tensor in node.outputs)
    most = min(stored_range(graph.tensors[tensor].dtype)[1] for tensor in node.outputs)
    cases = dict.fromkeys(
        f"(and (<= {num(low)} v) (<= v {num(high)}))" for low, high in (ranges[tensor] for tensor in node.inputs)
    )
    return Obligation(
        claim="C6",
        subject=node.label,
        sentence=f"computes no integer from values but moves them, and each is in [{least}, {most}]",
        variables=("v",),
        assumptions=(f"(or false {' '.join(cases)})",),
        denial=f"(not (and (<= {num(least)} v) (<= v {num(most)})))",
        explain=lambda v: f"it moves the value {v['v']}, which its result's type does not hold",
    )


def _case(channel: int, low: int, high: int) -> Term:
    return f"(and (= c {channel}) (<= {num(low)} v) (<= v {num(high)}))"
