"""The claims C1-C5, C7 and C8 as obligations, one function per claim. Half-open intervals, ticks and rows as unknowns.

Variables: `f` and `g` frames, `d` a delay in frames, `n` and `m` ticks, `y` an output row, `j` a tap of the window, `b`
a byte address, `t` a position. Rows of tick n are [before(n), after(n)), which the plan's schedule gives.
"""

from collections.abc import Iterator, Mapping

from verify.graph.accounting import ALIGNMENT, stack_reserve, state_bytes, weight_bytes
from verify.graph.plan import Buffer, Feed, Firing, Schedule
from verify.graph.window import Padding
from verify.ops.streaming import output_rows
from verify.proof.layout import Layout, Read, Writer
from verify.proof.obligation import Obligation, Term, between, constant, frontier, frontier_before, num


def all_obligations(layout: Layout) -> Iterator[Obligation]:
    """Every obligation of a plan whose layout has no faults."""
    yield from cover(layout)
    yield from available(layout)
    yield from unclobbered(layout)
    yield from placed(layout)
    yield from budget(layout)
    yield from padding(layout)
    yield from stream_is_clip(layout)


# -- C1 ---------------------------------------------------------------------------------------------------------


def cover(layout: Layout) -> Iterator[Obligation]:
    """C1: the rows of all ticks partition [0, rows), for every operator and every fed input."""
    for stage in layout.plan.stages:
        for item in (*stage.feeds, *stage.firings):
            subject, rows = _scheduled(layout, item)
            yield _no_gap(subject, item.schedule, rows, stage.ticks)
            yield _no_overlap(subject, item.schedule, rows, stage.ticks)
            if isinstance(item, Firing) and not layout.nodes[item.op].op.row_wise:
                yield _all_at_once(subject, item.schedule, rows, stage.ticks)


def _scheduled(layout: Layout, item: Feed | Firing) -> tuple[str, int]:
    if isinstance(item, Feed):
        return f"feed of {layout.name(item.tensor)}", layout.graph.tensors[item.tensor].rows
    node = layout.nodes[item.op]
    return node.label, output_rows(node)


def _no_gap(subject: str, schedule: Schedule, rows: int, ticks: int) -> Obligation:
    # The tick that computes row y has a closed form, so the obligation needs no quantifier: it is a witness.
    if schedule.rate:
        first = (
            f"(div (+ (- (* {schedule.period} (+ y 1)) {num(schedule.offset)}) {schedule.rate - 1}) {schedule.rate})"
        )
    else:
        first = "0"
    tick = f"(ite (< {first} 0) 0 {first})"
    inside = between(frontier_before(schedule, rows, "w"), "y", frontier(schedule, rows, "w"))
    return Obligation(
        claim="C1",
        subject=subject,
        sentence=f"each of its {rows} rows is computed at some tick of {ticks}",
        variables=("y",),
        assumptions=(between(0, "y", rows),),
        denial=f"(let ((w {tick})) (not (and {between(0, 'w', ticks)} {inside})))",
        explain=lambda v: f"row {v['y']} is never computed (the stage has {ticks} ticks)",
    )


def _no_overlap(subject: str, schedule: Schedule, rows: int, ticks: int) -> Obligation:
    return Obligation(
        claim="C1",
        subject=subject,
        sentence="no row is computed at two ticks",
        variables=("m", "n", "y"),
        assumptions=(between(0, "m", "n"), between(0, "n", ticks)),
        denial=f"(and {_fires(schedule, rows, 'm', 'y')} {_fires(schedule, rows, 'n', 'y')})",
        explain=lambda v: f"row {v['y']} is computed at tick {v['m']} and again at tick {v['n']}",
    )


def _all_at_once(subject: str, schedule: Schedule, rows: int, ticks: int) -> Obligation:
    before, after = frontier_before(schedule, rows, "n"), frontier(schedule, rows, "n")
    return Obligation(
        claim="C1",
        subject=subject,
        sentence="it cannot be computed by rows, so one tick computes all of them",
        variables=("n",),
        assumptions=(between(0, "n", ticks),),
        denial=f"(and (< {before} {after}) (not (and (= {before} 0) (= {after} {rows}))))",
        explain=lambda v: f"tick {v['n']} computes only some of its {rows} rows",
    )


def _fires(schedule: Schedule, rows: int, tick: Term, row: Term) -> Term:
    return between(frontier_before(schedule, rows, tick), row, frontier(schedule, rows, tick))


# -- C2, C3 -----------------------------------------------------------------------------------------------------


def available(layout: Layout) -> Iterator[Obligation]:
    """C2: at the tick that computes row y, every row in y's window has been written."""
    for read in layout.reads:
        if 0 not in read.delays:
            continue  # an earlier frame, complete since: C8
        writer = layout.writers[read.tensor]
        missing = f"(>= i {_complete(layout, read, writer)})"
        yield _about_read(layout, read, "C2", "has been written before", missing, "has not been written yet")


def unclobbered(layout: Layout) -> Iterator[Obligation]:
    """C3: at that tick, row i's slot has not been given to row i + capacity; a ring without carry holds this tick's."""
    for read in layout.reads:
        if 0 not in read.delays:
            continue
        writer, buffer = layout.writers[read.tensor], layout.buffers[read.tensor]
        complete = _complete(layout, read, writer)
        lost = f"(> {complete} (+ i {buffer.rows}))"
        text = f"has been overwritten in its ring of {buffer.rows} rows"
        yield _about_read(layout, read, "C3", f"is still in its buffer of {buffer.rows} rows", lost, text)
        if not buffer.carry:
            yield _within_tick(layout, read, writer)


def _within_tick(layout: Layout, read: Read, writer: Writer) -> Obligation:
    text = "was written at an earlier tick, but its buffer holds rows only within a tick"
    if read.place.stage != writer.place.stage or read.place.position < writer.place.position:
        return constant("C3", _reads(layout, read), "its buffer is read in the tick that writes it", "true", text)
    stale = f"(< i {frontier_before(writer.schedule, writer.rows, 'n')})"
    return _about_read(layout, read, "C3", "was written in the same tick", stale, text)


def _complete(layout: Layout, read: Read, writer: Writer) -> Term:
    """Rows of the operand written when the reading firing of tick n starts."""
    if writer.place.stage < read.place.stage:
        last = num(layout.plan.stages[writer.place.stage].ticks - 1 if writer.place.stage >= 0 else 0)
        return frontier(writer.schedule, writer.rows, last)
    if writer.place.stage > read.place.stage:
        return "0"
    if writer.place.position < read.place.position:
        return frontier(writer.schedule, writer.rows, "n")
    return frontier_before(writer.schedule, writer.rows, "n")


def _reads(layout: Layout, read: Read) -> str:
    return f"{read.node.label} reads {layout.name(read.tensor)}"


def _about_read(layout: Layout, read: Read, claim: str, holds: str, fault: Term, found: str) -> Obligation:
    """For every tick n and row y computed then, every row i that y's window reads does not satisfy `fault`."""
    rows = layout.writers[read.tensor].rows
    ticks = layout.plan.stages[read.place.stage].ticks
    fires = _fires(read.schedule, output_rows(read.node), "n", "y")
    if read.window is None:
        tap, row = between(0, "j", rows), "j"
    else:
        w = read.window
        start = f"(- (* {w.stride} y) {num(w.pad_before)})"
        start = start if w.upsample == 1 else f"(div {start} {w.upsample})"
        tap, row = between(0, "j", w.kernel), f"(+ {start} (* {w.dilation} j))"

    def explain(v: Mapping[str, int]) -> str:
        index = v["j"] if read.window is None else read.window.start(v["y"]) + v["j"] * read.window.dilation
        return f"stage {read.place.stage}, tick {v['n']}: output row {v['y']} reads row {index}, which {found}"

    return Obligation(
        claim=claim,
        subject=_reads(layout, read),
        sentence=f"every row that it reads {holds}",
        variables=("n", "y", "j"),
        assumptions=(between(0, "n", ticks), fires, tap),
        denial=f"(let ((i {row})) (and {between(0, 'i', rows)} {fault}))",
        explain=explain,
    )


# -- C4 ---------------------------------------------------------------------------------------------------------


def placed(layout: Layout) -> Iterator[Obligation]:
    """C4: buffers alive at one position share no byte; each is aligned and ends inside the arena."""
    buffers = layout.arena_buffers()
    for number, buffer in enumerate(buffers):
        subject = f"buffer of {layout.name(buffer.tensor)}"
        end = buffer.offset + layout.size_bytes(buffer)
        outside = f"(or (> {end} {layout.plan.arena_bytes}) (not (= (mod {buffer.offset} {ALIGNMENT}) 0)))"
        text = f"takes bytes [{buffer.offset}, {end}) of an arena of {layout.plan.arena_bytes}, aligned to {ALIGNMENT}"
        yield constant("C4", subject, "lies aligned and inside the arena", outside, text)
        others = [other for other in buffers[number + 1 :] if other.tensor != buffer.tensor]
        if others:
            yield _disjoint(layout, subject, buffer, others)


def _disjoint(layout: Layout, subject: str, buffer: Buffer, others: list[Buffer]) -> Obligation:
    def explain(v: Mapping[str, int]) -> str:
        other = next(o for o in others if _holds(layout, o, v["b"], v["t"]))
        return f"byte {v['b']} of the arena also belongs to {layout.name(other.tensor)} at position {v['t']}"

    shared = " ".join(_occupies(layout, other) for other in others)
    return Obligation(
        claim="C4",
        subject=subject,
        sentence="shares no byte with a buffer that is alive at the same position",
        variables=("t", "b"),
        assumptions=(_occupies(layout, buffer),),
        denial=f"(or {shared})",
        explain=explain,
    )


def _occupies(layout: Layout, buffer: Buffer) -> Term:
    life = layout.lifetimes[buffer.tensor]
    end = buffer.offset + layout.size_bytes(buffer)
    return f"(and {between(life.first, 't', life.last + 1)} {between(buffer.offset, 'b', end)})"


def _holds(layout: Layout, buffer: Buffer, byte: int, position: int) -> bool:
    life = layout.lifetimes[buffer.tensor]
    inside = buffer.offset <= byte < buffer.offset + layout.size_bytes(buffer)
    return inside and life.first <= position <= life.last


# -- C5, C7 -----------------------------------------------------------------------------------------------------


def budget(layout: Layout) -> Iterator[Obligation]:
    """C5: the stated parts are not below what the model needs, and their sum is within the budget."""
    plan, weights = layout.plan, weight_bytes(layout.graph)
    scratch = max((node.op.scratch_bytes for node in layout.graph.nodes), default=0)
    state = state_bytes(len(layout.graph.inputs), plan.input_mode, layout.graph.clip_frames > 1)
    stack = stack_reserve(layout.graph)
    parts = (
        ("state", plan.state_bytes, state),
        ("scratch", plan.scratch_bytes, scratch),
        ("stack", plan.stack_bytes, stack),
    )
    for part, stated, needed in parts:
        text = f"the plan states {stated} bytes; the model needs {needed}"
        yield constant("C5", part, "is at least what the model needs", f"(< {stated} {needed})", text)
    if plan.sram_budget is not None:
        total = f"(+ {plan.arena_bytes} {plan.state_bytes} {plan.scratch_bytes} {plan.stack_bytes})"
        text = f"{plan.sram_bytes} bytes of SRAM are needed; the budget is {plan.sram_budget}"
        yield constant("C5", "SRAM", "fits the budget", f"(> {total} {plan.sram_budget})", text)
    if plan.flash_budget is not None:
        text = f"weights take {weights} bytes of flash; the budget is {plan.flash_budget}"
        yield constant("C5", "flash", "fits the budget", f"(> {weights} {plan.flash_budget})", text)


def padding(layout: Layout) -> Iterator[Obligation]:
    """C7: (value that the model pads with - zero point) * w = 0 for every int8 weight, and the plan skips just that."""
    for stage in layout.plan.stages:
        for firing in stage.firings:
            node = layout.nodes[firing.op]
            skipped = node.op.padding
            if firing.padding != skipped:
                text = f"the plan skips padding {_sides(firing.padding)}; the model pads {_sides(skipped)}"
                yield constant("C7", node.label, "skips exactly the model's padding", "true", text)
            if skipped is not None:
                yield _contributes_nothing(node.label, skipped, node.op.padding_zero)


def _contributes_nothing(subject: str, skipped: Padding, zero: int) -> Obligation:
    return Obligation(
        claim="C7",
        subject=subject,
        sentence=f"a padded {skipped.value} with zero point {zero} adds nothing for any weight",
        variables=("w",),
        assumptions=(between(-128, "w", 128),),
        denial=f"(not (= (* (- {num(skipped.value)} {num(zero)}) w) 0))",
        explain=lambda v: (
            f"padding holds {skipped.value}, zero is {zero}: weight {v['w']} adds {(skipped.value - zero) * v['w']}"
        ),
    )


def _sides(padding: Padding | None) -> str:
    if padding is None:
        return "nothing"
    sides = f"{padding.top} above, {padding.bottom} below, {padding.left} left, {padding.right} right"
    return f"{sides} with value {padding.value}"


# -- C8 ---------------------------------------------------------------------------------------------------------


def stream_is_clip(layout: Layout) -> Iterator[Obligation]:
    """C8: what frame f reads of frame f - d is what frame f - d wrote, for every f and every delay d of the model."""
    plan, graph = layout.plan, layout.graph
    text = f"the plan is for clips of {plan.clip_frames} frames; the program's model has {graph.clip_frames}"
    differ = f"(not (= {plan.clip_frames} {graph.clip_frames}))"
    yield constant("C8", "plan", "is for the model's clip length", differ, text)
    for read in layout.reads:
        if read.delays != (0,):
            kept = layout.buffers[read.tensor].frames
            yield _still_kept(layout, read, kept)
            if len(read.delays) > 1:
                yield _in_order(layout, read, kept)


def _still_kept(layout: Layout, read: Read, kept: int) -> Obligation:
    """No frame written after frame f - d, up to f itself, went to the same slot."""
    delays = " ".join(f"(= d {delay})" for delay in read.delays)
    return Obligation(
        claim="C8",
        subject=_reads(layout, read),
        sentence=f"frame f - d is still in its slot of {kept} when frame f reads it, for d in {list(read.delays)}",
        variables=("d", "f", "g"),
        assumptions=(f"(or false {delays})", "(>= (- f d) 0)", "(< (- f d) g)", "(<= g f)"),
        denial=f"(= (mod g {kept}) (mod (- f d) {kept}))",
        explain=lambda v: (
            f"frame {v['f']} reads frame {v['f'] - v['d']}, whose slot of {kept} frame {v['g']} took over"
        ),
    )


def _in_order(layout: Layout, read: Read, kept: int) -> Obligation:
    """The kernel's rows are slots: from slot (f + 1) mod kept on, row j is the frame of the j-th delay."""
    count, step = len(read.delays), read.delays[0] - read.delays[1]
    oldest = f"(- f {read.delays[0]})"
    slot = f"(mod (+ (mod (+ f 1) {kept}) (* {step} j)) {kept})"
    return Obligation(
        claim="C8",
        subject=_reads(layout, read),
        sentence=f"slots from (f + 1) mod {kept} on, in steps of {step}, hold its {count} frames, oldest first",
        variables=("f", "j"),
        assumptions=(between(0, "j", count), f"(>= {oldest} 0)"),
        denial=f"(not (= {slot} (mod (+ {oldest} (* {step} j)) {kept})))",
        explain=lambda v: f"frame {v['f']}: row {v['j']} of the window is not frame {v['f'] - read.delays[v['j']]}",
    )
