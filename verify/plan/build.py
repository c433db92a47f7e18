"""Chosen stages to a complete plan: buffers, lifetimes, offsets, sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from verify.graph.accounting import align, state_bytes
from verify.graph.plan import Buffer, Feed, Firing, InputMode, Plan, Policy, Schedule, Stage
from verify.graph.tensor import Axis
from verify.plan import exact
from verify.plan.arena import Item
from verify.plan.draft import Draft, Shape, whole_tensors
from verify.plan.load import Standing, can_empty, drained, emptied, over_themselves, overlap, under, written
from verify.plan.uses import Uses, taken_over
from verify.targets.choice import Kernels
from verify.targets.stack import stack_reserve


@dataclass(frozen=True)
class Aim:
    """How well the buffers of a plan are to be placed.

    Args:
      enough: an arena of so many bytes will do; 0: the least is wanted.
      near: a plan of nearly the same stages, whose order of buffers is tried first.
      effort: of the solver that places what first fits do not (verify.plan.exact).
    """

    enough: int = 0
    near: Plan | None = None
    effort: int = exact.QUICK


LEAST = Aim()


def build(uses: Uses, drafts: list[Draft], mode: InputMode, scheme: str) -> Plan:
    """The plan that runs `drafts` one after the other."""
    return build_as_aimed(Standing(uses, mode), drafts, scheme)[0]


def build_as_aimed(standing: Standing, drafts: list[Draft], scheme: str, aim: Aim = LEAST) -> tuple[Plan, int]:
    """The same, and arena bytes that no other placement of its buffers goes below."""
    uses, mode = standing.uses, standing.mode
    graph, kernels = uses.graph, _kernels(uses, drafts)
    stages = tuple(_computed(_stage(uses, draft), kernels) for draft in drafts)
    rings = _rings(uses, drafts)
    items, groups = _items(uses, drafts, rings, mode)
    scratches, overlaps = _scratches(uses, drafts, kernels), _overlaps(uses, drafts, groups, len(items))
    past = align(_past_the_end(uses, kernels))
    first = _order(groups, list(scratches), len(items), aim.near) if aim.near else ()
    enough = max(0, aim.enough - past)
    alive = max(map(standing.peak, drafts), default=0)
    placement = exact.placed([*items, *scratches.values()], overlaps, enough, first, aim.effort, alive)
    offsets, peak = placement.offsets, placement.peak
    buffers = []
    for tensor in sorted(uses.producer):
        if tensor in graph.inputs and mode is InputMode.PATCHES:
            buffers.append(Buffer(tensor, Policy.EXTERNAL, uses.rows(tensor), 0))
            continue
        shape = rings.get(tensor) or Shape(uses.rows(tensor), 0, 0, True)
        policy = Policy.RING if tensor in rings else Policy.WHOLE
        place, kept = offsets[groups[tensor]], uses.kept[tensor]
        buffers.append(Buffer(tensor, policy, shape.rows, place, shape.carry, kept, shape.columns, shape.pixels))
    plan = Plan(
        model_name=graph.name,
        model_sha256=graph.sha256,
        scheme=scheme,
        input_mode=mode,
        stages=stages,
        buffers=tuple(buffers),
        arena_bytes=peak + past,
        state_bytes=state_bytes(len(graph.inputs), mode, graph.goes_on),
        scratch_bytes=max((kernels[node.index].scratch_bytes(node) for node in graph.nodes), default=0),
        stack_bytes=0,
        clip_frames=graph.clip_frames,
        subgraph=graph.subgraph,
        target=uses.target,
        left_out=graph.left_out,
        upright=graph.upright,
        phased=graph.phased,
    )
    plan = with_scratches(plan, dict(zip(scratches, offsets[len(items) :], strict=True)))
    return replace(plan, stack_bytes=stack_reserve(graph, plan, kernels)), placement.least + past


def _order(groups: Mapping[int, int], worked: Sequence[int], items: int, near: Plan) -> list[int]:
    """The items by where their buffers lie in another plan, lowest first; then those of working memory likewise."""
    offsets = {groups[buffer.tensor]: buffer.offset for buffer in near.buffers if buffer.tensor in groups}
    scratches = {firing.op: firing.scratch for stage in near.stages for firing in stage.firings}
    offsets |= {number: scratches[op] or 0 for number, op in enumerate(worked, items)}
    return sorted(offsets, key=lambda number: offsets[number])


def _kernels(uses: Uses, drafts: list[Draft]) -> Kernels:
    """Those of the drafts, where they have their own."""
    own = (zip(draft.nodes(uses), draft.kernels, strict=True) for draft in drafts if draft.kernels)
    return {**uses.kernels, **{node.index: kernel for stage in own for node, kernel in stage}}


def _scratches(uses: Uses, drafts: list[Draft], kernels: Kernels) -> dict[int, Item]:
    """The working memory of the operators' kernels that need some, each while its operator runs."""
    place, _ = _positions(drafts)
    sizes = {k: kernels[node.index].scratch_bytes(node) for k, node in enumerate(uses.graph.nodes)}
    return {uses.graph.nodes[k].index: Item(align(s), place[k], place[k]) for k, s in sizes.items() if s}


def with_scratches(plan: Plan, offsets: Mapping[int, int]) -> Plan:
    """The plan with working memory from `offsets` on, by operator."""
    return replace(
        plan,
        stages=tuple(
            replace(stage, firings=tuple(replace(f, scratch=offsets.get(f.op)) for f in stage.firings))
            for stage in plan.stages
        ),
    )


def _past_the_end(uses: Uses, kernels: Kernels) -> int:
    """Most bytes that a kernel reads behind an operand; whatever buffer is the last one, they must be there."""
    nodes = uses.graph.nodes
    return max((kernels[n.index].reads_past(n, k) for n in nodes for k in range(len(n.inputs))), default=0)


def _stage(uses: Uses, draft: Draft) -> Stage:
    if draft.fixed:
        return draft.fixed.stage
    nodes = uses.graph.nodes[draft.start : draft.end]
    columns = draft.columns.schedules if draft.columns else [None] * len(nodes)
    firings = []
    for number, (node, schedule, column) in enumerate(
        zip(nodes, draft.rows.schedules, columns, strict=True), draft.start
    ):
        if number in draft.demand:
            firings.append(Firing(node.index, Schedule(0, 1, 0), node.op.padding, column, (Axis.HEIGHT,)))
        else:
            firings.append(Firing(node.index, schedule, node.op.padding, column))
    feeds = [Feed(t, draft.rows.arriving[t][0]) for t in draft.fed]
    wide = draft.columns.ticks if draft.columns else 1
    return Stage(Axis.HEIGHT, draft.rows.ticks, tuple(feeds), tuple(firings), wide)


def _computed(stage: Stage, kernels: Kernels) -> Stage:
    """The stage with its kernels named."""
    return replace(stage, firings=tuple(replace(f, kernel=kernels[f.op].called) for f in stage.firings))


def _rings(uses: Uses, drafts: list[Draft]) -> dict[int, Shape]:
    """The tensors that are kept as rings; all others stand whole."""
    rings: dict[int, Shape] = {}
    for draft in drafts:
        whole, again = set(whole_tensors(uses, draft)), draft.recomputed(uses)
        for tensor in draft.kept:
            shape = draft.shape(uses, tensor)
            all_rows = shape.carry and not shape.columns and not shape.pixels and shape.rows >= uses.rows(tensor)
            # What is computed again never stands whole, even if all of it has a place.
            if tensor not in whole and (not all_rows or tensor in again):
                rings[tensor] = shape
    return rings


def _overlaps(uses: Uses, drafts: list[Draft], groups: dict[int, int], count: int) -> dict[tuple[int, int], int]:
    """Pairs of items of which a stage may write the second over the first (verify.plan.arena.Overlaps)."""
    members: list[list[int]] = [[] for _ in range(count)]
    for tensor, group in groups.items():
        members[group].append(tensor)
    found = {}
    for draft in drafts:
        if draft.at_once or draft.fixed:
            continue
        results = [t for t in whole_tensors(uses, draft) if uses.kept[t] == 1]
        for operand in emptied(uses, draft):
            for result in results:
                if operand not in groups or members[groups[operand]][-1] != operand:
                    continue
                # What shares the result's storage in place comes after this stage, and then this is all that is alive
                # of both items at once.
                stays = uses.last[result] >= draft.end
                alone = members[groups[result]] == [result] and not can_empty(uses, draft, result)
                if members[groups[result]][0] == result and (stays or alone):
                    found[groups[operand], groups[result]] = overlap(uses, draft, operand, result)
        found |= _under_operands(uses, draft, results, groups, members)
        for result in results:
            if members[groups[result]][0] == result and uses.last[result] >= draft.end:
                found |= _over_rings(uses, draft, result, groups, members)
    return found


def _under_operands(
    uses: Uses, draft: Draft, results: Sequence[int], groups: Mapping[int, int], members: Sequence[Sequence[int]]
) -> dict[tuple[int, int], int]:
    """Pairs of an operand and the largest ring, if that may be filled while the operand's first rows die."""
    sizes = {
        t: draft.shape(uses, t).size(uses, t) for t in draft.kept if t not in results and draft.shape(uses, t).carry
    }
    ring = max(sizes, key=lambda t: sizes[t], default=None)
    if ring is None or ring not in groups or members[groups[ring]] != [ring]:
        return {}
    size = align(sizes[ring])
    operands = [t for t in emptied(uses, draft) if t in groups and members[groups[t]][-1] == t]
    found = {(groups[t], groups[ring]): under(uses, draft, t, ring, size) for t in operands}
    return {pair: below for pair, below in found.items() if below < size}


def _over_rings(
    uses: Uses, draft: Draft, result: int, groups: Mapping[int, int], members: Sequence[Sequence[int]]
) -> dict[tuple[int, int], int]:
    """Pairs of a ring and a result whose last rows may be written over it, since the ring is no longer needed then."""
    found = {}
    ends = written(uses, draft, result, draft.rows.ticks) * uses.row_bytes(result)
    rings = {t for t in draft.kept if draft.shape(uses, t).carry}.difference(whole_tensors(uses, draft))
    for group in {groups[t] for t in rings if t in groups and rings.issuperset(members[groups[t]])}:
        end = max(drained(uses, draft, t) for t in members[group])
        if end < draft.rows.ticks and ends[end - 1] < ends[-1]:
            found[group, groups[result]] = align(int(ends[end - 1]))
    return found


def _items(
    uses: Uses, drafts: list[Draft], rings: dict[int, Shape], mode: InputMode
) -> tuple[list[Item], dict[int, int]]:
    """What has to be packed, and which item each tensor is part of (tensors that take over storage share one)."""
    lives = _lifetimes(uses, drafts, rings)
    sizes = {
        t: align(rings[t].size(uses, t) if t in rings else uses.kept[t] * uses.size_bytes(t)) for t in uses.producer
    }
    owner = {tensor: tensor for tensor in uses.producer}
    own = {result: operand for draft in drafts for operand, result in _over_themselves(uses, draft, mode).items()}
    for number, node in enumerate(uses.graph.nodes):
        owner |= {result: owner[own[result]] for result in node.outputs if result in own}
        operand = taken_over(uses, number)
        output = node.outputs[0]
        if operand is None or (operand in uses.graph.inputs and mode is InputMode.PATCHES):
            continue
        if lives[operand][1] == lives[output][0] > lives[operand][0] and rings.get(operand) == rings.get(output):
            owner[output] = owner[operand]
    members: dict[int, list[int]] = {}
    for tensor in uses.producer:
        if not (tensor in uses.graph.inputs and mode is InputMode.PATCHES):
            members.setdefault(owner[tensor], []).append(tensor)
    items = [Item(sizes[o], min(lives[t][0] for t in m), max(lives[t][1] for t in m)) for o, m in members.items()]
    groups = {tensor: number for number, m in enumerate(members.values()) for tensor in m}
    return items, groups


def _over_themselves(uses: Uses, draft: Draft, mode: InputMode) -> dict[int, int]:
    if draft.at_once or draft.fixed:
        return {}
    lent = uses.graph.inputs if mode is InputMode.PATCHES else ()
    return {operand: result for operand, result in over_themselves(uses, draft).items() if operand not in lent}


def _lifetimes(uses: Uses, drafts: list[Draft], rings: dict[int, Shape]) -> dict[int, tuple[int, int]]:
    """Positions [first, last] of each tensor; a position is a feed or a firing, counted over all stages."""
    graph, (place, span) = uses.graph, _positions(drafts)
    end = len(place)
    lives = {}
    for tensor, producer in uses.producer.items():
        source = ~tensor if producer < 0 else producer
        keys = [key for key in (source, *uses.readers[tensor]) if key in place]
        if tensor in rings and not rings[tensor].carry:
            first, last = place[source], max(place[key] for key in keys)
        else:
            first = span[source][0] if source in place else -1  # a network input is there before everything
            last = max((span[key][1] for key in keys), default=-1)
        lives[tensor] = first, end - 1 if tensor in graph.outputs else last
        if uses.kept[tensor] > 1:  # its frames outlive every run
            lives[tensor] = -1, end - 1
    return lives


def _positions(drafts: list[Draft]) -> tuple[dict[int, int], dict[int, tuple[int, int]]]:
    """Where each node, by number, and each feed (~tensor) stands; the same to where its stage of several ticks does."""
    place: dict[int, int] = {}
    span: dict[int, tuple[int, int]] = {}
    start = 0
    for draft in drafts:
        keys = [~tensor for tensor in draft.fed] + list(range(draft.start, draft.end))
        for position, key in enumerate(keys, start):
            place[key] = position
            span[key] = (start, start + len(keys) - 1) if draft.steps > 1 else (position, position)
        start += len(keys)
    return place, span
