"""A program's stages as C lines: regions, views and calls. Every number stands in the text as the program has it."""

from collections.abc import Iterator
from itertools import groupby

from verify.program.program import (
    Base,
    Call,
    Fixed,
    Hull,
    Interval,
    Pixels,
    Place,
    Program,
    Region,
    Rows,
    Stage,
    Steady,
    Turn,
    View,
)

INDENT = "    "
VIEW_LENGTH = 105
LABEL_LENGTH = 56
"""Names of tensors and operators in comments have at most so many characters."""


def tensor_name(tensor: int) -> str:
    """The enumerator that says where a tensor lies in the arena."""
    return f"TENSOR_{tensor}"


def scratch_name(op: int) -> str:
    """The enumerator that says where the working memory of an operator's kernel lies in the arena."""
    return f"SCRATCH_{op}"


def comment(text: str) -> str:
    """A name from the model's file as it may stand in a comment; of joined ones the last, of long ones the end."""
    clean = "".join(c if c.isprintable() and c not in "*/\\" else "_" for c in text.rsplit(";", 1)[-1])
    return clean if len(clean) <= LABEL_LENGTH else "..." + clean[3 - LABEL_LENGTH :]


# -- places ------------------------------------------------------------------------------------------------------------


def place_text(tensor: int, place: Place, arena: str = "arena") -> str:
    """An address. `arena` is the expression for its first byte."""
    if place.base is Base.CONSTANT:
        return f"(const uint8_t *)tensor_{place.index}"
    if place.base is Base.SOURCE:
        return f"model->source[{place.index}]"
    if place.base is Base.SCRATCH:
        return f"{arena} + {scratch_name(place.index)}"
    return f"{arena} + {tensor_name(tensor)}{slot_text(place.slots, place.slot_bytes, place.delay)}"


def slot_text(slots: int, slot_bytes: int, delay: int) -> str:
    """What to add for the frame `delay` frames back; nothing where one frame is kept."""
    if slots == 1:
        return ""
    frame = f"(model->frame + {slots - delay})" if delay else "model->frame"
    return f" + {frame} % {slots} * {slot_bytes}"


def view_lines(view: View) -> Iterator[str]:
    """An initialiser of a view, on two lines where one would be long."""
    place = f"{{.data = {place_text(view.tensor, view.place)},"
    if isinstance(view, Rows):
        numbers = f".row_bytes = {view.row_bytes}, .capacity = {view.capacity}}},"
    else:
        slots = f".columns = {view.columns}, .rows = {view.rows}, .pixels = {view.pixels}"
        numbers = f".pixel_bytes = {view.pixel_bytes}, {slots}}},"
    if len(place) + len(numbers) < VIEW_LENGTH:
        yield f"{place} {numbers}"
    else:
        yield place
        yield f" {numbers}"


# -- regions -----------------------------------------------------------------------------------------------------------


def steady_text(steady: Steady, tick: str) -> str:
    schedule = steady.schedule
    numbers = f"{tick}, {schedule.rate}, {schedule.period}, {schedule.offset}, {steady.total}"
    return f"stj_frontier({numbers})" if schedule.grain == 1 else f"stj_frontier_by({numbers}, {schedule.grain})"


def ends(interval: Interval, tick: str) -> tuple[str, str]:
    """First and one past the last position; a hull starts empty and is widened."""
    match interval:
        case Fixed(first, last):
            return str(first), str(last)
        case Steady():
            return steady_text(interval, f"{tick} - 1"), steady_text(interval, tick)
        case Hull(total, _):
            return str(total), "0"
        case Turn(frames, back):
            first = f"(model->frame + {frames - back}) % {frames}"
            return first, f"{first} + 1"


def region_lines(number: int, region: Region) -> Iterator[str]:
    """The declaration of one region of a stage; none for whole rows that are plain numbers, which stand in the call."""
    y0, y1 = ends(region.rows, "n")
    if region.columns is None:
        if not isinstance(region.rows, Fixed | Turn):
            yield f"const stj_span rows_{number} = {{{y0}, {y1}}};"
        return
    x0, x1 = ends(region.columns, "m")
    hulls = [("y", region.rows)] * isinstance(region.rows, Hull) + [("x", region.columns)] * isinstance(
        region.columns, Hull
    )
    yield f"{'' if hulls else 'const '}stj_region region_{number} = {{"
    yield f"{INDENT}.y0 = {y0}, .y1 = {y1},"
    yield f"{INDENT}.x0 = {x0}, .x1 = {x1},"
    yield "};"
    for axis, hull in hulls:
        assert isinstance(hull, Hull)
        for need in hull.needs:
            target = f"&region_{number}.{axis}0, &region_{number}.{axis}1"
            reader = f"region_{need.region}.{axis}0, region_{need.region}.{axis}1"
            w = need.window
            numbers = f"{w.stride}, {w.pad_before}, {w.upsample}, {w.short}, {w.reach}, {hull.total}"
            yield f"stj_widen({target}, {reader}, {numbers});"


def span_text(number: int, region: Region) -> str:
    """The last arguments of a call by whole rows."""
    if isinstance(region.rows, Fixed | Turn):
        return ", ".join(ends(region.rows, "n"))
    return f"rows_{number}.first, rows_{number}.last"


# -- calls -------------------------------------------------------------------------------------------------------------


def call_lines(stage: Stage, call: Call) -> Iterator[str]:
    """One call in a block of its own."""
    region = stage.regions[call.region]
    opening = f"if (stj_any(&region_{call.region})) {{" if call.by_pixels else "{"
    yield f"{opening} /* {call.label} {comment(call.name)} */"
    span = f"&region_{call.region}" if call.by_pixels else span_text(call.region, region)
    for line in body_lines(call, span):
        yield INDENT + line
    yield "}"


def body_lines(call: Call, span: str) -> Iterator[str]:
    kind = "pixels_" if isinstance(call.outputs[0], Pixels) else ""
    for direction, views in (("in", call.inputs), ("out", call.written)):
        yield f"const stj_{kind}{direction} {direction}[] = {{"
        for view in views:
            yield from (INDENT + line for line in view_lines(view))
        yield "};"
    yield f"{call.kernel}(&op_{call.op}, in, out, {span});"


# -- stages ------------------------------------------------------------------------------------------------------------


def ticks_used(stage: Stage) -> tuple[str, ...]:
    """Which of the ticks n (rows) and m (columns) the regions of a stage ask for."""
    rows = any(isinstance(region.rows, Steady) for region in stage.regions)
    columns = any(isinstance(region.columns, Steady) for region in stage.regions)
    return ("n",) * rows + ("m",) * columns


def own_region(stage: Stage, number: int) -> bool:
    """Whether a region is declared in a block with the calls that ask for it, so that several take the same memory.

    Not where regions follow what their readers need, which is asked of other regions.
    """
    hull = any(isinstance(region.rows, Hull) or isinstance(region.columns, Hull) for region in stage.regions)
    return not hull and stage.regions[number].columns is not None


def shared_regions(stage: Stage) -> Iterator[str]:
    for number, region in enumerate(stage.regions):
        if not own_region(stage, number):
            yield from region_lines(number, region)


def calls_lines(stage: Stage) -> Iterator[str]:
    """The calls, those one after the other that have a region of their own in a block with it."""
    for number, calls in groupby(stage.calls, lambda call: call.region):
        lines = [line for call in calls for line in call_lines(stage, call)]
        if not own_region(stage, number):
            yield from lines
            continue
        yield "{"
        yield from (INDENT + line for line in (*region_lines(number, stage.regions[number]), *lines))
        yield "}"


def stage_lines(prefix: str, number: int, stage: Stage) -> Iterator[str]:
    """The function that does one outer tick of a stage, `stage_k`, with `step_k` for what its inner loop does."""
    used, outer = ticks_used(stage), "m" if stage.columns_outside else "n"
    inner = "n" if stage.columns_outside else "m"
    nested = stage.inner_ticks > 1
    own = used if nested else tuple(tick for tick in used if tick == outer)
    parameters = "".join(f", int32_t {tick}" for tick in own)
    yield f"/* Stage {number}: {stage_text(stage)} */"
    yield f"static STJ_NOINLINE void {'step' if nested else 'stage'}_{number}(const {prefix} *model{parameters}) {{"
    yield f"{INDENT}uint8_t *const arena = model->arena;"
    for line in (*shared_regions(stage), *calls_lines(stage)):
        yield INDENT + line
    yield "}"
    if nested:
        taken = f", int32_t {outer}" if outer in used else ""
        yield ""
        yield f"static STJ_NOINLINE void stage_{number}(const {prefix} *model{taken}) {{"
        yield f"{INDENT}for (int32_t {inner} = 0; {inner} < {stage.inner_ticks}; {inner}++) {{"
        yield f"{2 * INDENT}step_{number}(model{''.join(f', {tick}' for tick in used)});"
        yield f"{INDENT}}}"
        yield "}"


def stage_text(stage: Stage) -> str:
    count = f"{len(stage.calls)} operator{'s' if len(stage.calls) > 1 else ''}"
    if stage.row_ticks * stage.column_ticks == 1:
        return count
    columns = f" by {stage.column_ticks} column ticks" if stage.column_ticks > 1 else ""
    return f"{count} in {stage.row_ticks} row ticks{columns}"


def run_lines(program: Program, number: int) -> Iterator[str]:
    """The statements that run a whole stage."""
    stage = program.stages[number]
    outer = "m" if stage.columns_outside else "n"
    tick = f", {outer}" if outer in ticks_used(stage) else ""
    if stage.outer_ticks > 1:
        idle = " && model->wait == 0" if stage.idle else ""
        yield f"for (int32_t {outer} = 0; {outer} < {stage.outer_ticks}{idle}; {outer}++) {{"
        yield f"{INDENT}stage_{number}(model{tick});"
        yield "}"
    elif stage.idle:
        yield "if (model->wait == 0) {"
        yield f"{INDENT}stage_{number}(model);"
        yield "}"
    else:
        yield f"stage_{number}(model);"
