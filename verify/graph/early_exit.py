"""Networks with several outputs, one of which may answer before the rest is computed."""

from dataclasses import replace

from verify.graph.graph import Graph


class NoExitError(Exception):
    """An output that cannot be an early exit; the message says why."""


def always_run(graph: Graph, output: int) -> set[int]:
    """Indices of the nodes that run even where output `output` answers: its own, and those that later frames need.

    Raises:
      NoExitError: there is no such output, or it needs all that the others need.
    """
    if not 0 <= output < len(graph.outputs):
        raise NoExitError(f"there is no output {output}: the model has {len(graph.outputs)}, counted from 0")
    found, needed = graph.feeds_later_frames() if graph.goes_on else set(), {graph.outputs[output]}
    for node in reversed(graph.nodes):
        if node.index in found or needed.intersection(node.outputs):
            found.add(node.index)
            needed.update(node.inputs)
    if len(found) == len(graph.nodes):
        raise NoExitError(f"nothing would be left out after output {output}: it needs the whole network")
    return found


def exit_first(graph: Graph, output: int) -> tuple[Graph, int]:
    """The same network with what always runs first, and how many nodes that are. Both parts keep their order.

    Raises:
      NoExitError: see `always_run`.
    """
    first = always_run(graph, output)
    nodes = sorted(graph.nodes, key=lambda node: node.index not in first)
    return replace(graph, nodes=tuple(nodes)), len(first)
