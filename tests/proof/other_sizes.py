"""The same small network at several sizes, and a plan carried over from one size to another."""

from dataclasses import replace

from hypothesis import strategies as st

from tests.random_models import Net
from verify.graph.accounting import align
from verify.graph.graph import Graph, Node
from verify.graph.plan import Buffer, InputMode, Plan, Policy, Schedule, Stage
from verify.graph.tensor import Axis, Tensor
from verify.ops.streaming import output_rows
from verify.plan.build import build as make
from verify.plan.forms.late import late
from verify.plan.forms.layer import layer
from verify.plan.forms.recomputing import variants
from verify.plan.runs import grow
from verify.plan.uses import Uses
from verify.proof.layout import Layout
from verify.proof.unknown import UnknownSizes, scheduled_tensors

Recipe = tuple[tuple, ...]
"""Operators in order, each with what it needs besides its operand: data, so that it can be built at any size."""


@st.composite
def recipes(draw: st.DrawFn, most: int = 6, same_strides: bool = True) -> Recipe:
    """Chains with shortcuts, branches, strides, paddings and upsampling. `same_strides`: SAME with stride 2, too."""
    steps = []
    for _ in range(draw(st.integers(1, most))):
        kind = draw(
            st.sampled_from(["conv", "conv", "depthwise", "point", "pool", "add", "concatenate", "pad", "upsample"])
        )
        kernel = draw(st.sampled_from([(1, 1), (2, 3), (3, 3), (5, 1), (3, 2)]))
        stride = draw(st.sampled_from([(1, 1), (1, 1), (2, 2), (2, 1), (3, 1)]))
        padding = "VALID" if stride != (1, 1) and not same_strides else draw(st.sampled_from(["SAME", "VALID"]))
        sides = draw(st.tuples(*[st.integers(0, 2)] * 4).filter(any))
        steps.append((kind, draw(st.integers(1, 4)), kernel, stride, padding, sides, draw(st.integers(0, 3))))
    return tuple(steps)


def build(recipe: Recipe, height: int, width: int, seed: int = 0) -> Graph | None:
    """The network of a recipe over an image of height x width x 2; None where it does not fit."""
    net = Net(seed)
    tensors = [net.input(1, height, width, 2)]
    for step in recipe:
        tensor = _append(net, tensors, *step)
        if tensor is None:
            return None
        tensors.append(tensor)
    return net.graph()


def _append(
    net: Net,
    tensors: list[Tensor],
    kind: str,
    channels: int,
    kernel: tuple,
    stride: tuple,
    padding: str,
    sides: tuple,
    back: int,
) -> Tensor | None:
    x, older = tensors[-1], tensors[max(0, len(tensors) - 2 - back)]
    if (
        padding == "VALID"
        and kind in ("conv", "depthwise", "pool")
        and any(k > size for k, size in zip(kernel, x.shape[1:3], strict=True))
    ):
        return None
    if kind == "depthwise":
        return net.depthwise(x, kernel, stride, (1, 1), 1, padding)
    if kind == "pool":
        return net.pool("MAX_POOL_2D", x, kernel, stride, padding)
    if kind == "add":
        point = net.conv(older, x.shape[3], (1, 1), (1, 1), (1, 1)) if older.shape[3] != x.shape[3] else older
        return net.add(x, point) if point.shape == x.shape else net.add(x, x)
    if kind == "concatenate" and older.shape[:3] == x.shape[:3] and older.quantization == x.quantization:
        return net.concatenate(x, older)
    if kind == "pad":
        return net.pad(x, *sides)
    if kind == "upsample":
        return net.upsample(x, 2)
    return (
        net.conv(x, channels, kernel, stride, (1, 1), padding)
        if kind == "conv"
        else net.conv(x, 2, (1, 1), (1, 1), (1, 1))
    )


FORMS = ("rows", "columns", "recompute")


def fused(graph: Graph, mode: InputMode, form: str) -> Plan:
    """A plan of stages as long as they can be, whatever the planner would choose."""
    uses, start, drafts = Uses(graph), 0, []
    largest = max(graph.inputs, key=uses.size_bytes)
    while start < len(graph.nodes):
        fed = (largest,) if start == 0 and mode is InputMode.ROWS and uses.rows(largest) > 1 else ()
        longest = layer(uses, start)
        for draft in grow(uses, start, fed):
            if all(uses.readers[t] and uses.readers[t][-1] < draft.end for t in fed) and draft.end > start + 1:
                longest = draft if form != "rows" else replace(draft, columns=None)
        recomputing = [draft for draft, _ in variants(uses, longest, {})] if form == "recompute" else []
        if recomputing:
            longest = recomputing[-1]
        elif not longest.at_once:
            longest = late(uses, longest)
        drafts.append(longest)
        start = longest.end
    return make(uses, drafts, mode, "auto")


def carried_over(graph: Graph, plan: Plan, other: Graph) -> Plan:
    """The plan of `graph` for the same network at another size: schedules and rings as they are, enough ticks.

    Buffers are laid side by side, since what may share bytes is proved for each size by itself.
    """
    sizes, there = UnknownSizes(graph, plan), UnknownSizes(other, plan)
    nodes = other.by_index

    def ticks(stage: int, axis: Axis) -> int:
        ends = [1]
        for tensor, s in scheduled_tensors(other, plan, stage, axis):
            if s.rate:
                ends.append(-((s.offset - s.period * there.family.actual(tensor, axis)) // s.rate) + 1)
        return max(ends)

    def stage(number: int, old: Stage) -> Stage:
        firings = tuple(
            f if f.schedule.rate or f.demand else replace(f, schedule=Schedule(0, 1, _most_rows(other, nodes[f.op])))
            for f in old.firings
        )
        wide = ticks(number, Axis.WIDTH) if sizes.by_columns(number) else 1
        return replace(old, firings=firings, ticks=ticks(number, Axis.HEIGHT), columns=wide)

    def buffer(old: Buffer) -> Buffer:
        if old.pixels:
            width = other.tensors[old.tensor].shape[-2]
            rows, columns = sizes.pixels(old)
            return replace(old, pixels=rows * width + (columns if isinstance(columns, int) else width))
        rows = there.family.actual(old.tensor, Axis.HEIGHT)
        return old if old.policy is Policy.RING else replace(old, rows=rows)

    buffers, end = [], 0
    moved = replace(
        plan,
        model_sha256=other.sha256,
        stages=tuple(stage(number, old) for number, old in enumerate(plan.stages)),
        buffers=tuple(buffer(old) for old in plan.buffers),
        scratch_bytes=0,
        stack_bytes=plan.stack_bytes,
    )
    layout = Layout(other, moved)
    for old in moved.buffers:
        buffers.append(replace(old, offset=0 if old.policy is Policy.EXTERNAL else end))
        end += 0 if old.policy is Policy.EXTERNAL else align(layout.size_bytes(old))
    return replace(moved, buffers=tuple(buffers), arena_bytes=end)


def _most_rows(graph: Graph, node: Node) -> int:
    return max(output_rows(node), *(graph.tensors[tensor].rows for tensor in node.outputs))
