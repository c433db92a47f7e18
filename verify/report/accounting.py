"""A plan's memory in the conventions of published papers, to compare like with like. All sizes in bytes.

No paper counts what we count: all leave out the stack and the state, and each some of the activations. What is left out
is taken from a plan by address: bytes of the arena count if anything else ever lies in them, which is never less than
what the rest needs. Beside it stands how many of them are in use at once: what a cost model without an allocator, such
as that of msf-CNN, would say.
"""

from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.proof.accesses import Lifetime
from verify.proof.layout import Layout

CONVENTIONS = {
    "streamnet": "StreamNet: neither the input image nor stack and state; rows or patches kept of the image count",
    "msf-cnn": "msf-CNN: neither the network's input nor its final output, nor stack, state and scratch",
}


@dataclass(frozen=True)
class Accounted:
    """Memory in one convention.

    Args:
      total: bytes of the arena in which anything lies that counts.
      in_use: the most of them that are in use at once.
      left_out: bytes of our own count that the convention leaves out, by what they are for.
    """

    total: int
    in_use: int
    left_out: dict[str, int]


def streamnet(graph: Graph, plan: Plan) -> Accounted:
    """As StreamNet's tables: a whole input frame does not count, but what is kept of one that arrives by rows does."""
    frame = set(graph.inputs) if plan.input_mode is InputMode.WHOLE else set()
    arena, in_use = used_bytes(graph, plan, frame, scratch=True)
    left_out = {"image": plan.arena_bytes - arena, "state": plan.state_bytes, "stack": plan.stack_bytes}
    return Accounted(arena, in_use, left_out)


def msf_cnn(graph: Graph, plan: Plan) -> Accounted:
    """As msf-CNN's cost model, which knows neither scratch nor the network's ends."""
    arena, in_use = used_bytes(graph, plan, {*graph.inputs, *graph.outputs}, scratch=False)
    left_out = {"input, output and kernel scratch": plan.arena_bytes - arena}
    return Accounted(arena, in_use, left_out | {"state": plan.state_bytes, "stack": plan.stack_bytes})


def accounting_value(graph: Graph, plan: Plan, convention: str) -> dict[str, Any]:
    """A plan in one of `CONVENTIONS` as plain values, for `--json`."""
    accounted = {"streamnet": streamnet, "msf-cnn": msf_cnn}[convention](graph, plan)
    return {"convention": convention} | asdict(accounted)


def used_bytes(graph: Graph, plan: Plan, without: Container[int], scratch: bool) -> tuple[int, int]:
    """Bytes of the arena in which a tensor that is not among `without` lies, ever, and the most of them at one time.

    `scratch` is whether kernels' working memory counts like a tensor.
    """
    layout = Layout(graph, plan)
    spans = [
        (layout.lifetimes[buffer.tensor], (buffer.offset, buffer.offset + layout.size_bytes(buffer)))
        for buffer in layout.arena_buffers()
        if buffer.tensor not in without
    ]
    if scratch:
        spans += [(Lifetime(s.position, s.position), (s.offset, s.end)) for s in layout.scratches]
    moments = {life.first for life, _ in spans}
    at_once = (_covered([span for life, span in spans if life.first <= now <= life.last]) for now in moments)
    return _covered([span for _, span in spans]), max(at_once, default=0)


def _covered(spans: Sequence[tuple[int, int]]) -> int:
    """Length of the union of intervals."""
    total = end = 0
    for low, high in sorted(spans):
        total += max(0, high - max(low, end))
        end = max(end, high)
    return total
