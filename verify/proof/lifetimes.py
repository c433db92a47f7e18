"""For how long each tensor of a plan needs its bytes: positions, and in stages that stream the rows in use.

Buffers live over an interval of positions; in a stage of several ticks a buffer that carries rows from tick to tick
lives through all positions of that stage, in the ticks up to the last one that writes or reads it, as far as it has
been written to.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from verify.graph.graph import Node
from verify.graph.plan import Buffer, Policy
from verify.graph.tensor import Axis
from verify.graph.window import POINTWISE
from verify.ops.regions import scheduled, stage_regions
from verify.ops.streaming import output_rows
from verify.proof.accesses import BEFORE, Accesses, Lifetime, Place, Read
from verify.proof.progress import start as start_term
from verify.targets.kernel import Kernel


@dataclass(frozen=True)
class Scratch:
    """Bytes [offset, end) of the arena that a kernel works in while its operator, at `position`, runs."""

    node: Node
    position: int
    offset: int
    end: int


@dataclass(frozen=True)
class Life:
    """Part of a lifetime, positions [first, last]: what of a buffer is written and still needed in tick n.

    `first_row` and `end_row` are terms in n, for n in [0, ticks); where absent, the buffer counts from its start, to
    its end, which rows never pass. `needed` is a condition on n without which nothing counts; absent: it always holds.
    `bytes_at` gives the same in numbers, from the buffer's start.
    """

    first: int
    last: int
    ticks: int = 0
    first_row: str = ""
    end_row: str = ""
    needed: str = ""
    bytes_at: Callable[[int], tuple[int, int]] | None = None
    definitions: tuple[str, ...] = ()


def lifetimes_of(at: Accesses, kernels: Mapping[int, Kernel[Any]]) -> dict[int, Lifetime]:
    """By tensor; of one that is taken over, up to just before the operator that does so."""
    found = {tensor: _lifetime(at, tensor) for tensor in at.buffers}
    return found | dict(_takeovers(at, kernels, found))


def scratches_of(at: Accesses, kernels: Mapping[int, Kernel[Any]]) -> Iterator[Scratch]:
    """Working memory of the kernels."""
    for stage, place, slot in at.places():
        firing = stage.firings[slot - len(stage.feeds)] if slot >= len(stage.feeds) else None
        if firing is not None and firing.scratch is not None:
            node = at.nodes[firing.op]
            size = kernels[firing.op].scratch_bytes(node)
            yield Scratch(node, place.position, firing.scratch, firing.scratch + size)


def lives_of(at: Accesses, kernels: Mapping[int, Kernel[Any]], buffer: Buffer, life: Lifetime) -> list[Life]:
    """The lifetime of a buffer, in which the stages that fill or empty it by rows are told apart.

    A tensor that stands whole and that one stage computes by rows takes, in tick n, only the rows up to this
    tick's; one that a stage reads for the last time only those that this tick or a later one still reads. So a
    stage's result may be written over its operand, as long as the one keeps behind the other. What an operator reads in
    place, its result takes in the same tick, so that these rows count as the result's alone. A ring takes what has
    been written of it, until the last tick that writes or reads any: it may be filled over the first rows of the
    operand, and the last rows of a result may be written over it.
    """
    if ring := _ring(at, buffer, life):
        return [ring]
    writer, reads = at.writers[buffer.tensor], at.reads_of(buffer.tensor)
    stages = {writer.place.stage} if writer.firing else set()
    if buffer.tensor not in at.graph.outputs:
        stages |= {max((read.place.stage for read in reads), default=-1)} - {-1}
    if buffer.policy is not Policy.WHOLE or buffer.frames > 1:
        stages = set()
    parts = {number: part for number in sorted(stages) if (part := _part(at, kernels, buffer, number, life))}
    found, start = [], life.first
    for number, part in parts.items():
        if start < at.spans[number].first:
            found.append(Life(start, at.spans[number].first - 1))
        found.append(part)
        start = part.last + 1
    return found + ([Life(start, life.last)] if start <= life.last or not found else [])


def _lifetime(at: Accesses, tensor: int) -> Lifetime:
    buffer, writer = at.buffers[tensor], at.writers[tensor]
    if buffer.frames > 1:  # its frames outlive every run
        return Lifetime(BEFORE, at.spans[-1].last)
    places = [writer.place, *(read.place for read in at.reads_of(tensor))]
    if not buffer.carry:
        return Lifetime(writer.place.position, max(place.position for place in places))
    first = _span(at, writer.place).first
    last = max(_span(at, place).last for place in places if place.stage >= 0 or len(places) == 1)
    return Lifetime(first, at.spans[-1].last if tensor in at.graph.outputs else last)


def _span(at: Accesses, place: Place) -> Lifetime:
    """Positions during which a tensor touched at `place` must be kept for the sake of later ticks."""
    if place.stage < 0:
        return Lifetime(BEFORE, BEFORE)
    if at.plan.stages[place.stage].steps > 1:
        return at.spans[place.stage]
    return Lifetime(place.position, place.position)


def _takeovers(
    at: Accesses, kernels: Mapping[int, Kernel[Any]], lifetimes: Mapping[int, Lifetime]
) -> Iterator[tuple[int, Lifetime]]:
    """Tensors whose storage is taken over by the operator that reads them last, so that they end just before it.

    Sound because the operator's kernel reads element i of the operand before it writes element i of the output
    (Kernel.in_place), both have the same bytes at the same address, and nothing reads the operand afterwards.
    """
    for tensor, buffer in at.buffers.items():
        life = lifetimes[tensor]
        reads = [read for read in at.reads_of(tensor) if read.place.position == life.last]
        outlives = tensor in at.graph.outputs or buffer.frames > 1 or buffer.policy is Policy.EXTERNAL
        if not reads or outlives:
            continue
        for output in reads[0].node.outputs:
            if _takes_over(at, kernels, lifetimes, buffer, reads, output):
                yield tensor, Lifetime(life.first, life.last - 1)
                break


def _takes_over(
    at: Accesses,
    kernels: Mapping[int, Kernel[Any]],
    lifetimes: Mapping[int, Lifetime],
    buffer: Buffer,
    reads: list[Read],
    output: int,
) -> bool:
    life = lifetimes[buffer.tensor]
    begins = lifetimes[output].first == life.last and life.first < life.last
    return begins and _in_place(at, kernels, buffer, reads, output)


def _in_place(at: Accesses, kernels: Mapping[int, Kernel[Any]], buffer: Buffer, reads: list[Read], output: int) -> bool:
    """Whether an operator, of which these are all reads of a buffer, puts element i of its result where it has read
    element i of that."""
    target, node = at.buffers[output], reads[0].node
    same_place = replace(target, tensor=buffer.tensor, policy=buffer.policy, carry=buffer.carry) == buffer
    same_rows = at.row_bytes(output) == at.row_bytes(buffer.tensor) and (
        at.rows(output) == at.rows(buffer.tensor) == output_rows(node)
    )
    return (
        same_place
        and buffer.frames == 1
        and same_rows
        and len(node.outputs) == 1
        and all(read.operand in kernels[node.index].in_place(node) and read.window == POINTWISE for read in reads)
    )


def _becomes_result(at: Accesses, kernels: Mapping[int, Kernel[Any]], buffer: Buffer, reads: list[Read]) -> bool:
    """Whether a stage's operator, of which these are all reads of a buffer that stands whole, does so row by row.

    Then the rows that it reads in a tick are its result's own from the beginning of this tick on, provided that the
    result stands whole and goes on after the stage: nothing that keeps off the result is written over them.
    """
    output = reads[0].node.outputs[0]
    last = max((read.place.stage for read in at.reads_of(output)), default=-1)
    stays = output in at.graph.outputs or last > reads[0].place.stage
    once = not any(read.rows.demand or read.columns.demand for read in reads)
    whole = at.buffers[output].policy is buffer.policy is Policy.WHOLE
    return whole and stays and once and _in_place(at, kernels, buffer, reads, output)


def _part(at: Accesses, kernels: Mapping[int, Kernel[Any]], buffer: Buffer, number: int, life: Lifetime) -> Life | None:
    """The part of a lifetime in one stage, if the tensor is filled or emptied there by rows."""
    tensor, stage = buffer.tensor, at.plan.stages[number]
    if stage.ticks == 1 or stage.axis is not Axis.HEIGHT:
        return None
    writer, reads = at.writers[tensor], at.reads_of(tensor)
    here = [read for read in reads if read.place.stage == number]
    filled = writer.firing is not None and writer.place.stage == number
    last = number == max((r.place.stage for r in reads), default=-1) and tensor not in at.graph.outputs
    emptied = last and all(r.window is not None and r.delays == (0,) for r in here)
    if not filled and not emptied:
        return None
    total = at.rows(tensor)
    definitions: dict[str, None] = {}
    first = ""
    by_node = {read.node.index: [r for r in here if r.node is read.node] for read in here}
    over = {index for index, own in by_node.items() if emptied and _becomes_result(at, kernels, buffer, own)}
    for read in here if emptied else []:
        window = read.window
        assert window is not None
        definitions |= dict.fromkeys(read.rows.definitions)
        before = read.rows.after("n") if read.node.index in over else read.rows.oldest("n")
        need = f"(let ((p {start_term('a', window)})) (ite (< p 0) 0 (ite (< p {total}) p {total})))"
        oldest = f"(let ((a {before})) (ite (< a {read.rows.total}) {need} {total}))"
        first = f"(let ((u {oldest}) (v {first})) (ite (< u v) u v))" if first else oldest
    end = writer.rows.after("n") if filled else ""
    span = at.spans[number]
    numbers = _bytes_at(at, tensor, number, here if emptied else [], filled, over)
    places = max(span.first, life.first), min(span.last, life.last)
    return Life(*places, stage.ticks, first, end, bytes_at=numbers, definitions=tuple(definitions))


def _bytes_at(
    at: Accesses, tensor: int, number: int, reads: list[Read], filled: bool, over: Container[int]
) -> Callable[[int], tuple[int, int]]:
    stage = at.plan.stages[number]
    regions, total, size = stage_regions(at.graph, stage, Axis.HEIGHT), at.rows(tensor), at.row_bytes(tensor)
    lowest = at.oldest(number)

    def oldest(read: Read, tick: int) -> int:
        index = read.node.index
        first = int(regions[index][tick][1] if index in over else lowest[index][tick])
        assert read.window is not None
        return total if first >= output_rows(read.node) else min(total, max(0, read.window.start(first)))

    def bytes_at(tick: int) -> tuple[int, int]:
        node = at.writers[tensor].node
        end = int(regions[node.index][tick][1]) if filled and node else total
        return size * min((oldest(read, tick) for read in reads), default=0), size * end

    return bytes_at


def _ring(at: Accesses, buffer: Buffer, life: Lifetime) -> Life | None:
    """The life of a ring in its stage, if not all of it is written or needed in all ticks of that."""
    writer, reads = at.writers[buffer.tensor], at.reads_of(buffer.tensor)
    number = writer.place.stage
    if buffer.policy is not Policy.RING or not buffer.carry or buffer.frames > 1 or number < 0:
        return None
    stage = at.plan.stages[number]
    if stage.axis is not Axis.HEIGHT or buffer.tensor in at.graph.outputs or {r.place.stage for r in reads} != {number}:
        return None
    oldest = at.oldest(number)
    feeds = {feed.tensor: scheduled(feed.schedule, at.rows(feed.tensor), stage.ticks) for feed in stage.feeds}
    begun = feeds[buffer.tensor][:, 0] if writer.node is None else oldest[writer.node.index]
    rows = [writer.rows, *(read.rows for read in reads)]
    works = [begun, *(oldest[read.node.index] for read in reads)]
    used = np.any([own < part.known_total for own, part in zip(works, rows, strict=True)], axis=0)
    # Rows are written from the ring's start on, once each; the columns of a tile, and what is computed again, are not.
    fills = not writer.rows.demand and not buffer.columns
    if stage.ticks == 1 or (used[-1] and not fills):
        return None
    needed = " ".join(f"(< {part.oldest('n')} {part.total})" for part in rows)
    definitions = dict.fromkeys(text for part in (rows[:1] if used[-1] else rows) for text in part.definitions)
    ends = np.full(stage.ticks, at.size_bytes(buffer))
    if fills:
        regions = feeds if writer.node is None else stage_regions(at.graph, stage, Axis.HEIGHT)
        written = regions[buffer.tensor if writer.node is None else writer.node.index][:, 1]
        ends = np.minimum(ends, written * at.row_bytes(buffer.tensor))
    return Life(
        life.first,
        life.last,
        stage.ticks,
        end_row=writer.rows.after("n") if fills else "",
        needed="" if used[-1] else f"(or {needed})",
        bytes_at=lambda tick: (0, int(ends[tick]) if used[tick] else 0),
        definitions=tuple(definitions),
    )
