"""Whether a plan fits its model at all: every operator, kernel, feed and buffer is named once, in a form that there is.

What is reported here breaks claim C1, C3, C4, C8 or C9 and goes no further.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from verify.graph.graph import Graph, Node
from verify.graph.plan import Buffer, InputMode, Plan, Policy
from verify.graph.tensor import Axis, is_image
from verify.ops.streaming import written_rows
from verify.targets.kernel import Kernel
from verify.targets.registry import target_named
from verify.targets.target import NoKernelError

FEW_TICKS, FEW_STEPS = 1 << 16, 1 << 18
"""Ticks along an axis, and steps, that any stage may have; of a large model, twice its largest side or tensor."""


@dataclass(frozen=True)
class Fault:
    """A plan that does not fit its model, before any proof: which claim it breaks, where and how."""

    claim: str
    subject: str
    text: str


def faults_of(graph: Graph, plan: Plan) -> tuple[list[Fault], dict[int, Kernel[Any]]]:
    """What is wrong with a plan before any proof; and the kernel of every operator, all of them where nothing is."""
    kernels: dict[int, Kernel[Any]] = {}
    if graph.left_out != plan.left_out:
        return [Fault("C9", "plan", "it leaves out other channels than this network lacks")], kernels
    faults = [*_tick_faults(graph, plan), *_op_faults(graph, plan), *_kernel_faults(graph, plan, kernels)]
    faults += [*_feed_faults(graph, plan), *_buffer_faults(graph, plan)]
    return faults or [*_column_faults(graph, plan, kernels)], kernels


def _tick_faults(graph: Graph, plan: Plan) -> Iterator[Fault]:
    """Counts of ticks out of all proportion to the model, before anything is made per tick."""
    activations = [tensor for tensor in graph.tensors.values() if tensor.data is None]
    most = max(FEW_TICKS, *(2 * side for tensor in activations for side in tensor.shape))
    pixels = max(FEW_STEPS, *(2 * tensor.elements for tensor in activations))
    for number, stage in enumerate(plan.stages):
        for unit, ticks in (("row", stage.ticks), ("column", stage.columns)):
            if ticks > most:
                text = f"has {ticks} {unit} ticks; nothing in this model has use for more than {most}"
                yield Fault("C1", f"stage {number}", text)
        if stage.ticks <= most >= stage.columns and stage.steps > pixels:
            text = f"has {stage.steps} steps, row by column; nothing in this model has use for more than {pixels}"
            yield Fault("C1", f"stage {number}", text)


def _op_faults(graph: Graph, plan: Plan) -> Iterator[Fault]:
    listed = [firing.op for stage in plan.stages for firing in stage.firings]
    for index in sorted(set(listed) - set(graph.by_index)):
        yield Fault("C1", f"op {index}", "the plan runs it, but the model has no operator of this index")
    for index, node in graph.by_index.items():
        if listed.count(index) != 1:
            yield Fault("C1", node.label, f"the plan runs it {listed.count(index)} times; it must run exactly once")


def _kernel_faults(graph: Graph, plan: Plan, kernels: dict[int, Kernel[Any]]) -> Iterator[Fault]:
    """Kernels that the plan's target does not have, or that do not compute their operator; fills `kernels`."""
    try:
        target = target_named(plan.target)
    except NoKernelError as error:
        yield Fault("C1", "plan", str(error))
        return
    for firing in (firing for stage in plan.stages for firing in stage.firings):
        node, kernel = graph.by_index.get(firing.op), target.kernel(firing.kernel)
        if kernel is None:
            name = firing.kernel or "none"
            yield Fault("C1", f"op {firing.op}", f"names kernel {name!r}, which target {target.name} does not have")
        elif node is not None and not target.fits(kernel, node):
            yield Fault("C1", node.label, f"cannot be computed by kernel {kernel.called} on target {target.name}")
        elif node is not None and (kernel.scratch_bytes(node) > 0) != (firing.scratch is not None):
            text = f"kernel {kernel.called} needs {kernel.scratch_bytes(node)} bytes of working memory"
            given = "none" if firing.scratch is None else f"some at byte {firing.scratch}"
            yield Fault("C4", node.label, f"{text}; the plan gives it {given}")
        else:
            kernels[firing.op] = kernel


def _feed_faults(graph: Graph, plan: Plan) -> Iterator[Fault]:
    seen: set[int] = set()
    for number, stage in enumerate(plan.stages):
        for feed in stage.feeds:
            subject = f"stage {number}, feed of tensor {feed.tensor}"
            if feed.tensor not in graph.inputs:
                yield Fault("C1", subject, "only network inputs are fed")
            elif feed.tensor in seen:
                yield Fault("C1", subject, "the plan feeds it twice")
            elif plan.input_mode is not InputMode.ROWS:
                yield Fault("C1", subject, f"inputs arrive as {plan.input_mode.value!r}, so nothing is fed")
            elif number != 0:
                yield Fault("C1", subject, "rows arrive while stage 0 runs; later stages cannot be fed")
            seen.add(feed.tensor)


def _buffer_faults(graph: Graph, plan: Plan) -> Iterator[Fault]:
    needed = {t for n in graph.nodes for t in (*n.inputs, *n.outputs) if graph.tensors[t].data is None}
    needed |= set(graph.inputs)
    held = [buffer.tensor for buffer in plan.buffers]
    for tensor in sorted(set(held) - needed):
        yield Fault("C4", f"tensor {tensor}", "has a buffer, but the model has no such activation")
    for tensor in sorted(needed):
        if held.count(tensor) != 1:
            text = f"has {held.count(tensor)} buffers; it must have exactly one"
            yield Fault("C4", f'tensor {tensor} "{graph.tensors[tensor].name}"', text)
    for buffer in plan.buffers:
        if buffer.tensor in needed:
            yield from _policy_faults(graph, plan, buffer)


def _policy_faults(graph: Graph, plan: Plan, buffer: Buffer) -> Iterator[Fault]:
    subject = f'tensor {buffer.tensor} "{graph.tensors[buffer.tensor].name}"'
    outside = buffer.tensor in graph.inputs and plan.input_mode is InputMode.PATCHES
    if (buffer.policy is Policy.EXTERNAL) != outside:
        rule = "network inputs stay outside the arena exactly when the plan's input is 'patches'"
        yield Fault("C4", subject, f"has policy {buffer.policy.value!r}; {rule}")
    rows = written_rows(graph, buffer.tensor, graph.producers.get(buffer.tensor))
    if buffer.policy is not Policy.RING and buffer.rows != rows:
        text = f"is {buffer.policy.value} with {buffer.rows} rows; the tensor has {rows}"
        yield Fault("C3", subject, text)
    if buffer.tensor in graph.outputs and buffer.policy is not Policy.WHOLE:
        yield Fault("C3", subject, f"is a network output with policy {buffer.policy.value!r}; outputs are whole")
    if buffer.frames > 1 and buffer.policy is not Policy.WHOLE:
        text = f"keeps {buffer.frames} frames with policy {buffer.policy.value!r}; frames are kept whole"
        yield Fault("C8", subject, text)
    if not buffer.carry and buffer.policy is not Policy.RING:
        yield Fault("C3", subject, "only a ring can do without carrying rows from tick to tick")
    if buffer.tiled and (buffer.policy is not Policy.RING or not is_image(graph.tensors[buffer.tensor].shape)):
        yield Fault("C3", subject, "only a ring of an image can hold less than whole rows")
    if buffer.pixels and (buffer.columns or buffer.rows != 1):
        yield Fault("C3", subject, "a ring of pixels is given by their number alone, with rows 1 and no columns")


def _tiles(node: Node, kernels: dict[int, Kernel[Any]]) -> bool:
    """Whether regions of an operator can be computed by themselves, and the plan's kernel does so."""
    return node.op.tile_wise and kernels[node.index].tiles(node)


def _column_faults(graph: Graph, plan: Plan, kernels: dict[int, Kernel[Any]]) -> Iterator[Fault]:
    """Stages of several column ticks, and tiles, where operators can neither be split by columns nor followed."""
    buffers = {buffer.tensor: buffer for buffer in plan.buffers}
    for number, stage in enumerate(plan.stages):
        if stage.axis is Axis.TIME:
            yield Fault("C1", f"stage {number}", "a stage runs along height or width")
        if stage.axis is Axis.WIDTH and stage.feeds:
            yield Fault("C1", f"stage {number}", "rows arrive, so the outer loop must run along height")
        for firing in stage.firings:
            node = graph.by_index[firing.op]
            tiled = any(buffers[t].tiled for t in (*node.inputs, *node.outputs) if t in buffers)
            followed = any(other.demand for other in stage.firings)  # then all of the stage are regions
            if (tiled or stage.columns > 1 or followed) and not _tiles(node, kernels):
                yield Fault("C1", node.label, "cannot be computed by columns, but the plan splits it or a tensor of it")
            if stage.columns > 1 and firing.columns is None and Axis.WIDTH not in firing.demand:
                yield Fault("C1", node.label, f"has no schedule for the {stage.columns} column ticks of its stage")
            if firing.demand and any(buffers[t].policy is not Policy.RING for t in node.outputs):
                yield Fault("C1", node.label, "follows demand, but a tensor of it stands whole")
            readers = {f.op for f in stage.firings}
            if firing.demand and any(
                n.index not in readers or not _tiles(n, kernels) for t in node.outputs for n in graph.readers.get(t, ())
            ):
                yield Fault("C1", node.label, "follows the demand of a reader that its stage does not have")
    for tensor, buffer in buffers.items():
        if buffer.tiled and tensor not in graph.producers:
            yield Fault("C3", f"tensor {tensor}", "network inputs are kept by whole rows")
