"""All claims of a plan as obligations, and those about rows and columns, C1 to C3. Ticks and rows are unknowns.

Variables: `d` a delay in frames, `n` and `m` ticks, `y` an output row or column, `j` a tap of the window. Intervals are
half open; what tick n computes is [before(n), after(n)) (verify.proof.progress).

Rows and columns are independent: each claim about a stage that streams along both is one obligation per axis. Why two
suffice is said where they are made.
"""

from collections.abc import Iterator, Mapping

from verify.graph.plan import Buffer, Schedule, Stage
from verify.graph.tensor import Axis
from verify.proof.accesses import Read, Writer
from verify.proof.arithmetic import arithmetic
from verify.proof.ends import pads_ends
from verify.proof.frames import stream_is_clip
from verify.proof.layout import Layout
from verify.proof.learning import learned
from verify.proof.left_out import left_out
from verify.proof.line_feed import in_time
from verify.proof.obligation import Extent, Obligation, Term, between, constant, num, term
from verify.proof.padding import padding
from verify.proof.placement import budget, placed
from verify.proof.progress import Progress, end, start


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
    yield from left_out(layout)
    yield from in_time(layout)
    yield from learned(layout)


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
        due = f"(* {schedule.period} (+ (div y {schedule.grain}) 1))"
        first = f"(div (+ (- {due} {num(schedule.offset)}) {schedule.rate - 1}) {schedule.rate})"
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
        subject=layout.reading(read),
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
            yield constant("C3", layout.reading(read), "is read in the stage that computes it", "true", text)
        elif not buffer.carry and writer.firing is None and layout.sizes.by_columns(read.place.stage):
            text = "is fed once for many column ticks, but its buffer holds rows only within one step"
            yield constant("C3", layout.reading(read), "its buffer is read in the step that writes it", "true", text)
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
        subject=layout.reading(read),
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
        return constant("C3", layout.reading(read), "its buffer is read in the tick that writes it", "true", text)
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
        yield constant("C3", layout.reading(read), "its pixels are written in reading order", "true", text)
        return
    yield Obligation(
        claim="C3",
        subject=layout.reading(read),
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
        if window.short:  # phases without the last tap
            tap = f"(and {tap} (< {position} {end('y', window)}))"

    def explain(v: Mapping[str, int]) -> str:
        index = v["j"] if window is None else window.start(v["y"]) + v["j"] * window.dilation
        tick = "tick" if axis is Axis.HEIGHT else "column tick"
        where = f"stage {read.place.stage}, {tick} {v['n']}"
        return f"{where}: output {unit} {v['y']} reads {unit} {index}, which {found}"

    return Obligation(
        claim=claim,
        subject=layout.reading(read),
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
