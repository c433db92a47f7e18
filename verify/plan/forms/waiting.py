"""A stage in which operators that read the same wait for their only reader, so that their results do not.

Where an operator has several operands that are made of the same tensor, that tensor has to stay as long as the last of
them needs it. Then the others can be made when they are read, rather than wait in rings: rows in front of a strided
window that are computed in phases (verify.ops.row_phases), branches that meet again.
"""

from dataclasses import replace

from verify.graph.tensor import Axis
from verify.ops.streaming import extent
from verify.plan.draft import Draft, added, begun, streamed
from verify.plan.schedule import Edge, as_late_as
from verify.plan.uses import Uses


def waiting(uses: Uses, draft: Draft) -> Draft:
    """The stage, by rows, with what waits for its last operator, where that keeps fewer rows behind the newest ones."""
    numbers = _together(uses, draft)
    if not numbers:
        return draft
    reader, schedules = uses.graph.nodes[draft.end - 1], list(draft.rows.schedules)
    for number in numbers:
        (tensor,) = uses.graph.nodes[number].outputs
        window = uses.window(reader, reader.inputs.index(tensor))
        assert window is not None, "an operator without a row window does not stream"
        late = as_late_as([Edge(schedules[-1], extent(reader, Axis.HEIGHT), window)])
        schedules[number - draft.start] = late or schedules[number - draft.start]
    if schedules == list(draft.rows.schedules):
        return draft
    stream = replace(begun(uses, Axis.HEIGHT, draft.fed, draft.rows.step), reference=draft.rows.reference)
    for node, schedule in zip(draft.nodes(uses), schedules, strict=True):
        stream = added(uses, stream, node, schedule)
    changed = replace(draft, rows=stream)
    nodes = [uses.graph.nodes[number] for number in numbers]
    touched = {t for node in nodes for t in (*node.inputs, *node.outputs) if t in stream.rings}
    return min(draft, changed, key=lambda one: sum(_behind(uses, one, tensor) for tensor in touched))


def _together(uses: Uses, draft: Draft) -> list[int]:
    """Nodes of the stage that the last one alone reads, several of the same operands."""
    nodes, last = uses.graph.nodes, draft.end - 1
    found = [
        uses.producer[tensor]
        for tensor, _ in streamed(uses, draft.rows, nodes[last])
        if uses.producer[tensor] >= draft.start and uses.readers[tensor] == [last] and tensor not in uses.graph.outputs
    ]
    alone = [number for number in dict.fromkeys(found) if len(nodes[number].outputs) == 1]
    return [k for k in alone if any(k != other and nodes[k].inputs == nodes[other].inputs for other in alone)]


def _behind(uses: Uses, draft: Draft, tensor: int) -> int:
    """Bytes of whole rows that are kept of a tensor behind its newest one. What is kept of that one, a stage that is
    split by columns makes small."""
    ring = draft.rows.rings[tensor]
    return ring.gap * uses.row_bytes(tensor) if ring.carry else 0
