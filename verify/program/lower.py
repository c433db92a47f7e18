"""A plan to the program that runs it: stages, regions, calls and views as numbers.

Nothing is decided here; offsets, rings and schedules are the plan's. What a program cannot express is refused by name.
"""

import hashlib

from verify.graph.graph import Graph, Node
from verify.graph.plan import Buffer, Firing, Plan, Policy, Schedule
from verify.graph.plan import Stage as PlannedStage
from verify.graph.plan_json import plan_to_json
from verify.graph.tensor import Axis, row_count
from verify.graph.window import Window
from verify.ops.regions import schedule_of
from verify.ops.streaming import edge_window, extent
from verify.program.exits import exit_of
from verify.program.frames import clip_of
from verify.program.program import (
    Base,
    Bytes,
    Call,
    Feed,
    Fixed,
    Hull,
    Interval,
    Need,
    Pixels,
    Place,
    Port,
    Program,
    Region,
    Rows,
    Stage,
    Steady,
    Stored,
    Turn,
    View,
)
from verify.program.refuse import NotExpressibleError, require, require_int32
from verify.program.reuse import reuse_of
from verify.program.views import Views
from verify.targets.choice import Kernels, kernels_of
from verify.targets.flash import constant_bytes
from verify.targets.target import NoKernelError


def lower(
    graph: Graph,
    plan: Plan,
    reuse_rows: bool = False,
    early_exit: int | None = None,
) -> Program:
    """The program of a plan that names every operator and tensor once.

    Args:
      graph, plan: what is to run.
      reuse_rows: whether frames of which only some rows changed can be pushed (verify.program.reuse).
      early_exit: the output that may answer early (verify.program.exits), or None.

    Raises:
      NotExpressibleError: see there.
      NoReuseError, NoExitError: an option does not fit the model or its plan.
    """
    kernels = _kernels(graph, plan)
    weights = constant_bytes(graph, kernels)
    views = Views(graph, plan)
    require_int32("plan", arena_bytes=plan.arena_bytes, state_bytes=plan.state_bytes, stack_bytes=plan.stack_bytes)
    require_int32("plan", scratch_bytes=plan.scratch_bytes, sram_bytes=plan.sram_bytes, time_step=plan.time_step)
    text = f"the time step is {plan.time_step}, but the plan is not one of frames of a clip"
    require(plan.time_step == 1 or graph.goes_on, "C8", "plan", text)
    for number, stage in enumerate(plan.stages):
        require(bool(stage.firings), "C1", f"stage {number}", "has no operator; a stage runs at least one")
    feed = _feed(graph, plan)
    order = [k for k in range(len(graph.inputs)) if feed is None or k != feed.input]
    return Program(
        model_sha256=graph.sha256,
        plan_sha256=hashlib.sha256(plan_to_json(plan).encode()).hexdigest(),
        target=plan.target,
        bytes=Bytes(
            plan.arena_bytes, plan.state_bytes, plan.scratch_bytes, plan.stack_bytes, weights, plan.flash_budget
        ),
        inputs=tuple(_port(views, t, s, True) for t, s in zip(graph.inputs, graph.input_shapes, strict=True)),
        outputs=tuple(_port(views, t, s, False) for t, s in zip(graph.outputs, graph.output_shapes, strict=True)),
        push_order=tuple(order if feed is None else [*order, feed.input]),
        feed=feed,
        stages=tuple(_Lowering(views, plan, number, kernels).stage() for number in range(len(plan.stages))),
        clip=clip_of(graph, plan),
        reuse=reuse_of(graph, plan) if reuse_rows else None,
        early_exit=None if early_exit is None else exit_of(graph, plan, early_exit),
        camera=plan.camera,
        head_bytes=plan.head_bytes,
        name=graph.name,
        memory=_memory(graph, plan, views),
    )


def _kernels(graph: Graph, plan: Plan) -> Kernels:
    try:
        return kernels_of(graph, plan)
    except NoKernelError as error:
        raise NotExpressibleError("C1", "plan", str(error)) from None


def _feed(graph: Graph, plan: Plan) -> Feed | None:
    """The rows that drive the first stage."""
    for number, stage in enumerate(plan.stages):
        text = f"{len(stage.feeds)} inputs are fed; only stage 0 can be fed, by the rows of one input"
        require(len(stage.feeds) <= (number == 0), "C1", f"stage {number}", text)
    feeds = plan.stages[0].feeds if plan.stages else ()
    if not feeds:
        return None
    subject = f"feed of tensor {feeds[0].tensor}"
    arrival = _steady(subject, feeds[0].schedule, graph.tensors[feeds[0].tensor].rows, plan.stages[0].ticks)
    return Feed(graph.inputs.index(feeds[0].tensor), arrival)


def _steady(subject: str, schedule: Schedule, total: int, ticks: int) -> Steady:
    # The C counts from tick -1 to `ticks`; no sum on the way may leave int32.
    furthest = abs(schedule.offset) + schedule.rate * (ticks + 1)
    require_int32(subject, rate=schedule.rate, period=schedule.period, offset=schedule.offset, furthest_sum=furthest)
    require_int32(subject, grain=schedule.grain, rows_in_grains=total + schedule.grain)
    return Steady(schedule, total)


def _port(views: Views, tensor: int, shape: tuple[int, ...], pushed: bool) -> Port:
    data = views.graph.tensors[tensor]
    rows = data.rows if pushed else row_count(shape)
    quantization = data.quantization
    return Port(
        tensor=tensor,
        shape=shape,
        dtype=data.dtype.value,
        size_bytes=data.size_bytes,
        rows=rows,
        row_bytes=data.size_bytes // rows,
        view=views.rows(tensor, data.shape) if pushed else views.rows(tensor, shape),
        scale=quantization.scale[0] if quantization else None,
        zero_point=quantization.zero_point[0] if quantization else None,
        name=data.name,
    )


class _Lowering:
    """One stage on its way."""

    def __init__(self, views: Views, plan: Plan, number: int, kernels: Kernels):
        self.views, self.graph, self.number, self.kernels = views, views.graph, number, kernels
        self.planned: PlannedStage = plan.stages[number]
        self.clip = self.graph.goes_on
        self.regions: list[Region] = []
        self.region_of: dict[int, int] = {}

    def stage(self) -> Stage:
        planned = self.planned
        for firing in reversed(planned.firings):  # readers first: demand follows them
            self.region_of[firing.op] = self._number(self._region(firing))
        ops = {firing.op for firing in planned.firings}
        return Stage(
            row_ticks=planned.ticks,
            column_ticks=planned.columns,
            columns_outside=planned.axis is Axis.WIDTH and planned.steps > 1,
            idle=self.clip and not planned.feeds and not self.graph.feeds_later_frames() & ops,
            regions=tuple(self.regions),
            calls=tuple(self._call(firing) for firing in planned.firings),
        )

    def _number(self, region: Region) -> int:
        """Its number in the stage; equal regions are computed once."""
        if region not in self.regions:
            self.regions.append(region)
        return self.regions.index(region)

    def _splits(self, firing: Firing) -> bool:
        """Whether it is computed by regions of rows and columns."""
        node, buffers = self.graph.by_index[firing.op], self.views.buffers
        tiled = any(buffers[t].tiled for t in (*node.inputs, *node.outputs) if t in buffers)
        return self.planned.columns > 1 or tiled or any(other.demand for other in self.planned.firings)

    def _region(self, firing: Firing) -> Region:
        node = self.graph.by_index[firing.op]
        if node.slides_over_frames:
            text = f"slides over frames, in a stage of {self.planned.steps} steps; it runs once per frame"
            require(self.planned.steps == 1 and not self._splits(firing), "C8", node.label, text)
            return Region(Turn(self.views.buffers[node.inputs[0]].frames, node.delays_of(0)[0]))
        rows = self._interval(firing, node, Axis.HEIGHT)
        return Region(rows, self._interval(firing, node, Axis.WIDTH) if self._splits(firing) else None)

    def _interval(self, firing: Firing, node: Node, axis: Axis) -> Interval:
        total, schedule = extent(node, axis), schedule_of(firing, axis)
        ticks = self.planned.ticks if axis is Axis.HEIGHT else self.planned.columns
        if axis in firing.demand:
            return Hull(total, tuple(self._needs(node, axis)))
        if schedule is None:
            return Fixed(0, total)
        steady = _steady(node.label, schedule, total, ticks)
        return steady if ticks > 1 else Fixed(0, schedule.frontier(0, total))

    def _needs(self, node: Node, axis: Axis) -> list[Need]:
        found: list[Need] = []
        for firing in self.planned.firings:
            reader = self.graph.by_index[firing.op]
            for operand, tensor in enumerate(reader.inputs):
                if tensor not in node.outputs:
                    continue
                window = edge_window(self.graph, reader, operand, node, axis)
                text = f"follows the demand of {reader.label} along {axis.value}, which reads it without a window there"
                require(window is not None and firing.op in self.region_of, "C2", node.label, text)
                assert window is not None
                span = Window(window.reach, window.stride, 1, window.pad_before, window.upsample, window.short)
                need = Need(self.region_of[firing.op], span)
                if need not in found:
                    found.append(need)
        return found

    def _call(self, firing: Firing) -> Call:
        node = self.graph.by_index[firing.op]
        kernel = self.kernels[firing.op]
        shapes = list(zip(node.outputs, node.output_shapes, strict=True))
        operands = list(zip(node.inputs, node.input_shapes, strict=True))
        label = f"op {node.index} {node.op.kind}"
        region = self.region_of[firing.op]
        if node.slides_over_frames:
            outputs = tuple(self.views.rows(t, s) for t, s in shapes)
            scratch = self._scratch(firing, node, False)
            return Call(node.index, kernel.name, (self.views.frames(node),), outputs, region, scratch, label, node.name)
        delays = [max(node.delays_of(operand)) for operand in range(len(operands))]
        see, name = self.views.rows, kernel.name
        if self._splits(firing):
            text = f"is split by columns, but {kernel.name} has no function for regions of it"
            require(kernel.tiles(node), "C1", node.label, text)
            see, name = self.views.pixels, kernel.tile_name
        inputs = tuple(see(t, s, d) for (t, s), d in zip(operands, delays, strict=True))
        outputs, scratch = tuple(see(t, s) for t, s in shapes), self._scratch(firing, node, self._splits(firing))
        return Call(node.index, name, inputs, outputs, region, scratch, label, node.name)

    def _scratch(self, firing: Firing, node: Node, by_pixels: bool) -> View | None:
        """The working memory of a firing's kernel."""
        size = self.kernels[firing.op].scratch_bytes(node)
        text = f"works in {size} bytes, but the plan says {firing.scratch} for where they begin"
        require((size > 0) == (firing.scratch is not None), "C4", node.label, text)
        if firing.scratch is None:
            return None
        require_int32(node.label, scratch=firing.scratch, scratch_bytes=size)
        place = Place(Base.SCRATCH, firing.scratch, node.index)
        return Pixels(-1, place, size, 1, 1, 1) if by_pixels else Rows(-1, place, size, 1)


def _memory(graph: Graph, plan: Plan, views: Views) -> tuple[Stored, ...]:
    lines = [
        Stored(b.tensor, graph.tensors[b.tensor].name, b.offset, _size(graph, b, views), _kept(graph, b, views))
        for b in plan.buffers
        if b.policy is not Policy.EXTERNAL
    ]
    return tuple(sorted(lines, key=lambda line: (line.offset, line.tensor)))


def _size(graph: Graph, buffer: Buffer, views: Views) -> int:
    data = graph.tensors[buffer.tensor]
    if buffer.tiled:
        return buffer.frames * buffer.slots(data.shape[-2]) * data.shape[-1] * data.dtype.size_bytes
    return buffer.frames * buffer.rows * (data.size_bytes // views.written_rows(buffer.tensor))


def _kept(graph: Graph, buffer: Buffer, views: Views) -> str:
    if buffer.pixels:
        return f"the last {buffer.pixels} pixels"
    if buffer.columns:
        return f"a tile of {buffer.rows} x {buffer.columns} pixels"
    rows = views.written_rows(buffer.tensor)
    kept = "whole" if buffer.policy is Policy.WHOLE else f"{buffer.rows} of {rows} rows"
    return f"{buffer.frames} frames" if buffer.frames > 1 else kept
