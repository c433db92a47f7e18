"""Chosen stages to a complete plan: buffers, lifetimes, offsets, sizes."""

from verify.graph.accounting import align, stack_reserve, state_bytes
from verify.graph.plan import Buffer, Feed, Firing, InputMode, Plan, Policy, Schedule, Stage
from verify.graph.tensor import Axis
from verify.plan.arena import Item, load_bound, pack
from verify.plan.stages import Draft, Ring, Uses, taken_over, whole_tensors


def build(uses: Uses, drafts: list[Draft], mode: InputMode, scheme: str) -> Plan:
    """The plan that runs `drafts` one after the other."""
    graph = uses.graph
    stages = tuple(_stage(uses, draft) for draft in drafts)
    rings = _rings(uses, drafts)
    items, groups = _items(uses, drafts, rings, mode)
    offsets, peak = pack(items)
    buffers = []
    for tensor in sorted(uses.producer):
        ring = rings.get(tensor)
        whole = ring is None or (ring.rows >= uses.rows(tensor) and ring.carry)
        external = tensor in graph.inputs and mode is InputMode.PATCHES
        policy = Policy.EXTERNAL if external else Policy.WHOLE if whole else Policy.RING
        offset = 0 if external else offsets[groups[tensor]]
        rows = uses.rows(tensor) if ring is None or whole else ring.rows
        carry = whole or (ring is not None and ring.carry)
        buffers.append(Buffer(tensor, policy, rows, offset, carry, uses.kept[tensor]))
    return Plan(
        model_name=graph.name,
        model_sha256=graph.sha256,
        scheme=scheme,
        input_mode=mode,
        stages=stages,
        buffers=tuple(buffers),
        arena_bytes=peak,
        state_bytes=state_bytes(len(graph.inputs), mode, graph.clip_frames > 1),
        scratch_bytes=max((node.op.scratch_bytes for node in graph.nodes), default=0),
        stack_bytes=stack_reserve(graph),
        clip_frames=graph.clip_frames,
    )


def peak_load(uses: Uses, drafts: list[Draft], mode: InputMode) -> int:
    """The largest sum of buffer sizes alive at one position: what a perfect packing of these stages would take."""
    return load_bound(_items(uses, drafts, _rings(uses, drafts), mode)[0])


def _stage(uses: Uses, draft: Draft) -> Stage:
    nodes = uses.graph.nodes[draft.start : draft.end]
    firings = [Firing(node.index, s, node.op.padding) for node, s in zip(nodes, draft.schedules, strict=True)]
    feeds = [Feed(t, Schedule(*_parts(draft.streams[t][0]))) for t in draft.fed]
    return Stage(Axis.HEIGHT, draft.ticks, tuple(feeds), tuple(firings))


def _parts(schedule: Schedule) -> tuple[int, int, int]:
    return schedule.rate, schedule.period, schedule.offset


def _rings(uses: Uses, drafts: list[Draft]) -> dict[int, Ring]:
    """The tensors that are kept as rings; all others stand whole."""
    rings: dict[int, Ring] = {}
    for draft in drafts:
        whole = set(whole_tensors(uses, draft))
        rings |= {tensor: ring for tensor, ring in draft.rings.items() if tensor not in whole}
    return rings


def _items(
    uses: Uses, drafts: list[Draft], rings: dict[int, Ring], mode: InputMode
) -> tuple[list[Item], dict[int, int]]:
    """What has to be packed, and which item each tensor is part of (tensors that take over storage share one)."""
    lives = _lifetimes(uses, drafts, rings)
    sizes = {
        t: align(
            min(rings[t].rows, uses.rows(t)) * uses.row_bytes(t) if t in rings else uses.kept[t] * uses.size_bytes(t)
        )
        for t in uses.producer
    }
    owner = {tensor: tensor for tensor in uses.producer}
    for number, node in enumerate(uses.graph.nodes):
        operand = taken_over(uses, number)
        output = node.outputs[0]
        if operand is None or (operand in uses.graph.inputs and mode is InputMode.PATCHES):
            continue
        if lives[operand][1] == lives[output][0] > lives[operand][0] and sizes[operand] == sizes[output]:
            owner[output] = owner[operand]
    members: dict[int, list[int]] = {}
    for tensor in uses.producer:
        if not (tensor in uses.graph.inputs and mode is InputMode.PATCHES):
            members.setdefault(owner[tensor], []).append(tensor)
    items = [Item(sizes[o], min(lives[t][0] for t in m), max(lives[t][1] for t in m)) for o, m in members.items()]
    groups = {tensor: number for number, m in enumerate(members.values()) for tensor in m}
    return items, groups


def _lifetimes(uses: Uses, drafts: list[Draft], rings: dict[int, Ring]) -> dict[int, tuple[int, int]]:
    """Positions [first, last] of each tensor; a position is a feed or a firing, counted over all stages."""
    graph, start = uses.graph, 0
    place: dict[int, int] = {}  # node number, or ~tensor for a feed -> position
    span: dict[int, tuple[int, int]] = {}  # the same -> first and last position of its stage, if it has several ticks
    for draft in drafts:
        keys = [~tensor for tensor in draft.fed] + list(range(draft.start, draft.end))
        for position, key in enumerate(keys, start):
            place[key] = position
            span[key] = (start, start + len(keys) - 1) if draft.ticks > 1 else (position, position)
        start += len(keys)
    lives = {}
    for tensor, producer in uses.producer.items():
        source = ~tensor if producer < 0 else producer
        keys = [key for key in (source, *uses.readers[tensor]) if key in place]
        if tensor in rings and not rings[tensor].carry:
            first, last = place[source], max(place[key] for key in keys)
        else:
            first = span[source][0] if source in place else -1  # a network input is there before everything
            last = max((span[key][1] for key in keys), default=-1)
        lives[tensor] = first, start - 1 if tensor in graph.outputs else last
        if uses.kept[tensor] > 1:  # its frames outlive every run
            lives[tensor] = -1, start - 1
    return lives
