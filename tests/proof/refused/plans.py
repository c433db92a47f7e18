"""Plans that no planner writes, each of one kind: proved by what can be said of rows alone, and wrong as C.

Every function gives a small model, or its program of one frame, and such a plan.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.clip.test_per_frame import causal_window
from tests.random_models import Net
from verify.clip import per_frame
from verify.graph.graph import Graph
from verify.graph.plan import Feed, InputMode, Plan, Policy, Schedule, Stage
from verify.graph.tensor import Axis
from verify.plan.request import Request
from verify.plan.search import make_plan


@dataclass(frozen=True)
class Refused:
    """A kind of plan. `names`: words of which a refusal has to contain one, as a regular expression."""

    make: Callable[[], tuple[Graph, Plan]]
    names: str


def with_stages(plan: Plan, *stages: Stage) -> Plan:
    return replace(plan, stages=stages)


def changed(plan: Plan, tensor: int, **values: object) -> Plan:
    """The plan with other values for the buffer of one tensor."""
    return replace(plan, buffers=tuple(replace(b, **values) if b.tensor == tensor else b for b in plan.buffers))


def spread(plan: Plan) -> Plan:
    """Every buffer in bytes of its own, 512 each."""
    buffers = tuple(replace(buffer, offset=512 * k) for k, buffer in enumerate(plan.buffers))
    return replace(plan, buffers=buffers, arena_bytes=512 * len(buffers))


def layers(graph: Graph, mode: InputMode = InputMode.WHOLE) -> Plan:
    return make_plan(graph, Request("layer", mode))


# -- reshapes ---------------------------------------------------------------------------------------------------


def narrower() -> Graph:
    """The second convolution sees the first one's columns in pairs."""
    net = Net(3)
    x = net.conv(net.input(1, 8, 8, 2), 4, (3, 3), (1, 1), (1, 1))
    x = net.conv(net.reshape(x, 1, 8, 4, 8), 4, (3, 3), (1, 1), (1, 1))
    net.conv(x, 4, (3, 3), (1, 1), (1, 1))
    return net.graph()


def demand_along_width_through_a_reshape() -> tuple[Graph, Plan]:
    """In a stage of one column tick: the reader's columns are not those of what it reads."""
    graph = narrower()
    plan = spread(layers(graph))
    first, second = (stage.firings[0] for stage in plan.stages[:2])
    followed = replace(first, schedule=Schedule(1, 1, 1), demand=(Axis.WIDTH,))
    rows = Stage(Axis.HEIGHT, 9, (), (followed, replace(second, schedule=Schedule(1, 1, 0))))
    ring = graph.nodes[0].outputs[0]
    plan = changed(with_stages(plan, rows, plan.stages[2]), ring, policy=Policy.RING, rows=3)
    return graph, replace(plan, stack_bytes=2048)


def ring_of_all_rows_seen_as_more() -> tuple[Graph, Plan]:
    """The writer has 8 rows, the reader sees 16."""
    net = Net(4)
    x = net.conv(net.input(1, 8, 8, 2), 4, (3, 3), (1, 1), (1, 1))
    net.conv(net.reshape(x, 1, 16, 4, 4), 4, (3, 3), (1, 1), (1, 1))
    graph = net.graph()
    return graph, changed(layers(graph), graph.nodes[0].outputs[0], policy=Policy.RING)


def column_ticks_over_a_reshaped_operand() -> tuple[Graph, Plan]:
    """The stage before computes the operand whole, under another width."""
    graph = narrower()
    plan = layers(graph)
    stage = plan.stages[1]
    firing = replace(stage.firings[0], columns=Schedule(1, 1, 1))
    columns = replace(stage, columns=4, firings=(firing,))
    return graph, replace(with_stages(plan, plan.stages[0], columns, plan.stages[2]), stack_bytes=2048)


# -- inputs -----------------------------------------------------------------------------------------------------


def two_feeds() -> tuple[Graph, Plan]:
    """Rows of two network inputs arrive while stage 0 runs; the C has one such input."""
    net = Net(5)
    a, b = net.input(1, 8, 8, 2), net.input(1, 8, 8, 2)
    net.add(net.conv(a, 4, (3, 3), (1, 1), (1, 1)), net.conv(b, 4, (3, 3), (1, 1), (1, 1)))
    graph = net.graph()
    plan = spread(layers(graph, InputMode.ROWS))
    firings = tuple(replace(stage.firings[0], schedule=Schedule(1, 1, 0)) for stage in plan.stages)
    feeds = tuple(Feed(tensor, Schedule(1, 1, 1)) for tensor in graph.inputs)
    plan = with_stages(plan, Stage(Axis.HEIGHT, 9, feeds, firings))
    for tensor in graph.inputs:
        plan = changed(plan, tensor, policy=Policy.RING, rows=3)
    for node in graph.nodes[:2]:
        plan = changed(plan, node.outputs[0], policy=Policy.RING, rows=1, carry=False)
    return graph, plan


def outside_input_with_an_offset() -> tuple[Graph, Plan]:
    """The caller's frame has no bytes before it: an offset would be added to the caller's pointer."""
    graph = one_convolution()
    return graph, changed(layers(graph, InputMode.PATCHES), graph.inputs[0], offset=4096)


# -- stack ------------------------------------------------------------------------------------------------------


def tiled_rings_in_one_column_tick() -> tuple[Graph, Plan]:
    """Twenty operators on tiles, with a region on the stack although the stage has one column tick."""
    net = Net(7)
    x = net.input(1, 16, 8, 2)
    for _ in range(20):
        x = net.conv(x, 2, (3, 3), (1, 1), (1, 1))
    graph = net.graph()
    plan = spread(layers(graph))
    firings = tuple(replace(s.firings[0], schedule=Schedule(1, 1, -k)) for k, s in enumerate(plan.stages))
    plan = with_stages(plan, Stage(Axis.HEIGHT, 38, (), firings))
    for node in graph.nodes[:-1]:
        plan = changed(plan, node.outputs[0], policy=Policy.RING, rows=3, columns=8)
    return graph, replace(plan, stack_bytes=400)


# -- frames -----------------------------------------------------------------------------------------------------


def sliding_over_frames_at_a_later_tick() -> tuple[Graph, Plan]:
    """By its schedule it runs at the last tick; until then its result's bytes are those of rows still to be read."""
    graph = per_frame(causal_window(4))
    plan = layers(graph)
    convolution, slider = (stage.firings[0] for stage in plan.stages[:2])
    firings = (replace(convolution, schedule=Schedule(3, 1, 3)), replace(slider, schedule=Schedule(1, 1, -1)))
    plan = with_stages(plan, Stage(Axis.HEIGHT, 3, (), firings), *plan.stages[2:])
    before = next(b for b in plan.buffers if b.tensor == graph.inputs[0])
    return graph, changed(plan, graph.nodes[1].outputs[0], offset=before.offset)


def sliding_over_frames_by_columns() -> tuple[Graph, Plan]:
    """Its operand's rows are frames, one slot each; the part of a region that it may read is none of them."""
    graph = per_frame(causal_window(4))
    plan = layers(graph)
    slider = replace(plan.stages[1].firings[0], columns=Schedule(15, 1, 15))
    stage = replace(plan.stages[1], columns=2, firings=(slider,))
    return graph, replace(with_stages(plan, plan.stages[0], stage, *plan.stages[2:]), stack_bytes=2048)


# -- numbers ----------------------------------------------------------------------------------------------------


def one_convolution() -> Graph:
    net = Net(6)
    net.conv(net.input(1, 8, 8, 2), 4, (3, 3), (1, 1), (1, 1))
    return net.graph()


def arena_of_two_to_the_33() -> tuple[Graph, Plan]:
    graph = one_convolution()
    return graph, replace(layers(graph), arena_bytes=2**33)


def buffer_beyond_two_to_the_31() -> tuple[Graph, Plan]:
    graph = one_convolution()
    plan = changed(layers(graph), graph.inputs[0], offset=2**32)
    return graph, replace(plan, arena_bytes=2**32 + 128)


def time_step_of_two_to_the_31() -> tuple[Graph, Plan]:
    graph = per_frame(causal_window(4))
    return graph, replace(layers(graph), time_step=2**31)


def frames_of_an_image() -> tuple[Graph, Plan]:
    """An image has no frames; the C has no counter of them."""
    graph = one_convolution()
    plan = layers(graph)
    return graph, spread(changed(plan, graph.inputs[0], frames=3))


def frames_of_a_result() -> tuple[Graph, Plan]:
    """No later frame reads it; what is handed out is the first of its places."""
    graph = per_frame(causal_window(4))
    return graph, spread(changed(layers(graph), graph.outputs[0], frames=2))


def stack_of_two_to_the_33() -> tuple[Graph, Plan]:
    graph = one_convolution()
    return graph, replace(layers(graph), stack_bytes=2**33)


def schedule_beyond_32_bits_on_the_way() -> tuple[Graph, Plan]:
    """Rate times tick is beyond, and so is the sum at tick -1; the sum at the last tick is not."""
    graph = one_convolution()
    plan = layers(graph)
    firing = replace(plan.stages[0].firings[0], schedule=Schedule(2**29, 1, -(2**31) + 1))
    return graph, with_stages(plan, replace(plan.stages[0], ticks=6, firings=(firing,)))


# -- stages -----------------------------------------------------------------------------------------------------


def stage_without_operators() -> tuple[Graph, Plan]:
    graph = one_convolution()
    plan = layers(graph)
    return graph, with_stages(plan, *plan.stages, replace(plan.stages[0], firings=()))


def demand_beside_an_operator_without_regions() -> tuple[Graph, Plan]:
    """One operator that follows demand makes regions of all in its stage; a mean over the width has none."""
    net = Net(6)
    x = net.conv(net.input(1, 8, 8, 2), 4, (3, 3), (1, 1), (1, 1))
    x = net.conv(x, 4, (3, 3), (1, 1), (1, 1))
    net.mean(x, axes=(1, 2))
    graph = net.graph()
    plan = spread(layers(graph))
    first, second, mean = (stage.firings[0] for stage in plan.stages)
    followed = replace(first, schedule=Schedule(0, 1, 0), demand=(Axis.HEIGHT,))
    plan = with_stages(plan, Stage(Axis.HEIGHT, 1, (), (followed, second, mean)))
    return graph, changed(plan, graph.nodes[0].outputs[0], policy=Policy.RING)


def padding_at_the_ends_of_no_image() -> tuple[Graph, Plan]:
    """The claim is about rows and columns of images; a dense layer has neither."""
    net = Net(6)
    net.dense(net.input(1, 8), 3)
    graph = net.graph()
    plan = layers(graph)
    return graph, with_stages(plan, replace(plan.stages[0], pads_ends=True))


KINDS = {
    "demand along width, read through a reshape": Refused(demand_along_width_through_a_reshape, "demand.*(op|tensor) "),
    "ring of all rows, read as more rows": Refused(ring_of_all_rows_seen_as_more, "tensor|ring"),
    "column ticks over a reshaped operand": Refused(column_ticks_over_a_reshaped_operand, "column"),
    "two feeds": Refused(two_feeds, "are fed"),
    "outside input with an offset": Refused(outside_input_with_an_offset, "offset"),
    "tiled rings in one column tick": Refused(tiled_rings_in_one_column_tick, "stack"),
    "sliding over frames at a later tick": Refused(sliding_over_frames_at_a_later_tick, "frames"),
    "sliding over frames by columns": Refused(sliding_over_frames_by_columns, "frames"),
    "arena of 2^33 bytes": Refused(arena_of_two_to_the_33, "arena"),
    "buffer beyond 2^31": Refused(buffer_beyond_two_to_the_31, "offset is 4294967296"),
    "time step of 2^31": Refused(time_step_of_two_to_the_31, "step"),
    "frames of an image": Refused(frames_of_an_image, "frames"),
    "frames of a result": Refused(frames_of_a_result, "2 frames"),
    "stack of 2^33 bytes": Refused(stack_of_two_to_the_33, "stack"),
    "schedule beyond 32 bits on the way": Refused(schedule_beyond_32_bits_on_the_way, "32 bits"),
    "stage without operators": Refused(stage_without_operators, "stage 1"),
    "demand beside an operator without regions": Refused(demand_beside_an_operator_without_regions, "MEAN.*by columns"),
    "padding at the ends of no image": Refused(padding_at_the_ends_of_no_image, "patches of images"),
}
