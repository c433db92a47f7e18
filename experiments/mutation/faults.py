"""Faults that are planted in plans: each kind is a function from a plan to one with a single change, or to None.

A kind picks its place in the plan by a seeded generator; None means that the plan has no place for it. Kinds that break
a rule which no run of the plan can show (a stated size, an alignment, the skipped padding) are `silent`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from verify.graph.accounting import ALIGNMENT
from verify.graph.graph import Graph
from verify.graph.plan import Buffer, Firing, InputMode, Plan, Policy, Schedule, Stage
from verify.graph.tensor import Axis, is_image
from verify.graph.window import Padding

Mutate = Callable[[Graph, Plan, np.random.Generator], Plan | None]
T = TypeVar("T")


@dataclass(frozen=True)
class Kind:
    """One kind of fault. `silent`: it breaks a rule, but no output and no access to memory shows it."""

    name: str
    mutate: Mutate
    silent: bool = False


# -- places in a plan -------------------------------------------------------------------------------------------


def pick(rng: np.random.Generator, items: Sequence[T]) -> T | None:
    return items[int(rng.integers(len(items)))] if items else None


def sign(rng: np.random.Generator) -> int:
    return int(rng.choice((-1, 1)))


def in_arena(plan: Plan) -> list[Buffer]:
    return [b for b in plan.buffers if b.policy is not Policy.EXTERNAL]


def rings(plan: Plan) -> list[Buffer]:
    return [b for b in plan.buffers if b.policy is Policy.RING]


def with_buffer(plan: Plan, change: Buffer) -> Plan:
    return replace(plan, buffers=tuple(change if b.tensor == change.tensor else b for b in plan.buffers))


def with_stage(plan: Plan, number: int, change: Stage) -> Plan:
    return replace(plan, stages=(*plan.stages[:number], change, *plan.stages[number + 1 :]))


def with_firing(plan: Plan, number: int, slot: int, change: Firing) -> Plan:
    stage = plan.stages[number]
    firings = (*stage.firings[:slot], change, *stage.firings[slot + 1 :])
    return with_stage(plan, number, replace(stage, firings=firings))


def streams(plan: Plan, columns: bool = False) -> list[int]:
    """Stages of several ticks (column ticks)."""
    return [k for k, stage in enumerate(plan.stages) if (stage.columns if columns else stage.ticks) > 1]


def places(plan: Plan, stages: Sequence[int]) -> list[tuple[int, int]]:
    return [(k, slot) for k in stages for slot in range(len(plan.stages[k].firings))]


def change_buffer(
    chosen: Callable[[Graph, Plan], Sequence[Buffer]], change: Callable[[Buffer, np.random.Generator], Buffer]
) -> Mutate:
    def mutate(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
        buffer = pick(rng, chosen(graph, plan))
        return with_buffer(plan, change(buffer, rng)) if buffer else None

    return mutate


def change_firing(
    fits: Callable[[Plan, int, Firing], bool], change: Callable[[Firing, np.random.Generator], Firing]
) -> Mutate:
    def mutate(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
        every = places(plan, range(len(plan.stages)))
        place = pick(rng, [(k, slot) for k, slot in every if fits(plan, k, plan.stages[k].firings[slot])])
        if place is None:
            return None
        return with_firing(plan, *place, change(plan.stages[place[0]].firings[place[1]], rng))

    return mutate


# -- buffers ----------------------------------------------------------------------------------------------------


def moved(by: int) -> Mutate:
    def chosen(graph: Graph, plan: Plan) -> list[Buffer]:
        return [b for b in in_arena(plan) if b.offset + by >= 0]

    return change_buffer(chosen, lambda buffer, rng: replace(buffer, offset=buffer.offset + by))


def shortcuts(graph: Graph, plan: Plan) -> list[Buffer]:
    """Rings that are read through several operands, or beside another operand: one reader waits for a longer way."""
    joined = {t for n in graph.nodes if len(n.inputs) > 1 for t in n.inputs}
    return [b for b in rings(plan) if b.tensor in joined and (b.rows > 1 or b.pixels > 1)]


def no_delay(buffer: Buffer, rng: np.random.Generator) -> Buffer:
    return replace(buffer, pixels=1) if buffer.pixels else replace(buffer, rows=1)


def swap_offsets(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    buffers = in_arena(plan)
    pairs = [(a, b) for a in buffers for b in buffers if a.tensor < b.tensor and a.offset != b.offset]
    pair = pick(rng, pairs)
    if pair is None:
        return None
    a, b = pair
    return with_buffer(with_buffer(plan, replace(a, offset=b.offset)), replace(b, offset=a.offset))


def overlap(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    """One buffer put where another starts."""
    buffers = in_arena(plan)
    a = pick(rng, buffers)
    b = pick(rng, [other for other in buffers if a and other.offset != a.offset])
    return with_buffer(plan, replace(a, offset=b.offset)) if a and b else None


def elsewhere(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    """One buffer anywhere in the arena."""
    buffer = pick(rng, in_arena(plan))
    end = max(1, plan.arena_bytes // ALIGNMENT)
    return with_buffer(plan, replace(buffer, offset=ALIGNMENT * int(rng.integers(end)))) if buffer else None


def resized(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    """A ring of other extents, with or without carry."""
    ring = pick(rng, rings(plan))
    if ring is None:
        return None

    def other(extent: int) -> int:
        return max(1, extent + int(rng.integers(-3, 4)))

    rows = ring.rows if ring.pixels else other(ring.rows)
    columns, pixels = (other(extent) if extent else 0 for extent in (ring.columns, ring.pixels))
    return with_buffer(plan, replace(ring, rows=rows, columns=columns, pixels=pixels, carry=bool(rng.integers(2))))


def smaller_arena(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    less = ALIGNMENT * int(rng.integers(1, 5))
    return replace(plan, arena_bytes=plan.arena_bytes - less) if plan.arena_bytes > less else None


def whole_to_ring(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    """A whole tensor kept as a ring of fewer rows."""
    whole = [b for b in plan.buffers if b.policy is Policy.WHOLE and b.rows > 1 and b.frames == 1]
    buffer = pick(rng, [b for b in whole if b.tensor not in graph.outputs])
    if buffer is None:
        return None
    return with_buffer(plan, replace(buffer, policy=Policy.RING, rows=int(rng.integers(1, buffer.rows))))


def to_tile(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    """A ring of rows, or of pixels, kept as a tile of fewer columns."""
    wide = [b for b in rings(plan) if is_image(graph.tensors[b.tensor].shape) and not b.columns]
    buffer = pick(rng, [b for b in wide if graph.tensors[b.tensor].shape[2] > 1 and b.tensor not in graph.inputs])
    if buffer is None:
        return None
    width = graph.tensors[buffer.tensor].shape[2]
    rows = -(-buffer.pixels // width) if buffer.pixels else buffer.rows
    return with_buffer(plan, replace(buffer, rows=rows, pixels=0, columns=int(rng.integers(1, width))))


# -- schedules --------------------------------------------------------------------------------------------------


def later(schedule: Schedule, by: int) -> Schedule:
    return replace(schedule, offset=schedule.offset + by)


def faster(schedule: Schedule, rng: np.random.Generator) -> Schedule:
    """Rate, period or grain one more or less."""
    if rng.integers(2) and schedule.period > 1:
        return replace(schedule, period=schedule.period + sign(rng))
    if rng.integers(2) or not schedule.rate:
        return replace(schedule, grain=schedule.grain + (sign(rng) if schedule.grain > 1 else 1))
    return replace(schedule, rate=schedule.rate + sign(rng))


def column_change(change: Callable[[Schedule, np.random.Generator], Schedule]) -> Mutate:
    def mutate(firing: Firing, rng: np.random.Generator) -> Firing:
        assert firing.columns is not None
        return replace(firing, columns=change(firing.columns, rng))

    return change_firing(lambda plan, k, firing: firing.columns is not None, mutate)


def scheduled_rows(plan: Plan, k: int, firing: Firing) -> bool:
    return plan.stages[k].ticks > 1 and Axis.HEIGHT not in firing.demand


def fewer_ticks(columns: bool) -> Mutate:
    def mutate(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
        k = pick(rng, streams(plan, columns))
        if k is None:
            return None
        stage = plan.stages[k]
        short = replace(stage, columns=stage.columns - 1) if columns else replace(stage, ticks=stage.ticks - 1)
        return with_stage(plan, k, short)

    return mutate


def feed_change(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    k = pick(rng, [k for k, stage in enumerate(plan.stages) if stage.feeds])
    if k is None:
        return None
    feed, *others = plan.stages[k].feeds
    changed = replace(feed, schedule=later(feed.schedule, sign(rng)))
    return with_stage(plan, k, replace(plan.stages[k], feeds=(changed, *others)))


# -- order ------------------------------------------------------------------------------------------------------


def swap_firings(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    """Two operators of one stage, or two stages that follow each other, in the other order."""
    inside = [(k, slot) for k, slot in places(plan, range(len(plan.stages))) if slot + 1 < len(plan.stages[k].firings)]
    place = pick(rng, inside)
    if place is None or rng.integers(3) == 0:
        return swap_stages(graph, plan, rng)
    k, slot = place
    firings = list(plan.stages[k].firings)
    firings[slot], firings[slot + 1] = firings[slot + 1], firings[slot]
    return with_stage(plan, k, replace(plan.stages[k], firings=tuple(firings)))


def swap_stages(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    k = pick(rng, range(len(plan.stages) - 1))
    if k is None:
        return None
    stages = list(plan.stages)
    stages[k], stages[k + 1] = stages[k + 1], stages[k]
    return replace(plan, stages=tuple(stages))


def moved_boundary(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    """The last operator of a stage becomes the first of the next one, or the other way round."""
    long = [k for k in range(len(plan.stages) - 1) if len(plan.stages[k].firings) > 1]
    behind = [k for k in range(len(plan.stages) - 1) if len(plan.stages[k + 1].firings) > 1]
    down = bool(rng.integers(2)) if long and behind else bool(long)
    k = pick(rng, long if down else behind)
    if k is None:
        return None
    first, second = plan.stages[k], plan.stages[k + 1]
    if down:
        pair = first.firings[:-1], (first.firings[-1], *second.firings)
    else:
        pair = (*first.firings, second.firings[0]), second.firings[1:]
    stages = replace(first, firings=pair[0]), replace(second, firings=pair[1])
    return replace(plan, stages=(*plan.stages[:k], *stages, *plan.stages[k + 2 :]))


def loops_exchanged(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    k = pick(rng, streams(plan, columns=True))
    if k is None:
        return None
    stage = plan.stages[k]
    return with_stage(plan, k, replace(stage, axis=Axis.HEIGHT if stage.axis is Axis.WIDTH else Axis.WIDTH))


def left_out(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    """An operator that never runs, or runs twice."""
    place = pick(rng, places(plan, range(len(plan.stages))))
    if place is None:
        return None
    k, slot = place
    firings = plan.stages[k].firings
    again = (firings[slot],) * (2 * int(rng.integers(2)))
    return with_stage(plan, k, replace(plan.stages[k], firings=(*firings[:slot], *again, *firings[slot + 1 :])))


# -- demand -----------------------------------------------------------------------------------------------------


def drop_demand(firing: Firing, rng: np.random.Generator) -> Firing:
    """It keeps the schedule that stands beside the demand."""
    return replace(firing, demand=())


def add_demand(firing: Firing, rng: np.random.Generator) -> Firing:
    axis = Axis.WIDTH if firing.columns is not None and rng.integers(2) else Axis.HEIGHT
    return replace(firing, demand=(axis,))


# -- padding, sizes, input, frames ------------------------------------------------------------------------------


def pad_value(firing: Firing, rng: np.random.Generator) -> Firing:
    assert firing.padding is not None
    return replace(firing, padding=replace(firing.padding, value=firing.padding.value + sign(rng)))


def pad_side(firing: Firing, rng: np.random.Generator) -> Firing:
    padding = firing.padding or Padding()
    side = str(rng.choice(("top", "bottom", "left", "right")))
    return replace(firing, padding=replace(padding, **{side: getattr(padding, side) + 1}))


def understated(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    """State, scratch or stack a few bytes below what the model needs."""
    parts = [part for part in ("state_bytes", "scratch_bytes", "stack_bytes") if getattr(plan, part) >= 4]
    part = pick(rng, parts)
    return replace(plan, **{part: getattr(plan, part) - 4}) if part else None


def other_input(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    return replace(plan, input_mode=pick(rng, [mode for mode in InputMode if mode is not plan.input_mode]))


def histories(graph: Graph, plan: Plan) -> list[Buffer]:
    return [b for b in plan.buffers if b.frames > 1]


def frames_changed(by: int) -> Mutate:
    """Shorter, or longer in an arena that has room for it."""

    def mutate(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
        buffer = pick(rng, histories(graph, plan))
        if buffer is None:
            return None
        if by < 0:
            return with_buffer(plan, replace(buffer, frames=buffer.frames + by))
        end = -(-plan.arena_bytes // ALIGNMENT) * ALIGNMENT
        size = (buffer.frames + by) * graph.tensors[buffer.tensor].size_bytes
        roomy = replace(plan, arena_bytes=end + -(-size // ALIGNMENT) * ALIGNMENT)
        return with_buffer(roomy, replace(buffer, frames=buffer.frames + by, offset=end))

    return mutate


def kept_once(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    """A tensor that later frames read, kept for its own frame only."""
    buffer = pick(rng, histories(graph, plan))
    return with_buffer(plan, replace(buffer, frames=1)) if buffer else None


def clip_length(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    return replace(plan, clip_frames=plan.clip_frames + sign(rng)) if plan.clip_frames > 2 else None


def of(fits: Callable[[Buffer], bool]) -> Callable[[Graph, Plan], list[Buffer]]:
    return lambda graph, plan: [b for b in rings(plan) if fits(b)]


SINGLE: tuple[Kind, ...] = (
    Kind("buffer 8 bytes up", moved(ALIGNMENT)),
    Kind("buffer 8 bytes down", moved(-ALIGNMENT)),
    Kind("buffer not aligned", moved(ALIGNMENT // 2), silent=True),
    Kind("two buffers at one place", overlap),
    Kind("two buffers swapped", swap_offsets),
    Kind("buffer anywhere", elsewhere),
    Kind("arena too small", smaller_arena),
    Kind("ring a row smaller", change_buffer(of(lambda b: b.rows > 1), lambda b, _: replace(b, rows=b.rows - 1))),
    Kind(
        "ring a pixel smaller", change_buffer(of(lambda b: b.pixels > 1), lambda b, _: replace(b, pixels=b.pixels - 1))
    ),
    Kind(
        "tile a column smaller",
        change_buffer(of(lambda b: b.columns > 1), lambda b, _: replace(b, columns=b.columns - 1)),
    ),
    Kind("ring of other extents", resized),
    Kind("ring made a tile", to_tile),
    Kind("whole tensor made a ring", whole_to_ring),
    Kind("shortcut without delay", change_buffer(shortcuts, no_delay)),
    Kind("carry cleared", change_buffer(of(lambda b: b.carry), lambda b, _: replace(b, carry=False))),
    Kind("carry set", change_buffer(of(lambda b: not b.carry), lambda b, _: replace(b, carry=True))),
    Kind("steps swapped", swap_firings),
    Kind("stage boundary moved", moved_boundary),
    Kind("operator left out or twice", left_out),
    Kind(
        "row schedule off by one",
        change_firing(scheduled_rows, lambda f, rng: replace(f, schedule=later(f.schedule, sign(rng)))),
    ),
    Kind(
        "row schedule a row early or late",
        change_firing(
            scheduled_rows, lambda f, rng: replace(f, schedule=later(f.schedule, sign(rng) * f.schedule.period))
        ),
    ),
    Kind("column schedule off by one", column_change(lambda s, rng: later(s, sign(rng)))),
    Kind(
        "rate or period changed",
        change_firing(scheduled_rows, lambda f, rng: replace(f, schedule=faster(f.schedule, rng))),
    ),
    Kind("column rate or period changed", column_change(faster)),
    Kind("arrival of rows off by one", feed_change),
    Kind("one tick fewer", fewer_ticks(columns=False)),
    Kind("one column tick fewer", fewer_ticks(columns=True)),
    Kind("demand dropped", change_firing(lambda plan, k, f: bool(f.demand), drop_demand)),
    Kind("demand added", change_firing(lambda plan, k, f: plan.stages[k].steps > 1 and not f.demand, add_demand)),
    Kind("padding value", change_firing(lambda plan, k, f: f.padding is not None, pad_value), silent=True),
    Kind("padding side", change_firing(lambda plan, k, f: True, pad_side), silent=True),
    Kind("state, scratch or stack understated", understated, silent=True),
    Kind("another way of input", other_input),
    Kind("loops over rows and columns exchanged", loops_exchanged),
    Kind("history a frame short", frames_changed(-1)),
    Kind("history a frame long, frames out of order", frames_changed(1)),
    Kind("history of one frame", kept_once),
    Kind("another clip length", clip_length, silent=True),
)


def several(graph: Graph, plan: Plan, rng: np.random.Generator) -> Plan | None:
    """Two or three of the faults that a run can show."""
    loud = [kind for kind in SINGLE if not kind.silent]
    changed = plan
    for _ in range(int(rng.integers(2, 4))):
        kind = pick(rng, loud)
        changed = (kind and kind.mutate(graph, changed, rng)) or changed
    return changed


KINDS = (*SINGLE, Kind("several faults", several))
