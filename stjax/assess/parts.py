"""Whose bytes a plan's SRAM is: which part of a video network holds what, at the fullest moment.

The parts add up to the proved SRAM. What lies in the arena is split at the moment of most bytes in use: rings of rows
and tensors by who writes them; the frames that later frames read are the window, whatever they are.
"""

import math
from dataclasses import dataclass

from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.proof.layout import Layout
from verify.report.in_use import at_position, held

PARTS = {
    "input": "the frame, or its rows that are still needed",
    "window": "frames of features that later frames read: the window ring",
    "spatial": "results that depend on this frame alone",
    "temporal": "results of several frames that are still pictures",
    "head": "vectors after the last picture",
    "scratch": "working memory of the kernel that runs then",
    "gaps": "of the arena, in use at another moment only",
    "state": "the model struct",
    "stack": "reserve of the model's functions",
    "fifo": "rows that wait between camera and network",
}
"""Name -> what it is; in the order of tables and plots."""


@dataclass(frozen=True)
class SramParts:
    """Bytes by part (PARTS), 0 where a part has none.

    Args:
      together: at the fullest moment; their sum is the plan's SRAM.
      alone: the most that each part ever has; these moments differ, so they do not add up.
    """

    together: dict[str, int]
    alone: dict[str, int]


def sram_parts(graph: Graph, plan: Plan) -> SramParts:
    """Splits a plan's SRAM.

    Args:
      graph: the program that the plan is for.
      plan: a plan that holds (its layout has no faults).
    """
    layout, roles = Layout(graph, plan), tensor_roles(graph)
    alive, scratch = held(layout), {s.position: s.end - s.offset for s in layout.scratches}
    beside = {"state": plan.state_bytes, "stack": plan.stack_bytes, "fifo": plan.fifo_bytes}
    together, alone = dict.fromkeys(PARTS, 0), dict.fromkeys(PARTS, 0)
    for position in sorted({part.first for part in alive} | set(scratch)):
        here = at_position(alive, position)
        ticks = max((len(part.bytes) for part in here), default=1)
        for tick in range(ticks):
            found = dict.fromkeys(PARTS, 0) | {"scratch": scratch.get(position, 0)}
            for part in here:
                found["window" if part.buffer.frames > 1 else roles[part.buffer.tensor]] += part.at(tick)
            together = max(together, found, key=lambda parts: sum(parts.values()))
            alone = {name: max(alone[name], found[name]) for name in PARTS}
    gaps = plan.arena_bytes - sum(together.values())
    return SramParts(together | {"gaps": gaps} | beside, alone | {"gaps": gaps} | beside)


def tensor_roles(graph: Graph) -> dict[int, str]:
    """Per tensor "input", "spatial", "temporal" or "head" (PARTS); one of the window has the role of its writer."""
    found = dict.fromkeys(graph.inputs, "input")
    mixed = set()
    for node in graph.nodes:
        several = any(delay for operand in range(len(node.inputs)) for delay in node.delays_of(operand))
        if several or mixed.intersection(node.inputs):
            mixed.update(node.outputs)
        found |= dict.fromkeys(node.outputs, "temporal" if mixed.intersection(node.outputs) else "spatial")
    flat = set()  # vectors that no picture comes after
    for node in reversed(graph.nodes):
        readers = [reader for output in node.outputs for reader in graph.readers.get(output, ())]
        last = all(flat.issuperset(reader.outputs) for reader in readers)
        if last and all(math.prod(graph.tensors[output].shape[:-1]) == 1 for output in node.outputs):
            flat.update(node.outputs)
    return found | dict.fromkeys(flat, "head")
