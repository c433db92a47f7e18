"""The claims C1-C5, C7 and C8 as obligations, one function per claim. Half-open intervals, ticks and rows as unknowns.

Variables: `f` and `g` frames, `d` a delay in frames, `n` and `m` ticks, `y` an output row or column, `j` a tap of the
window, `b` a byte address, `t` a position. What tick n computes is [before(n), after(n)) (verify.proof.progress).

Rows and columns are independent: each claim about a stage that streams along both is one obligation per axis. Why two
suffice is said where they are made.
"""

from collections.abc import Iterator, Mapping, Sequence

from verify.graph.accounting import ALIGNMENT, state_bytes
from verify.graph.plan import Buffer, Policy, Schedule, Stage
from verify.graph.tensor import Axis
from verify.graph.window import Padding
from verify.proof.accesses import Read, Writer
from verify.proof.arithmetic import arithmetic
from verify.proof.ends import pads_ends
from verify.proof.layout import Layout
from verify.proof.lifetimes import Scratch
from verify.proof.obligation import Extent, Obligation, Term, between, constant, num, term
from verify.proof.progress import Progress, start
from verify.targets.flash import constant_bytes
from verify.targets.stack import stack_reserve


def all_obligations(layout: Layout) -> Iterator[Obligation]:
    """Every obligation of a plan whose layout has no faults."""
    yield from cover(layout)
    yield from available(layout)
    yield from pads_ends(layout)
    yield from unclobbered(layout)
    yield from placed(layout)
    yield from budget(layout)
    yield from arithmetic(layout)
    yield from padding(layout)
    yield from stream_is_clip(layout)


# -- C1 ---------------------------------------------------------------------------------------------------------


def cover(layout: Layout, only: int | None = None) -> Iterator[Obligation]:
    """C1: each row is computed at some tick of a schedule, each column likewise, and each row of an input is fed.

    None is computed twice by a schedule, because tick n computes what lies between the frontiers of n - 1 and n, and no
    frontier goes back (verify.graph.plan.Schedule). Along an axis of demand nothing is owed: what a reader needs and
    does not find is refuted by C2. `only` is the number of the stage that is asked about, here and below; None: all.
    """
    for number, stage in _stages(layout, only):
        ticks, columns = (layout.sizes.ticks(number, axis) for axis in AXES)
        for feed in stage.feeds:
            subject, rows = f"feed of {layout.name(feed.tensor)}", layout.writers[feed.tensor].rows
            yield _no_gap(subject, "row", feed.schedule, rows, ticks)
        for firing in stage.firings:
            node = layout.nodes[firing.op]
            rows = layout.progress[firing.op, Axis.HEIGHT]
            if Axis.HEIGHT not in firing.demand:
                yield _no_gap(node.label, "row", firing.schedule, rows, ticks)
            if firing.columns and Axis.WIDTH not in firing.demand:
                wide = layout.progress[firing.op, Axis.WIDTH]
                yield _no_gap(node.label, "column", firing.columns, wide, columns)
            if not node.op.row_wise:
                yield _all_at_once(node.label, rows, ticks)


def _stages(layout: Layout, only: int | None) -> list[tuple[int, Stage]]:
    return [(number, stage) for number, stage in enumerate(layout.plan.stages) if only in (None, number)]


def _reads_of(layout: Layout, only: int | None) -> list[Read]:
    return [read for read in layout.reads if only in (None, read.place.stage)]


def _no_gap(subject: str, unit: str, schedule: Schedule, progress: Progress, ticks: Extent) -> Obligation:
    # The tick that computes row y has a closed form, so the obligation needs no quantifier: it is a witness.
    if schedule.rate:
        first = (
            f"(div (+ (- (* {schedule.period} (+ y 1)) {num(schedule.offset)}) {schedule.rate - 1}) {schedule.rate})"
        )
    else:
        first = "0"
    tick = f"(ite (< {first} 0) 0 {first})"
    inside = between(progress.before("w"), "y", progress.after("w"))
    return Obligation(
        claim="C1",
        subject=subject,
        sentence=f"each of its {progress.total} {unit}s is computed at some tick of {ticks}",
        variables=("y",),
        assumptions=(between(0, "y", progress.total),),
        denial=f"(let ((w {tick})) (not (and {between(0, 'w', ticks)} {inside})))",
        explain=lambda v: f"{unit} {v['y']} is never computed (the stage has {ticks} ticks)",
    )


def _all_at_once(subject: str, progress: Progress, ticks: Extent) -> Obligation:
    before, after, rows = progress.before("n"), progress.after("n"), progress.total
    return Obligation(
        claim="C1",
        subject=subject,
        sentence="it cannot be computed by rows, so one tick computes all of them",
        variables=("n",),
        assumptions=(between(0, "n", ticks),),
        denial=f"(and (< {before} {after}) (not (and (= {before} 0) (= {after} {term(rows)}))))",
        explain=lambda v: f"tick {v['n']} computes only some of its {rows} rows",
    )


# -- C2, C3 -----------------------------------------------------------------------------------------------------

AXES = (Axis.HEIGHT, Axis.WIDTH)
UNIT = {Axis.HEIGHT: "row", Axis.WIDTH: "column"}


def available(layout: Layout, only: int | None = None) -> Iterator[Obligation]:
    """C2: at the tick that computes row y, every row in y's window has been written; columns likewise.

    Per axis that is enough: a pixel whose row belongs to this row tick or an earlier one, and whose column belongs to
    this column tick or an earlier one, was computed in this step or before it, since all column ticks of a row tick
    precede the next row tick (and the other way round where columns are the outer loop).
    """
    for read in _reads_of(layout, only):
        if 0 not in read.delays:
            yield _of_earlier_frames(layout, read, "C2")
            continue
        writer = layout.writers[read.tensor]
        for axis in _axes(layout, read):
            missing = f"(>= i {_complete(layout, read, writer, axis)})"
            yield _about_read(layout, read, axis, "C2", "has been written before", missing, "has not been written yet")


def _of_earlier_frames(layout: Layout, read: Read, claim: str) -> Obligation:
    """Such a read asks nothing of this frame; whether its frames still stand in their slots is C8's."""
    delays = " ".join(f"(= d {delay})" for delay in read.delays)
    return Obligation(
        claim=claim,
        subject=_reads(layout, read),
        sentence="reads frames that were complete before this one began, of which C8 speaks",
        variables=("d",),
        assumptions=(f"(or false {delays})",),
        denial="(< d 1)",
        explain=lambda v: f"it reads the frame of delay {v['d']}, which is this one or a later one",
    )


def _axes(layout: Layout, read: Read) -> tuple[Axis, ...]:
    """The axes along which operand and operator advance together; otherwise the operand's columns are complete."""
    writer = layout.writers[read.tensor]
    same_stage = writer.firing is not None and writer.place.stage == read.place.stage
    split = same_stage and (layout.sizes.by_columns(read.place.stage) or layout.buffers[read.tensor].tiled)
    return AXES if split else (Axis.HEIGHT,)


def unclobbered(layout: Layout, only: int | None = None) -> Iterator[Obligation]:
    """C3: at that tick, nothing else has been put in the slot of what is read; without carry, it is this step's.

    A ring of rows R loses row i when row i + R is written: not before all rows below i + R only are complete. Columns
    of a tile likewise. A tile narrower than the tensor begins anew when the outer loop goes on, so what is read must
    be of the same outer tick. For rings of pixels see _ring_of_pixels.
    """
    for read in _reads_of(layout, only):
        if 0 not in read.delays:
            yield _of_earlier_frames(layout, read, "C3")
            continue
        writer, buffer = layout.writers[read.tensor], layout.buffers[read.tensor]
        if buffer.tiled and (writer.firing is None or writer.place.stage != read.place.stage):
            text = f"stage {read.place.stage} reads it, but only the stage that computes it finds less than whole rows"
            yield constant("C3", _reads(layout, read), "is read in the stage that computes it", "true", text)
        elif not buffer.carry and writer.firing is None and layout.sizes.by_columns(read.place.stage):
            text = "is fed once for many column ticks, but its buffer holds rows only within one step"
            yield constant("C3", _reads(layout, read), "its buffer is read in the step that writes it", "true", text)
        elif buffer.pixels:
            yield from _ring_of_pixels(layout, read, writer, buffer)
        else:
            for axis in _axes(layout, read):
                capacity = layout.sizes.capacity(buffer, axis)
                if capacity:
                    yield _not_overwritten(layout, read, writer, axis, capacity)
                if capacity and writer.firing is not None and layout.sizes.is_part(buffer, axis):
                    yield _fits(layout, read, writer, axis, capacity)
        for axis in _fresh_axes(layout, read, writer, buffer):
            yield _within_tick(layout, read, writer, axis)


def _not_overwritten(layout: Layout, read: Read, writer: Writer, axis: Axis, capacity: Extent) -> Obligation:
    lost = f"(> {_complete(layout, read, writer, axis)} (+ i {capacity}))"
    unit = UNIT[axis]
    text = f"has been overwritten in its ring of {capacity} {unit}s"
    return _about_read(layout, read, axis, "C3", f"is still in its buffer of {capacity} {unit}s", lost, text)


def _fits(layout: Layout, read: Read, writer: Writer, axis: Axis, capacity: Extent) -> Obligation:
    """What one call writes has slots of its own, even rows that a stride then skips (embedded/include/stj_tile.h)."""
    progress = writer.along(axis)
    return Obligation(
        claim="C3",
        subject=_reads(layout, read),
        sentence=f"no tick computes more {UNIT[axis]}s of it than its buffer of {capacity} holds",
        variables=("n",),
        assumptions=(between(0, "n", layout.sizes.ticks(writer.place.stage, axis)),),
        denial=f"(> (- {progress.after('n')} {progress.before('n')}) {term(capacity)})",
        explain=lambda v: f"tick {v['n']} computes more than {capacity} {UNIT[axis]}s of it at once",
        definitions=progress.definitions,
    )


def _fresh_axes(layout: Layout, read: Read, writer: Writer, buffer: Buffer) -> list[Axis]:
    """Axes along which only what this very tick computed may be read."""
    axes = _axes(layout, read)
    found = [axis for axis in axes if not buffer.carry or writer.along(axis).demand]
    if len(axes) > 1 and not buffer.pixels:
        outer = layout.plan.stages[read.place.stage].axis
        inner = Axis.WIDTH if outer is Axis.HEIGHT else Axis.HEIGHT
        if layout.sizes.is_part(buffer, inner) and outer not in found:
            found.append(outer)
    return found


def _within_tick(layout: Layout, read: Read, writer: Writer, axis: Axis) -> Obligation:
    text = "was written at an earlier tick, but its buffer holds rows only within a tick"
    if read.place.stage != writer.place.stage or read.place.position < writer.place.position:
        return constant("C3", _reads(layout, read), "its buffer is read in the tick that writes it", "true", text)
    stale = f"(< i {writer.along(axis).before('n')})"
    return _about_read(layout, read, axis, "C3", "was written in the same tick", stale, text)


def _ring_of_pixels(layout: Layout, read: Read, writer: Writer, buffer: Buffer) -> Iterator[Obligation]:
    """Pixel e = i * width + c of the tensor, in reading order, is lost when pixel e + P is written.

    Let P = A * width + B. Pixels are written in reading order, because no tick computes more than one row, and row
    ticks are the outer loop. The newest pixel when tick (n, m) reads is (top, last column complete), top being the row
    of this tick, or complete rows only, up to `top`, where this tick has none. So it suffices that top - i <= A and
    that the complete columns are at most c + B.
    """
    axis = Axis.HEIGHT
    rows, columns = layout.sizes.pixels(buffer)
    progress = writer.rows
    before, after = progress.before("n"), progress.after("n")
    if progress.demand or writer.columns.demand or layout.plan.stages[read.place.stage].axis is not axis:
        text = "is kept as a ring of pixels, but is not written row by row"
        yield constant("C3", _reads(layout, read), "its pixels are written in reading order", "true", text)
        return
    yield Obligation(
        claim="C3",
        subject=_reads(layout, read),
        sentence="its pixels are written in reading order: no tick computes two rows",
        variables=("n",),
        assumptions=(between(0, "n", _ticks(layout, read, axis)),),
        denial=f"(> (- {after} {before}) 1)",
        explain=lambda v: f"tick {v['n']} computes more than one row of it",
    )
    top = f"(ite (< {before} {after}) (- {after} 1) {after})"
    text = f"has been overwritten in its ring of {buffer.pixels} pixels"
    holds = f"is still in its buffer of {buffer.pixels} pixels"
    yield _about_read(layout, read, axis, "C3", holds, f"(> (- {top} i) {rows})", text)
    lost = f"(> {_complete(layout, read, writer, Axis.WIDTH)} (+ i {columns}))"
    yield _about_read(layout, read, Axis.WIDTH, "C3", holds, lost, text)


def _complete(layout: Layout, read: Read, writer: Writer, axis: Axis) -> Term:
    """Rows (columns) of the operand written when the reading firing of tick n starts."""
    progress = writer.along(axis)
    if writer.place.stage < read.place.stage:
        return layout.sizes.in_the_end(progress, writer.place.stage)
    if writer.place.stage > read.place.stage:
        return "0"
    return progress.after("n") if writer.place.position < read.place.position else progress.before("n")


def _reads(layout: Layout, read: Read) -> str:
    return f"{read.node.label} reads {layout.name(read.tensor)}"


def _ticks(layout: Layout, read: Read, axis: Axis) -> Extent:
    return layout.sizes.ticks(read.place.stage, axis)


def _about_read(layout: Layout, read: Read, axis: Axis, claim: str, holds: str, fault: Term, found: str) -> Obligation:
    """For every tick n and row y computed then, every row i that y's window reads does not satisfy `fault`."""
    reader, writer, window, unit = read.along(axis), layout.writers[read.tensor], read.window_along(axis), UNIT[axis]
    total = writer.along(axis).total
    if window is None:
        tap, position = between(0, "j", total), "j"
    else:
        tap, position = between(0, "j", window.kernel), f"(+ {start('y', window)} (* {window.dilation} j))"

    def explain(v: Mapping[str, int]) -> str:
        index = v["j"] if window is None else window.start(v["y"]) + v["j"] * window.dilation
        tick = "tick" if axis is Axis.HEIGHT else "column tick"
        where = f"stage {read.place.stage}, {tick} {v['n']}"
        return f"{where}: output {unit} {v['y']} reads {unit} {index}, which {found}"

    return Obligation(
        claim=claim,
        subject=_reads(layout, read),
        sentence=f"every {unit} that it reads {holds}",
        variables=("n", "y", "j"),
        assumptions=(
            between(0, "n", _ticks(layout, read, axis)),
            between(reader.before("n"), "y", reader.after("n")),
            tap,
        ),
        denial=f"(let ((i {position})) (and {between(0, 'i', total)} {fault}))",
        explain=explain,
        definitions=tuple(dict.fromkeys((*reader.definitions, *writer.along(axis).definitions))),
    )


# -- C4 ---------------------------------------------------------------------------------------------------------


def placed(layout: Layout) -> Iterator[Obligation]:
    """C4: buffers alive at one position share no byte; each is aligned, and what is read of it is inside the arena.

    A kernel's working memory is such a buffer, at the position of its operator alone.
    """
    yield from _reads_past(layout)
    for scratch in layout.scratches:
        yield from _apart(layout, scratch)
    buffers = layout.arena_buffers()
    for number, buffer in enumerate(buffers):
        subject = f"buffer of {layout.name(buffer.tensor)}"
        end = buffer.offset + layout.size_bytes(buffer)
        outside = f"(or (> {end} {layout.plan.arena_bytes}) (not (= (mod {buffer.offset} {ALIGNMENT}) 0)))"
        text = f"takes bytes [{buffer.offset}, {end}) of an arena of {layout.plan.arena_bytes}, aligned to {ALIGNMENT}"
        yield constant("C4", subject, "lies aligned and inside the arena", outside, text)
        others = [other for other in buffers[number + 1 :] if other.tensor != buffer.tensor]
        if others:
            yield _disjoint(layout, subject, _occupies(layout, buffer), others, layout.definitions(buffer))


def _apart(layout: Layout, scratch: Scratch) -> Iterator[Obligation]:
    """Working memory holds nothing before the call and nothing after it; nothing else lives there meanwhile."""
    subject, low, end = f"working memory of {scratch.node.label}", scratch.offset, scratch.end
    outside = f"(or (> {end} {layout.plan.arena_bytes}) (not (= (mod {low} {ALIGNMENT}) 0)))"
    text = f"takes bytes [{low}, {end}) of an arena of {layout.plan.arena_bytes}, aligned to {ALIGNMENT}"
    yield constant("C4", subject, "lies aligned and inside the arena", outside, text)
    text = f"the plan states {layout.plan.scratch_bytes} bytes; it needs {end - low}"
    yield constant("C4", subject, "is no more than stated", f"(< {layout.plan.scratch_bytes} {end - low})", text)
    own = f"(and (= t {scratch.position}) (<= {low} b) (< b {end}))"
    alive = [b for b in layout.arena_buffers() if layout.lives_at(b, scratch.position)]
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
            yield constant("C4", _reads(layout, read), "what is read past its end is in the arena", outside, text)


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
    """At position t, in tick n of its stage, byte b belongs to a row of the buffer that is written and still needed."""
    size = layout.row_bytes(buffer.tensor)
    cases = []
    for life in layout.lives(buffer):
        low = f"(+ {buffer.offset} (* {size} {life.first_row}))" if life.first_row else num(buffer.offset)
        end = num(buffer.offset + layout.size_bytes(buffer))
        high = f"(+ {buffer.offset} (* {size} {life.end_row}))" if life.end_row else end
        tick = [f"(< n {life.ticks})"] if life.ticks else []
        inside = f"(let ((l {low}) (h {high})) (and (<= l b) (< b h)))"
        cases.append(f"(and {' '.join([between(life.first, 't', life.last + 1), *tick, inside])})")
    return cases[0] if len(cases) == 1 else f"(or {' '.join(cases)})"


# -- C5, C7 -----------------------------------------------------------------------------------------------------


def budget(layout: Layout) -> Iterator[Obligation]:
    """C5: the stated parts are not below what the model needs, and their sum is within the budget."""
    plan, weights = layout.plan, constant_bytes(layout.graph, layout.kernels)
    state = state_bytes(len(layout.graph.inputs), plan.input_mode, layout.graph.clip_frames > 1)
    stack = stack_reserve(layout.graph, plan, layout.kernels)
    for part, stated, needed in (("state", plan.state_bytes, state), ("stack", plan.stack_bytes, stack)):
        text = f"the plan states {stated} bytes; the model needs {needed}"
        yield constant("C5", part, "is at least what the model needs", f"(< {stated} {needed})", text)
    if plan.sram_budget is not None:
        total = f"(+ {plan.arena_bytes} {plan.state_bytes} {plan.stack_bytes})"
        text = f"{plan.sram_bytes} bytes of SRAM are needed; the budget is {plan.sram_budget}"
        yield constant("C5", "SRAM", "fits the budget", f"(> {total} {plan.sram_budget})", text)
    if plan.flash_budget is not None:
        text = f"weights and parameters take {weights} bytes of flash; the budget is {plan.flash_budget}"
        yield constant("C5", "flash", "fits the budget", f"(> {weights} {plan.flash_budget})", text)


def padding(layout: Layout, only: int | None = None) -> Iterator[Obligation]:
    """C7: (value that the model pads with - zero point) * w = 0 for every int8 weight, and the plan skips just that."""
    for _, stage in _stages(layout, only):
        for firing in stage.firings:
            node = layout.nodes[firing.op]
            skipped = node.op.padding
            text = f"the plan skips padding {_sides(firing.padding)}; the model pads {_sides(skipped)}"
            pairs = zip(_numbers(firing.padding), _numbers(skipped), strict=True)
            differ = " ".join(f"(not (= {num(planned)} {num(known)}))" for planned, known in pairs)
            yield constant("C7", node.label, "skips exactly the model's padding", f"(or {differ})", text)
            if skipped is not None:
                yield _contributes_nothing(node.label, skipped, node.op.padding_zero)


def _numbers(padding: Padding | None) -> tuple[int, ...]:
    """Whether there is padding, its four sides and its value."""
    if padding is None:
        return 0, 0, 0, 0, 0, 0
    return 1, padding.top, padding.bottom, padding.left, padding.right, padding.value


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
    yield _clip_length(layout)
    for read in layout.reads:
        yield from frames_kept(layout, read)


def _clip_length(layout: Layout) -> Obligation:
    plan, graph = layout.plan, layout.graph
    text = f"the plan is for clips of {plan.clip_frames} frames; the program's model has {graph.clip_frames}"
    differ = f"(not (= {plan.clip_frames} {graph.clip_frames}))"
    return constant("C8", "plan", "is for the model's clip length", differ, text)


def frames_kept(layout: Layout, read: Read) -> Iterator[Obligation]:
    """Earlier frames that are read still stand in their slots and, where a window slides over them, in order."""
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
