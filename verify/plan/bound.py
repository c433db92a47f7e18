"""A lower bound for a plan's own order: the bytes of rows that are live between two row computations.

A row is live when it has been written and some operator that has not finished will still read it. All live rows are
in memory at once at the boundary between two computations, so no allocator, ring or in-place trick can do with less
while the rows are computed in this order.
"""

from verify.graph.plan import Feed, InputMode, Plan
from verify.ops.streaming import output_rows
from verify.plan.stages import Uses


def live_bytes_bound(uses: Uses, plan: Plan) -> int:
    """The largest number of live bytes at any boundary between two row computations of `plan`."""
    tally = _Tally(uses, plan)
    numbers = {node.index: k for k, node in enumerate(uses.graph.nodes)}
    for stage in plan.stages:
        for tick in range(stage.ticks):
            for item in (*stage.feeds, *stage.firings):
                if isinstance(item, Feed):
                    rows = uses.rows(item.tensor)
                    tally.arrive(item.tensor, item.schedule.frontier(tick, rows))
                else:
                    number = numbers[item.op]
                    rows = output_rows(uses.graph.nodes[number])
                    tally.compute(number, item.schedule.frontier(tick - 1, rows), item.schedule.frontier(tick, rows))
    return tally.most


class _Tally:
    """Live bytes as rows are written and readers advance."""

    def __init__(self, uses: Uses, plan: Plan):
        self.uses = uses
        self.done = [0] * len(uses.graph.nodes)
        self.written = dict.fromkeys(uses.producer, 0)
        self.live = dict.fromkeys(uses.producer, 0)
        # Of a tensor that is kept for d frames, d - 1 earlier ones are live when a run begins. The oldest of them is
        # left out: its rows may be read for the last time while new ones are written.
        self.total = sum(max(0, kept - 2) * uses.size_bytes(t) for t, kept in uses.kept.items())
        self.most = self.total
        fed = {feed.tensor for stage in plan.stages for feed in stage.feeds}
        for tensor in uses.graph.inputs:
            if plan.input_mode is InputMode.PATCHES:
                del self.written[tensor]
            elif tensor not in fed:
                self.arrive(tensor, uses.rows(tensor))

    def arrive(self, tensor: int, rows: int) -> None:
        self.written[tensor] = rows
        self._update([tensor])

    def compute(self, number: int, first: int, last: int) -> None:
        node = self.uses.graph.nodes[number]
        steps = range(first + 1, last + 1) if node.op.row_wise else ([last] if last > first else [])
        for done in steps:
            self.done[number] = done
            for tensor in node.outputs:
                self.written[tensor] = done if node.op.row_wise else self.uses.rows(tensor)
            self._update([*node.outputs, *(t for t in node.inputs if t in self.written)])

    def _update(self, tensors: list[int]) -> None:
        for tensor in tensors:
            live = max(0, self.written[tensor] - self._oldest(tensor)) * self.uses.row_bytes(tensor)
            self.total += live - self.live[tensor]
            self.live[tensor] = live
        self.most = max(self.most, self.total)

    def _oldest(self, tensor: int) -> int:
        """The first row that someone still needs; all rows of it if nobody does."""
        rows = self.uses.rows(tensor)
        oldest = 0 if tensor in self.uses.graph.outputs or self.uses.kept[tensor] > 1 else rows
        for number in self.uses.readers[tensor]:
            node = self.uses.graph.nodes[number]
            if self.done[number] >= output_rows(node):
                continue
            for operand, read in enumerate(node.inputs):
                if read == tensor:
                    window = self.uses.window(node, operand) if node.op.row_wise else None
                    first = 0 if window is None else min(rows, max(0, window.start(self.done[number])))
                    oldest = min(oldest, first)
        return oldest
