"""A stage whose sources fire late.

A shortcut's 1x1 convolution beside a longer main path need not run ahead of it: its operand stands whole anyway, and
its result would wait in a ring.
"""

from dataclasses import replace

from verify.graph.plan import Schedule
from verify.ops.streaming import extent
from verify.plan.draft import Draft, Stream, added, begun, streamed
from verify.plan.schedule import Edge, as_late_as
from verify.plan.uses import Uses


def late(uses: Uses, draft: Draft) -> Draft:
    """The same stage with operators that read only whole tensors fired as late as their consumers allow."""
    first = draft.start + (0 if draft.fed else 1)
    if min(uses.newest[first : draft.end], default=draft.start) >= draft.start:
        return draft  # all read what the stage makes
    if all(streamed(uses, draft.rows, node) for node in uses.graph.nodes[first : draft.end]):
        return draft
    columns = _delayed(uses, draft, draft.columns) if draft.columns else None
    return replace(draft, rows=_delayed(uses, draft, draft.rows), columns=columns)


def _delayed(uses: Uses, draft: Draft, stream: Stream) -> Stream:
    found = replace(begun(uses, stream.axis, draft.fed, stream.step), reference=stream.reference)
    for node, schedule in zip(draft.nodes(uses), _schedules(uses, draft, stream), strict=True):
        found = added(uses, found, node, schedule)
    return found


def _schedules(uses: Uses, draft: Draft, stream: Stream) -> list[Schedule]:
    schedules, nodes = list(stream.schedules), draft.nodes(uses)
    for k in reversed(range(len(nodes))):
        if streamed(uses, stream, nodes[k]):
            continue
        consumers = [
            Edge(schedules[j], extent(nodes[j], stream.axis), window)
            for j in range(k + 1, len(nodes))
            for operand, t in enumerate(nodes[j].inputs)
            if t in nodes[k].outputs and (window := uses.window(nodes[j], operand, stream.axis)) is not None
        ]
        schedules[k] = as_late_as(consumers) or schedules[k]
    return schedules
