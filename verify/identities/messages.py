"""What a run of identities found, in words."""

from dataclasses import astuple, dataclass

from verify.graph.graph import Graph
from verify.graph.tensor import is_image, row_count
from verify.identities.facts import BEFORE, Facts

WRONG, OUTSIDE = 1, 2
OUTSIDE_TEXT = "outside of the memory that it may use"
TAKEN_TEXT = "which it writes itself, in any order"


@dataclass(frozen=True)
class Event:
    """What went wrong first (calls.h): kind, operator and operand, frame, pixel, byte of memory, identities there."""

    kind: int
    op: int
    operand: int
    frame: int
    y: int
    x: int
    at: int
    found: int
    wanted: int


def explain(graph: Graph, facts: Facts, run: int, event: Event) -> str:
    """A sentence about an event seen in frame `run`."""
    kind, op, operand, frame, y, x, at, found, wanted = astuple(event)
    node, place = graph.by_index.get(op), f"row {y}, column {x}"
    if node is None:
        where = "an output, or a copy from place to place, needs"
    elif operand < 0:
        where = f"{node.label} writes {place}"
    else:
        where = f"{node.label} reads {place} of operand {operand}" + ("" if frame == run else f" of frame {frame}")
    where = f"frame {run}: {where} at byte {at}"
    match kind:
        case 1:
            return f"{where}, where there is {identity(graph, facts, found)}, not {_wanted(graph, facts, wanted)}"
        case 2:
            return f"{where}, {OUTSIDE_TEXT}"
        case 3:
            return f"{where}, {TAKEN_TEXT}"
        case 4:
            return f"{where}, where it writes something else in the same call"
        case 5:
            return f"{where}, through a view whose rows, pixels or rings are not the tensor's"
        case 6:
            return f"{where}, through a ring that is smaller than its window"
        case _:
            return f"{where}: more than there is, or onto itself"


def identity(graph: Graph, facts: Facts, value: int) -> str:
    """What a byte of memory holds."""
    if value < 0:
        return f"the constant {-1 - value}"
    if value == 0:
        return "what nobody wrote, or garbage computed from it"
    frame, byte = divmod(value - 1, facts.all)
    tensor = max((t for t, first in facts.first.items() if first <= byte), key=lambda t: facts.first[t])
    data, offset = graph.tensors[tensor], byte - facts.first[tensor]
    row, within = divmod(offset, data.size_bytes // row_count(data.shape))
    column = f", column {within // (data.shape[3] * data.dtype.size_bytes)}" if is_image(data.shape) else ""
    return f'row {row}{column} of tensor {tensor} "{data.name}" of frame {frame}'


def _wanted(graph: Graph, facts: Facts, value: int) -> str:
    return "a frame from before the first" if value == BEFORE else identity(graph, facts, value)
