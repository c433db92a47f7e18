"""C4 and C5 as obligations: where buffers and working memory lie, and what everything takes.

Variables: `n` a tick, `b` a byte address, `t` a position.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from verify.graph.accounting import ALIGNMENT, state_bytes
from verify.graph.plan import Buffer, Policy
from verify.proof.layout import Layout
from verify.proof.lifetimes import Scratch
from verify.proof.obligation import Obligation, Term, between, constant, num
from verify.targets.flash import constant_bytes
from verify.targets.stack import stack_reserve


def placed(layout: Layout) -> Iterator[Obligation]:
    """C4: buffers alive at one position share no byte; each is aligned, and what is read of it is inside the arena.

    A kernel's working memory is such a buffer, at the position of its operator alone. Buffers are compared in the order
    in which they begin to live, each with those that begin while it lives; that it has ended before all others begin is
    an obligation, too.
    """
    yield from _reads_past(layout)
    alive: dict[int, list[Buffer]] = {}
    buffers = sorted(layout.arena_buffers(), key=lambda buffer: layout.span(buffer).first)
    for buffer in buffers:
        for position in range(layout.span(buffer).first, layout.span(buffer).last + 1):
            alive.setdefault(position, []).append(buffer)
    for scratch in layout.scratches:
        yield from _apart(layout, scratch, alive.get(scratch.position, []))
    firsts = [layout.span(buffer).first for buffer in buffers]
    for number, buffer in enumerate(buffers):
        subject = f"buffer of {layout.name(buffer.tensor)}"
        end = buffer.offset + layout.size_bytes(buffer)
        outside = f"(or (> {end} {layout.plan.arena_bytes}) (not (= (mod {buffer.offset} {ALIGNMENT}) 0)))"
        text = f"takes bytes [{buffer.offset}, {end}) of an arena of {layout.plan.arena_bytes}, aligned to {ALIGNMENT}"
        yield constant("C4", subject, "lies aligned and inside the arena", outside, text)
        others = buffers[number + 1 : bisect_right(firsts, layout.span(buffer).last)]
        if others:
            yield _disjoint(layout, subject, _occupies(layout, buffer), others, layout.definitions(buffer))
    if buffers:
        yield _one_after_another(layout, buffers, firsts)


def _one_after_another(layout: Layout, buffers: Sequence[Buffer], firsts: Sequence[int]) -> Obligation:
    """Buffers begin in their order, and each has ended before the first one begins that it is not compared with."""
    wrong = ["false", *(f"(> {num(a)} {num(b)})" for a, b in pairwise(firsts))]
    for buffer in buffers:
        last = layout.span(buffer).last
        if (after := bisect_right(firsts, last)) < len(firsts):
            wrong.append(f"(>= {num(last)} {num(firsts[after])})")
    sentence = "buffers begin in this order, each with those that it is compared with before all others"
    text = "a buffer begins to live before another one has ended, and the two are not compared"
    return constant("C4", "plan", sentence, f"(or {' '.join(wrong)})", text)


def _apart(layout: Layout, scratch: Scratch, near: Sequence[Buffer]) -> Iterator[Obligation]:
    """Working memory holds nothing before the call and nothing after it; nothing else lives there meanwhile."""
    subject, low, end = f"working memory of {scratch.node.label}", scratch.offset, scratch.end
    outside = f"(or (> {end} {layout.plan.arena_bytes}) (not (= (mod {low} {ALIGNMENT}) 0)))"
    text = f"takes bytes [{low}, {end}) of an arena of {layout.plan.arena_bytes}, aligned to {ALIGNMENT}"
    yield constant("C4", subject, "lies aligned and inside the arena", outside, text)
    text = f"the plan states {layout.plan.scratch_bytes} bytes; it needs {end - low}"
    yield constant("C4", subject, "is no more than stated", f"(< {layout.plan.scratch_bytes} {end - low})", text)
    own = f"(and (= t {scratch.position}) (<= {low} b) (< b {end}))"
    alive = [buffer for buffer in near if layout.lives_at(buffer, scratch.position)]
    yield _disjoint(layout, subject, own, alive)


def _reads_past(layout: Layout) -> Iterator[Obligation]:
    """Rows end inside their buffer; the last one ends where it does, and what lies behind must be there to be read."""
    for read in layout.reads:
        past = layout.kernels[read.node.index].reads_past(read.node, read.operand)
        if past:
            buffer = layout.buffers[read.tensor]
            end = buffer.offset + layout.size_bytes(buffer) + past
            outside = "true" if buffer.policy is Policy.EXTERNAL else f"(> {end} {layout.plan.arena_bytes})"
            text = f"its kernel reads {past} bytes past its end, where there is no arena"
            yield constant("C4", layout.reading(read), "what is read past its end is in the arena", outside, text)


def _disjoint(
    layout: Layout, subject: str, own: Term, others: list[Buffer], definitions: Sequence[str] = ()
) -> Obligation:
    """No byte b at which `own` holds, at position t in tick n of its stage, belongs to another buffer then."""

    def explain(v: Mapping[str, int]) -> str:
        other = next((o for o in others if layout.holds(o, v["b"], v["t"], v["n"])), others[0])
        return f"byte {v['b']} of the arena also belongs to {layout.name(other.tensor)} at position {v['t']}"

    shared = " ".join(_occupies(layout, other) for other in others)
    return Obligation(
        claim="C4",
        subject=subject,
        sentence="shares no byte with a buffer that is alive at the same position",
        variables=("t", "n", "b"),
        assumptions=("(>= n 0)", own),
        denial=f"(or {shared})",
        explain=explain,
        definitions=tuple(dict.fromkeys((*definitions, *(d for o in others for d in layout.definitions(o))))),
    )


def _occupies(layout: Layout, buffer: Buffer) -> Term:
    """At position t, in tick n of its stage, byte b belongs to what of the buffer is written and still needed."""
    size = layout.row_bytes(buffer.tensor)
    cases = []
    for life in layout.lives(buffer):
        low = f"(+ {buffer.offset} (* {size} {life.first_row}))" if life.first_row else num(buffer.offset)
        end = num(buffer.offset + layout.size_bytes(buffer))
        high = f" (< b (+ {buffer.offset} (* {size} {life.end_row})))" if life.end_row else ""
        tick = [*([f"(< n {life.ticks})"] if life.ticks else []), *([life.needed] if life.needed else [])]
        inside = f"(and (<= {low} b) (< b {end}){high})"
        cases.append(f"(and {' '.join([between(life.first, 't', life.last + 1), *tick, inside])})")
    return cases[0] if len(cases) == 1 else f"(or {' '.join(cases)})"


def budget(layout: Layout) -> Iterator[Obligation]:
    """C5: the stated parts are not below what the model needs, and their sum is within the budget."""
    plan, weights = layout.plan, constant_bytes(layout.graph, layout.kernels)
    state = state_bytes(len(layout.graph.inputs), plan.input_mode, layout.graph.goes_on)
    stack = stack_reserve(layout.graph, plan, layout.kernels)
    for part, stated, needed in (("state", plan.state_bytes, state), ("stack", plan.stack_bytes, stack)):
        text = f"the plan states {stated} bytes; the model needs {needed}"
        yield constant("C5", part, "is at least what the model needs", f"(< {stated} {needed})", text)
    if plan.sram_budget is not None:
        total = f"(+ {plan.arena_bytes} {plan.state_bytes} {plan.stack_bytes} {plan.fifo_bytes} {plan.head_bytes})"
        text = f"{plan.sram_bytes} bytes of SRAM are needed; the budget is {plan.sram_budget}"
        yield constant("C5", "SRAM", "fits the budget", f"(> {total} {plan.sram_budget})", text)
    if plan.flash_budget is not None:
        text = f"weights and parameters take {weights} bytes of flash; the budget is {plan.flash_budget}"
        yield constant("C5", "flash", "fits the budget", f"(> {weights} {plan.flash_budget})", text)
