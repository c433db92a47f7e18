"""A stage that streams by rows, one operator longer than before.

Schedules of earlier operators do not depend on later ones, but for those that wait for their only reader
(verify.plan.forms.waiting); so runs of operators grow at their end, and one that cannot be streamed any further stays
as it is.
"""

from dataclasses import replace

from verify.graph.graph import Node
from verify.graph.plan import Schedule
from verify.graph.tensor import Axis, is_image
from verify.graph.window import POINTWISE
from verify.ops.streaming import extent
from verify.plan.draft import Draft, Stream, added, begun, streamed
from verify.plan.forms.waiting import waiting
from verify.plan.schedule import Edge, arrival, fire_when_ready, in_grains
from verify.plan.uses import Uses


def before(uses: Uses, start: int, fed: tuple[int, ...] = (), step: int = 1) -> Draft:
    """A stage from `start` on that has no operator yet; the rows of the network inputs `fed` arrive in it.

    `step` rows of its first source per tick.
    """
    return Draft(start, start, fed, begun(uses, Axis.HEIGHT, fed, step))


def rows(uses: Uses, draft: Draft, grain: int = 1) -> Draft | None:
    """The stage with the next operator, which computes `grain` rows at once; None where that cannot stream along with
    the others."""
    if draft.end == len(uses.graph.nodes):
        return None
    node = uses.graph.nodes[draft.end]
    if not node.op.row_wise or node.slides_over_frames or not all(is_image(shape) for shape in node.output_shapes):
        return None
    longer = followed(uses, draft.rows, node, grain)
    return waiting(uses, replace(draft, end=draft.end + 1, rows=longer, columns=None)) if longer else None


def followed(uses: Uses, stream: Stream, node: Node, grain: int = 1) -> Stream | None:
    """The stream along any axis with `node`, which fires as early as it can, for `grain` positions at once; None if it
    cannot follow its operands.

    What it reads from before the stage is a source, of which the first one sets the stage's ticks.
    """
    arriving = [(t, uses.window(node, k, stream.axis)) for t, k in streamed(uses, stream, node)]
    if any(window is None for _, window in arriving):
        return None
    edges = [Edge(*stream.arriving[t], window) for t, window in arriving if window]
    if not edges:
        windows = [(t, uses.window(node, k, stream.axis)) for k, t in enumerate(node.inputs) if t in uses.producer]
        sources = [(uses.extent(t, stream.axis), window) for t, window in windows if window is not None]
        if sources:
            stream = replace(stream, reference=stream.reference or sources[0][0])
        edges = [Edge(_source(stream, total), total, window) for total, window in sources]
        if windows and not sources and not stream.arriving:
            # It may need all of what stands (a TRANSPOSE of other layouts), and is the source itself, row by row.
            total = extent(node, stream.axis)
            stream = replace(stream, reference=total)
            edges = [Edge(_source(stream, total), total, POINTWISE)]
    schedule = fire_when_ready(edges) if edges else None
    return added(uses, stream, node, in_grains(schedule, grain)) if schedule else None


def _source(stream: Stream, total: int) -> Schedule:
    return arrival(total, stream.reference, stream.step)
