"""Operators of a stage that keep nothing and compute again what their reader's window needs.

A cheap 1x1 expansion in front of a depthwise convolution makes rows that are several times as wide as its operand's.
Following the reader's demand along the rows, it keeps only the window's rows of a few columns; the operand is kept for
as many rows as the expansion was, and each row of it is expanded once per window that it lies in.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from verify.graph.plan import Schedule
from verify.graph.window import Window
from verify.ops.streaming import output_rows
from verify.plan.draft import Draft, Ring, streamed
from verify.plan.schedule import frontiers, most_per_tick
from verify.plan.uses import Uses

MOST = 4
"""Operators of one stage that are tried."""


@dataclass(frozen=True)
class Reader:
    """The only reader of an operator that follows demand: its place among the nodes, and its row window."""

    number: int
    window: Window


@dataclass(frozen=True)
class Gain:
    """What one operator saves in bytes of its own ring, and the multiply-accumulates that it adds."""

    number: int
    saved: int
    added: int


Gains = dict[int, Gain | None]
"""By node, of stages that grow from one start: known once the reader is in, and the same from then on."""


def variants(uses: Uses, draft: Draft, known: Gains, most: float = math.inf) -> list[tuple[Draft, int]]:
    """The stage with more and more of its operators recomputing, and the MACs that this adds, at most `most` of them.

    In the order of bytes that it saves per MAC. `known` is filled, for the next longer stage from the same start.
    """
    if not draft.columns:
        return []
    known_gains = (_gain(uses, draft, number, known) for number in range(draft.start, draft.end))
    gains = [gain for gain in known_gains if gain and gain.added <= most]
    gains.sort(key=lambda gain: (gain.saved / (1 + gain.added), gain.number), reverse=True)
    found = []
    for count in range(1, min(MOST, len(gains)) + 1):
        some = gains[:count]
        if (added := sum(gain.added for gain in some)) > most:
            break
        found.append((recomputing(uses, draft, frozenset(gain.number for gain in some)), added))
    return found


def _gain(uses: Uses, draft: Draft, number: int, known: Gains) -> Gain | None:
    """None where the operator cannot recompute, or saves nothing by it."""
    if number in known:
        return known[number]
    tensor = uses.graph.nodes[number].outputs[0]
    if uses.readers[tensor] and uses.last[tensor] >= draft.end:
        return None  # not yet known: its reader may still come
    known[number] = None
    # Rows that are read in the tick that makes them are not kept anyway.
    if the_reader(uses, draft, number) is not None and draft.rows.rings[tensor].carry:
        alone = recomputing(uses, draft, frozenset({number}))
        saved = draft.shape(uses, tensor).size(uses, tensor) - alone.shape(uses, tensor).size(uses, tensor)
        if saved > 0:
            known[number] = Gain(number, saved, added_macs(uses, draft, number))
    return known[number]


def the_reader(uses: Uses, draft: Draft, number: int) -> Reader | None:
    """The reader that an operator may follow, or None where it cannot recompute."""
    node = uses.graph.nodes[number]
    tensor = node.outputs[0]
    if len(node.outputs) != 1 or len(uses.readers[tensor]) != 1 or tensor in uses.graph.outputs:
        return None
    operands = [k for k, t in enumerate(node.inputs) if t in uses.producer]
    reader = uses.readers[tensor][0]
    if not operands or reader >= draft.end or uses.kept[tensor] > 1:
        return None
    if any(not _single(uses.window(node, k)) or uses.is_late(node, k) for k in operands):
        return None
    other = uses.graph.nodes[reader]
    window = uses.window(other, other.inputs.index(tensor))
    return Reader(reader, window) if window is not None and window.upsample == 1 else None


def recomputing(uses: Uses, draft: Draft, demand: frozenset[int]) -> Draft:
    """The same stage, in which so far nothing recomputes, with the nodes of `demand` following their readers."""
    nodes, stream = uses.graph.nodes, draft.rows
    # Only what they make and what they read is kept otherwise than before.
    touched = {t for number in demand for t in (*nodes[number].outputs, *nodes[number].inputs) if t in stream.rings}
    rings = {**stream.rings, **dict.fromkeys(touched, Ring())}
    changed = replace(draft, demand=demand)
    for number in sorted({n for t in touched for n in uses.readers[t] if draft.start <= n < draft.end}):
        for tensor, operand in streamed(uses, stream, nodes[number]):
            if tensor in touched:
                rings[tensor] = _ring(uses, changed, rings[tensor], number, tensor, operand)
    return replace(changed, rows=replace(stream, rings=rings))


def _ring(uses: Uses, draft: Draft, ring: Ring, number: int, tensor: int, operand: int) -> Ring:
    """The ring of an operand for one reader more."""
    schedule, rows, window = rows_read(uses, draft, number, operand)
    if uses.producer[tensor] not in draft.demand:
        return draft.rows.enlarged(ring, tensor, schedule, rows, window)
    most = most_per_tick(schedule, rows)
    return replace(ring, positions=min(uses.rows(tensor), (most - 1) * window.stride + window.reach))


def rows_read(uses: Uses, draft: Draft, number: int, operand: int) -> tuple[Schedule, int, Window]:
    """When and through which window node `number` reads an operand by rows: where it recomputes, its reader's."""
    node = uses.graph.nodes[number]
    window = uses.window(node, operand)
    if number in draft.demand:
        reader = the_reader(uses, draft, number)
        assert reader is not None, "only operators with one reader follow demand"
        number, window = reader.number, _through(window, reader.window)
    assert window is not None, "an operator without a row window does not stream"
    return draft.rows.schedules[number - draft.start], output_rows(uses.graph.nodes[number]), window


def _single(window: Window | None) -> bool:
    """Whether an output row reads one row of the operand, whichever that is."""
    return window is not None and window.kernel == window.upsample == 1


def _through(inner: Window | None, outer: Window) -> Window:
    """What the reader's rows, through its window `outer`, need of the operand whose single rows `inner` names."""
    assert inner is not None, "an operator that follows demand has a row window"
    pad = outer.pad_before * inner.stride + inner.pad_before
    return Window(outer.kernel, outer.stride * inner.stride, outer.dilation * inner.stride, pad)


def added_macs(uses: Uses, draft: Draft, number: int) -> int:
    """Multiply-accumulates of an operator beyond its own, if it follows its reader's demand along the rows."""
    reader, node = the_reader(uses, draft, number), uses.graph.nodes[number]
    assert reader is not None, "only operators with one reader follow demand"
    rows, total = output_rows(uses.graph.nodes[reader.number]), output_rows(node)
    return node.macs * (_rows_needed(draft, reader, rows, total) - total) // total


def _rows_needed(draft: Draft, reader: Reader, rows: int, total: int) -> int:
    schedule = draft.rows.schedules[reader.number - draft.start]
    ticks = np.arange(draft.rows.ticks)
    first, end, window = frontiers(schedule, rows, ticks - 1), frontiers(schedule, rows, ticks), reader.window
    low = np.maximum(0, first * window.stride - window.pad_before)
    high = np.minimum(total, (end - 1) * window.stride - window.pad_before + window.reach)
    return int(np.where(first < end, high - low, 0).sum())
