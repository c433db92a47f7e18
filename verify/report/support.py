"""The table of a model's operators: which are supported, what of their operands a plan may keep in part, by whom they
are computed. No plan is needed for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from verify.graph.graph import Graph, Node
from verify.graph.tensor import Axis
from verify.ops.streaming import edge_window, extent
from verify.targets.registry import PORTABLE, target_named, targets
from verify.targets.target import NoKernelError


@dataclass(frozen=True)
class Streaming:
    """Along which axes results can be computed as operands arrive.

    `whole` are operands, by position, of which all must stand first. `upright` says that rows are positions along
    width, which a plan may take for rows.
    """

    rows: bool
    columns: bool
    whole: tuple[int, ...] = ()
    upright: bool = False

    @property
    def text(self) -> str:
        """In words."""
        if not self.rows:
            return "no"
        by = "rows and columns" if self.columns else "rows"
        kept = f", operand {' and '.join(map(str, self.whole))} whole" if self.whole else ""
        return f"by {by}{kept}" + (", upright" if self.upright else "")


def streaming(graph: Graph, node: Node) -> Streaming:
    """What the operator's windows allow on the edges of this graph. Constants lie in flash and do not count."""
    read = [p for p, tensor in enumerate(node.inputs) if graph.tensors[tensor].data is None]
    if not node.op.row_wise or extent(node, Axis.HEIGHT) == 1:
        return Streaming(False, False)
    rows, columns = (
        [edge_window(graph, node, p, graph.producers.get(node.inputs[p]), axis) for p in read]
        for axis in (Axis.HEIGHT, Axis.WIDTH)
    )
    whole = tuple(p for p, window in zip(read, rows, strict=True) if window is None)
    by_columns = node.op.tile_wise and None not in columns and target_named(PORTABLE).choose(node).tiles(node)
    return Streaming(len(whole) < len(read), by_columns, whole)


def best_streaming(graphs: Sequence[Graph], node: Node) -> Streaming:
    """The same by the better of the views that there are of a network: as it stands, then upright."""
    found = [streaming(graph, graph.by_index[node.index]) for graph in graphs if node.index in graph.by_index]
    first = found[0]
    if first.rows or not any(other.rows for other in found):
        return first
    other = next(other for other in found if other.rows)
    return Streaming(True, other.columns, other.whole, upright=True)


def kernels_by_target(node: Node) -> dict[str, str | None]:
    """The preferred kernel of each target; None where it has none."""
    found: dict[str, str | None] = {}
    for name, target in targets().items():
        try:
            found[name] = target.choose(node).called
        except NoKernelError:
            found[name] = None
    return found
