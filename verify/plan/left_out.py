"""Which channels a network is left without: those that hold one value for every input, and those that nobody reads.

A depthwise channel that holds one value whatever it reads, for example, needs its operand's channel no more. An
operator lets channels go only where it exists without them (`Op.leaving`), and a channel leaves if all its operators
let it go: beginning with all that might leave, every operator is asked again until none keeps one more.
"""

from verify.channels.ranges import channel_ranges
from verify.channels.reduced import positions
from verify.graph.graph import Graph, LeftOut, Node
from verify.ops.channels import Gone, last_axis

Left = dict[int, dict[int, int | None]]


def constant_channels(graph: Graph, by: int = 1) -> tuple[LeftOut, ...]:
    """The channels that a network can be left without, by tensor.

    Args:
      graph: a whole network.
      by: how many leave at a time, of a tensor whose channels are a multiple of that (`Target.channels`).
    """
    ranges = channel_ranges(graph)
    fixed = {*graph.inputs, *graph.outputs}
    found: Left = {}
    for tensor, channels in ranges.items():
        known = channels.constant
        every = [] if tensor in fixed or not graph.tensors[tensor].shape else range(len(channels.low))
        found[tensor] = {c: known.get(c) for c in every}
    while _narrowed(graph, found, by):
        pass
    return tuple(LeftOut(t, tuple(gone), tuple(gone.values())) for t, gone in sorted(found.items()) if gone)


def _narrowed(graph: Graph, found: Left, by: int) -> bool:
    """Asks every operator once, from the last to the first, since what is not read is known from its readers.

    When all agree, a tensor keeps what it has to have; operators must then be asked again.
    """
    before = sum(map(len, found.values()))
    for node in reversed(graph.nodes):
        _ask(graph, node, found)
    if sum(map(len, found.values())) == before:
        for tensor, gone in found.items():
            count = last_axis(graph.tensors[tensor].shape)
            stay = min(by, count) if len(gone) == count else len(gone) % by if count % by == 0 else 0
            for channel in sorted(gone)[:stay]:  # the first ones, so that operators agree which
                del gone[channel]
    return sum(map(len, found.values())) < before


def _ask(graph: Graph, node: Node, found: Left) -> None:
    ends = [*node.inputs, *node.outputs]
    lasts = [last_axis(shape) for shape in (*node.input_shapes, *node.output_shapes)]
    counts = [last_axis(graph.tensors[tensor].shape) for tensor in ends]
    seen: list[Gone] = [
        positions(found[tensor], count, last) or {} for tensor, count, last in zip(ends, counts, lasts, strict=True)
    ]
    operands, results = node.op.leaving(seen[: len(node.inputs)], seen[-1].keys())
    leaving = [*operands, results] if len(node.outputs) == 1 else [set[int]() for _ in ends]
    for tensor, count, last, free in zip(ends, counts, lasts, leaving, strict=True):
        stay = set(range(count)) if last % count else {p % count for p in range(last) if p not in free}
        found[tensor] = {c: value for c, value in found[tensor].items() if c not in stay}
