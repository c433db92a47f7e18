"""The numbers in which a claim about a plan speaks of sizes: those of the plan and its model.

`verify.proof.unknown` has the same questions answered by unknowns, for theorems about all sizes. The claims
(verify.proof.constraints) are written once for both, so that a plan is an instance of its own theorem.
"""

from verify.graph.graph import Graph, Node
from verify.graph.plan import Buffer, Plan
from verify.graph.tensor import Axis
from verify.graph.window import Window
from verify.ops.streaming import edge_window, extent, written_rows
from verify.proof.obligation import Extent, Term, num
from verify.proof.progress import Progress


class Sizes:
    """The known sizes of one plan."""

    def __init__(self, graph: Graph, plan: Plan):
        self.graph, self.plan = graph, plan

    def extent(self, node: Node, axis: Axis) -> Extent:
        """Positions that `node` computes along HEIGHT or WIDTH."""
        return extent(node, axis)

    def written(self, tensor: int, producer: Node | None) -> Extent:
        """Rows in which a tensor comes into being."""
        return written_rows(self.graph, tensor, producer)

    def window(self, node: Node, position: int, axis: Axis) -> Window | None:
        """Positions of an operand that one position of `node` reads; None: it may read all of them."""
        return edge_window(self.graph, node, position, self.graph.producers.get(node.inputs[position]), axis)

    def ticks(self, stage: int, axis: Axis) -> Extent:
        """Row or column ticks of a stage."""
        return self.plan.stages[stage].ticks if axis is Axis.HEIGHT else self.plan.stages[stage].columns

    def by_columns(self, stage: int) -> bool:
        """Whether a stage has several column ticks."""
        return self.plan.stages[stage].columns > 1

    def capacity(self, buffer: Buffer, axis: Axis) -> Extent:
        """Rows or columns of a buffer, modulo which positions go to slots; 0: columns are not counted."""
        return buffer.rows if axis is Axis.HEIGHT else buffer.columns

    def is_part(self, buffer: Buffer, axis: Axis) -> bool:
        """Whether a buffer has fewer rows (columns) than its tensor."""
        node = self.graph.producers[buffer.tensor]
        kept = buffer.rows if axis is Axis.HEIGHT else buffer.columns or self._width(buffer)
        return kept < extent(node, axis)

    def pixels(self, buffer: Buffer) -> tuple[int, Extent]:
        """A ring of pixels as A whole rows and 1 <= B <= width pixels more: (A, B)."""
        rows, columns = divmod(buffer.pixels, self._width(buffer))
        return (rows, columns) if columns else (rows - 1, self._width(buffer))

    def in_the_end(self, progress: Progress, stage: int) -> Term:
        """Positions complete when a stage is over; a stage of -1 is before the first."""
        return progress.after(num(self.plan.stages[stage].ticks - 1 if stage >= 0 else 0))

    def _width(self, buffer: Buffer) -> int:
        return self.graph.tensors[buffer.tensor].shape[-2]
