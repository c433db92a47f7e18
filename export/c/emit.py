"""A proved plan to C99 text that runs exactly that plan: stage by stage, tick by tick, firing by firing.

Text goes through two templates (export/c/templates); the constants, which are most of it, are written by
export.c.text. Nothing here decides anything: offsets, ring rows and schedules are the plan's.
"""

import hashlib
import math
from dataclasses import dataclass

import jinja2

import verify
from export.c.early_exit import exit_value
from export.c.regions import INT32_MAX, ExportError, frontier_text, stage_regions_text
from export.c.reuse import NoReuseError, reuse_value
from export.c.text import call_text, constant_text
from verify.graph.accounting import history_bytes
from verify.graph.early_exit import NoExitError
from verify.graph.graph import Graph, Node
from verify.graph.plan import Buffer, Feed, Firing, Plan, Policy, Stage
from verify.graph.plan_json import plan_to_json
from verify.graph.tensor import Axis, DType, Tensor, row_count
from verify.ops.streaming import written_rows
from verify.proof.check import ProvedPlan
from verify.targets.call import Constant, KernelCall
from verify.targets.choice import kernels_of
from verify.targets.flash import constant_bytes

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("export.c"), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
)
_STORABLE = (DType.INT8, DType.UINT8, DType.INT32, DType.FLOAT32)


@dataclass(frozen=True)
class Interface:
    """One network input or output as the generated header describes it. `scale` is "" where there is none."""

    text: str
    shape: tuple[int, ...]
    dtype: str
    size_bytes: int
    rows: int
    row_bytes: int
    offset: int
    capacity: int
    frames: int
    scale: str
    zero_point: int


@dataclass(frozen=True)
class Call:
    """One kernel call of a stage function, every argument as C text.

    `span` is the last arguments: the rows "first, last", or a region's name where the kernel is one for regions.
    """

    text: str
    kernel: str
    params: str
    inputs: list[str]
    outputs: list[str]
    span: str
    tile: bool = False


def emit(proved: ProvedPlan, reuse_rows: bool = False, early_exit: int | None = None) -> dict[str, str]:
    """The generated files: name -> text.

    Args:
      proved: the plan.
      reuse_rows: whether to write `stj_model_push_frame_rows` (export.c.reuse).
      early_exit: the output that may answer early (export.c.early_exit), or None.

    Raises:
      ExportError: a number of the plan does not fit the C code's int32 arithmetic, or an option does not fit the model.
    """
    graph, plan = proved.graph, proved.plan
    kernels = kernels_of(graph, plan)
    calls = {node.index: kernels[node.index].call(node, f"op_{node.index}") for node in graph.nodes}
    model = _model(graph, plan, calls)
    try:
        model["reuse"] = reuse_value(graph, plan) if reuse_rows else None
        model["exit"] = None if early_exit is None else exit_value(graph, plan, early_exit)
    except NoReuseError as error:
        raise ExportError(f"rows cannot be reused: {error}") from None
    except NoExitError as error:
        raise ExportError(f"no early exit: {error}") from None
    return {
        "stj_model.h": _TEMPLATES.get_template("stj_model.h.j2").render(m=model),
        "stj_model.c": _TEMPLATES.get_template("stj_model.c.j2").render(m=model),
        "stj_model_constants.h": _constants_text(graph, calls),
    }


def _model(graph: Graph, plan: Plan, calls: dict[int, KernelCall]) -> dict[str, object]:
    feeds = plan.stages[0].feeds if plan.stages else ()
    feed_input = graph.inputs.index(feeds[0].tensor) if feeds else None
    order = [k for k in range(len(graph.inputs)) if k != feed_input]
    stages = [_stage(graph, plan, stage, calls) for stage in plan.stages]
    return {
        "name": "".join(c if c.isalnum() or c in "._-" else "_" for c in graph.name),
        "version": verify.__version__,
        "model_sha256": graph.sha256,
        "plan_sha256": hashlib.sha256(plan_to_json(plan).encode()).hexdigest(),
        "arena_bytes": plan.arena_bytes,
        "state_bytes": plan.state_bytes,
        "scratch_bytes": plan.scratch_bytes,
        "stack_bytes": plan.stack_bytes,
        "sram_bytes": plan.sram_bytes,
        "flash_budget": plan.flash_budget,
        "weight_bytes": constant_bytes(graph, kernels_of(graph, plan)),
        "external": any(buffer.policy is Policy.EXTERNAL for buffer in plan.buffers),
        "inputs": [_interface(graph, plan, t, s) for t, s in zip(graph.inputs, graph.input_shapes, strict=True)],
        "outputs": [_interface(graph, plan, t, s) for t, s in zip(graph.outputs, graph.output_shapes, strict=True)],
        "push_order": order if feed_input is None else [*order, feed_input],
        "headers": sorted({f"{call.kernel}.h" for call in calls.values()}),
        "stages": stages,
        "regions": any(stage["regions"] for stage in stages),
        "clip": _clip(graph, plan) if graph.clip_frames > 1 else None,
        "feed": _feed(graph, feeds[0], plan.stages[0].ticks) if feeds else None,
    }


def _clip(graph: Graph, plan: Plan) -> dict[str, object]:
    """What the generated code needs to know about time."""
    kept = [buffer for buffer in plan.buffers if buffer.frames > 1]
    period = math.lcm(*(buffer.frames for buffer in kept))
    if period > INT32_MAX // 2:
        raise ExportError(f"the frames kept of its tensors repeat together only after {period} frames")
    fills = [
        {"offset": buffer.offset, "size": _size(graph, buffer), "value": graph.fills[buffer.tensor]}
        for buffer in kept
        if buffer.tensor in graph.fills
    ]
    # A frame is repeated by leaving out the stages that feed later frames: they must do nothing else.
    feeds = graph.feeds_later_frames()
    apart = all(len(feeds & {f.op for f in stage.firings}) in (0, len(stage.firings)) for stage in plan.stages)
    return {
        "frames": graph.clip_frames,
        "period": period,
        "warm_up": graph.warm_up,
        "step": plan.time_step,
        "repeats": [
            {"offset": buffer.offset, "frames": buffer.frames, "size": graph.tensors[buffer.tensor].size_bytes}
            for buffer in kept
            if apart and graph.frames_stand_alone()
        ],
        "fills": fills,
        "history_bytes": history_bytes(graph, plan),
    }


def _size(graph: Graph, buffer: Buffer) -> int:
    return buffer.frames * graph.tensors[buffer.tensor].size_bytes


def _interface(graph: Graph, plan: Plan, tensor: int, shape: tuple[int, ...]) -> Interface:
    data = graph.tensors[tensor]
    buffer = next(b for b in plan.buffers if b.tensor == tensor)
    quantization = data.quantization
    rows = written_rows(graph, tensor, None) if tensor in graph.inputs else row_count(shape)
    name = "".join(c if c.isprintable() and c not in "*/\\" else "_" for c in data.name)
    return Interface(
        text=f'"{name}"',
        shape=shape,
        dtype=data.dtype.value,
        size_bytes=data.size_bytes,
        rows=rows,
        row_bytes=data.size_bytes // rows,
        offset=buffer.offset,
        capacity=buffer.rows,
        frames=buffer.frames,
        scale=repr(quantization.scale[0]) if quantization else "",
        zero_point=quantization.zero_point[0] if quantization else 0,
    )


def _feed(graph: Graph, feed: Feed, ticks: int) -> dict[str, object]:
    frontier, before, after = (
        frontier_text(feed.schedule, graph.tensors[feed.tensor].rows, tick, ticks)
        for tick in ("model->tick", "n - 1", "n")
    )
    return {"input": graph.inputs.index(feed.tensor), "frontier": frontier, "before": before, "after": after}


def _stage(graph: Graph, plan: Plan, stage: Stage, calls: dict[int, KernelCall]) -> dict[str, object]:
    nodes = {node.index: node for node in graph.nodes}
    buffers = {buffer.tensor: buffer for buffer in plan.buffers}
    count = f"{len(stage.firings)} operator{'s' if len(stage.firings) > 1 else ''}"
    axis = f"{stage.ticks} ticks along height" + (f", {stage.columns} along width" if stage.columns > 1 else "")
    looped = stage.steps > 1 or bool(stage.feeds)
    tiles = stage.columns > 1 or any(f.demand for f in stage.firings)
    split = {
        f.op: tiles or any(buffers[t].tiled for t in (*nodes[f.op].inputs, *nodes[f.op].outputs) if t in buffers)
        for f in stage.firings
    }
    inside = stage.columns if stage.axis is Axis.HEIGHT else stage.ticks
    return {
        "text": count if stage.steps == 1 else f"{count} in {axis}",
        "ticks": stage.ticks if stage.axis is Axis.HEIGHT else stage.columns,
        "inside": inside if inside > 1 or any(split.values()) else 0,
        "columns_outside": stage.axis is Axis.WIDTH,
        "looped": looped,
        "idle": plan.clip_frames > 1 and not graph.feeds_later_frames().intersection(f.op for f in stage.firings),
        "regions": stage_regions_text(graph, stage, {op for op, is_split in split.items() if is_split}),
        "calls": [
            _tile_call(graph, buffers, nodes[f.op], calls[f.op])
            if split[f.op]
            else _call(graph, buffers, nodes[f.op], f, stage.ticks if looped else 0, calls[f.op])
            for f in stage.firings
        ],
    }


def _call(graph: Graph, buffers: dict[int, Buffer], node: Node, firing: Firing, ticks: int, call: KernelCall) -> Call:
    rows = row_count(node.output_shapes[0])
    ring = buffers[node.inputs[0]].frames if node.slides_over_frames else 0
    # `ticks` is 0 where the stage's function has no tick argument: everything at once.
    if ring:
        # The kernel's rows are the slots of the kept frames: its window starts at the oldest one.
        first, last = f"(model->frame + 1) % {ring}", f"(model->frame + 1) % {ring} + 1"
    elif not ticks:
        first, last = "0", str(firing.schedule.frontier(0, rows))
    else:
        first = frontier_text(firing.schedule, rows, "n - 1", ticks)
        last = frontier_text(firing.schedule, rows, "n", ticks)
    return Call(
        text=_comment(node),
        kernel=call.kernel,
        params=f"op_{node.index}",
        inputs=[_input(graph, buffers, node, operand) for operand in range(len(node.inputs))],
        outputs=[_view(graph, buffers[t], s, "arena") for t, s in zip(node.outputs, node.output_shapes, strict=True)],
        span=f"{first}, {last}",
    )


def _tile_call(graph: Graph, buffers: dict[int, Buffer], node: Node, call: KernelCall) -> Call:
    if call.tile is None:
        raise ExportError(f"{node.label} has no kernel for regions, but the plan splits it by columns")
    inputs = []
    for operand, tensor in enumerate(node.inputs):
        data = graph.tensors[tensor]
        if data.data is not None:
            inputs.append(_pixels(graph, tensor, f"(const uint8_t *)tensor_{tensor}", None))
            continue
        buffer, base = buffers[tensor], "arena"
        if buffer.policy is Policy.EXTERNAL:
            base = f"model->source[{graph.inputs.index(tensor)}]"
        inputs.append(_pixels(graph, tensor, _place(graph, buffer, base, max(node.delays_of(operand))), buffer))
    outputs = [_pixels(graph, t, _place(graph, buffers[t], "arena"), buffers[t]) for t in node.outputs]
    span = f"&region_{node.index}"
    return Call(_comment(node), call.tile, f"op_{node.index}", inputs, outputs, span, tile=True)


def _comment(node: Node) -> str:
    name = "".join(c if c.isprintable() and c not in "*/\\" else "_" for c in node.name)
    return f'op {node.index} {node.op.kind} "{name}"'


def _input(graph: Graph, buffers: dict[int, Buffer], node: Node, operand: int) -> str:
    tensor, shape, delays = node.inputs[operand], node.input_shapes[operand], node.delays_of(operand)
    data = graph.tensors[tensor]
    if data.data is not None:
        rows = row_count(shape)
        return f"{{(const uint8_t *)tensor_{tensor}, {data.size_bytes // rows}, {rows}}}"
    buffer = buffers[tensor]
    if buffer.policy is Policy.EXTERNAL:
        return _view(graph, buffer, shape, f"model->source[{graph.inputs.index(tensor)}]")
    if len(delays) > 1:
        return f"{{arena + {buffer.offset}, {data.size_bytes}, {buffer.frames}}}"
    return _view(graph, buffer, shape, "arena", max(delays))


def _view(graph: Graph, buffer: Buffer, shape: tuple[int, ...], base: str, delay: int = 0) -> str:
    """`{data, row_bytes, capacity}`: a whole tensor has the rows of the node's own view, a ring those of the plan."""
    rows, size = row_count(shape), graph.tensors[buffer.tensor].size_bytes
    capacity = buffer.rows if buffer.policy is Policy.RING else rows
    return f"{{{_place(graph, buffer, base, delay)}, {size // rows}, {capacity}}}"


def _place(graph: Graph, buffer: Buffer, base: str, delay: int = 0) -> str:
    place = f"{base} + {buffer.offset}"
    if buffer.frames > 1:
        late = f"(model->frame + {buffer.frames - delay})" if delay else "model->frame"
        place += f" + {late} % {buffer.frames} * {graph.tensors[buffer.tensor].size_bytes}"
    return place


def _pixels(graph: Graph, tensor: int, place: str, buffer: Buffer | None) -> str:
    """`{data, pixel_bytes, columns, rows, pixels}` of stj_tile.h: a ring of pixels, or a tile of rows and columns."""
    data = graph.tensors[tensor]
    height, width, channels = data.shape[-3:]
    pixel = channels * data.dtype.size_bytes
    if buffer is None or buffer.policy is not Policy.RING:
        return f"{{{place}, {pixel}, {width}, {height}, {height * width}}}"
    if buffer.pixels:
        return f"{{{place}, {pixel}, {width}, 0, {buffer.pixels}}}"
    columns = buffer.columns or width
    return f"{{{place}, {pixel}, {columns}, {buffer.rows}, {buffer.rows * columns}}}"


def _constants_text(graph: Graph, calls: dict[int, KernelCall]) -> str:
    operands = sorted({t for node in graph.nodes for t in node.inputs if graph.tensors[t].data is not None})
    parts = ["/* Weights and kernel parameters. Included once, by stj_model.c. */\n"]
    parts += [constant_text(_operand(graph.tensors[tensor])) for tensor in operands]
    parts += [call_text(call, f"op_{index}") for index, call in calls.items()]
    return "\n".join(parts)


def _operand(tensor: Tensor) -> Constant:
    assert tensor.data is not None
    if tensor.dtype not in _STORABLE:
        raise ExportError(f'constant operand {tensor.index} "{tensor.name}" has type {tensor.dtype.value}')
    return Constant(f"tensor_{tensor.index}", tensor.data)
