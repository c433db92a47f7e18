"""A stage of one operator by itself: the ordinary layer-wise execution."""

from verify.graph.plan import Schedule
from verify.graph.tensor import Axis
from verify.ops.streaming import output_rows
from verify.plan.draft import ALL_AT_ONCE, Draft, Stream
from verify.plan.uses import Uses


def layer(uses: Uses, number: int) -> Draft:
    """Node `number` at once; every tensor stands whole."""
    node = uses.graph.nodes[number]
    schedule = Schedule(ALL_AT_ONCE, 1, max(output_rows(node), max(uses.rows(t) for t in node.outputs)))
    return Draft(number, number + 1, rows=Stream(Axis.HEIGHT, (schedule,)))
