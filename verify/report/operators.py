"""The table of operators of a plan: what each computes, what is kept of its result, and when it runs."""

from dataclasses import dataclass

from verify.graph.graph import Node
from verify.graph.plan import Buffer, Firing, Policy, Schedule
from verify.graph.tensor import is_image
from verify.ops.regions import computed_macs
from verify.ops.streaming import output_rows
from verify.proof.layout import Layout
from verify.report.names import TABLE_NAME, extent, labels, middle, printable
from verify.report.receptive_field import Field, receptive_fields


@dataclass(frozen=True)
class OperatorRow:
    """One operator as the page shows it. `recompute` is MACs done by MACs of one run, 1 where there are none.

    `ring_rows` is (rows kept, rows of the tensor), None where the tensor is not in a ring.
    """

    index: int
    stage: int
    kind: str
    name: str
    full_name: str
    shape: str
    field: str
    field_size: int
    policies: str
    ring_rows: tuple[int, int] | None
    recompute: float
    schedule: str
    formula: str
    tensor: int


def operator_rows(layout: Layout) -> list[OperatorRow]:
    """One row per firing, in the order of the plan; the plan need not be proved but has no faults."""
    fields, macs = receptive_fields(layout.graph), computed_macs(layout.graph, layout.plan)
    fired = [layout.nodes[firing.op] for stage in layout.plan.stages for firing in stage.firings]
    names = dict(zip((n.index for n in fired), labels([printable(n.name) for n in fired]), strict=True))
    rows = []
    for number, stage in enumerate(layout.plan.stages):
        for firing in stage.firings:
            node = layout.nodes[firing.op]
            share = macs[node.index] / node.macs if node.macs else 1.0
            field = fields[node.outputs[0]]
            rows.append(_row(layout, number, node, names[node.index], firing, stage.ticks, share, field))
    return rows


def _row(
    layout: Layout, stage: int, node: Node, name: str, firing: Firing, ticks: int, recompute: float, field: Field
) -> OperatorRow:
    tensor, schedule = node.outputs[0], firing.schedule
    buffer, rows = layout.buffers[tensor], output_rows(node)
    ring = buffer.policy is Policy.RING
    return OperatorRow(
        index=node.index,
        stage=stage,
        kind=node.op.kind,
        name=middle(name, TABLE_NAME),
        full_name=printable(node.name),
        shape=extent(node.output_shapes[0]),
        field=_field_text(field),
        field_size=(field.height or 1 << 20) * (field.width or 1 << 20) * field.frames,
        policies=_policies(node, buffer),
        ring_rows=(buffer.rows, rows) if ring else None,
        recompute=recompute,
        schedule=_when(firing, rows, ticks),
        formula=f"rows complete after tick n: {_formula(schedule)} of {rows}",
        tensor=tensor,
    )


def _formula(schedule: Schedule) -> str:
    grain = f"{schedule.grain} · " if schedule.grain > 1 else ""
    return f"{grain}⌊({schedule.rate} n + {schedule.offset}) / {schedule.period}⌋"


def _field_text(field: Field) -> str:
    size = " × ".join("all" if side is None else str(side) for side in (field.height, field.width))  # noqa: RUF001
    if field.height is None and field.width is None:
        size = "all"
    return size + (f", {field.frames} frames" if field.frames > 1 else "")


def _policies(node: Node, buffer: Buffer) -> str:
    """What is kept along each axis; channels are always whole."""
    kept = {Policy.WHOLE: "whole", Policy.EXTERNAL: "outside"}.get(buffer.policy) or (
        "ring" if buffer.carry else "one tick"
    )
    across = "last pixels" if buffer.pixels else f"{buffer.columns} columns" if buffer.columns else "whole"
    axes = f"H {kept}, W {across}" if is_image(node.output_shapes[0]) else kept
    return axes + (f", T {buffer.frames} frames" if buffer.frames > 1 else "")


def _when(firing: Firing, rows: int, ticks: int) -> str:
    if firing.demand:
        return "as its readers need, by " + " and ".join(axis.value for axis in firing.demand)
    text = schedule_text(firing.schedule, rows, ticks)
    return text + (", by columns" if firing.columns else "")


def schedule_text(schedule: Schedule, rows: int, ticks: int) -> str:
    """When an operator computes its rows, in words; the formula says it exactly."""
    if ticks == 1:
        return "all at once"
    first = _first_tick(schedule, ticks)
    if first is None:
        return "never"
    if schedule.frontier(first, rows) == rows:
        return f"all {rows} rows at tick {first}"
    count = schedule.rate * schedule.grain
    pace = f"{count} row{'s' if count != 1 else ''} " + (
        "a tick" if schedule.period == 1 else f"in {schedule.period} ticks"
    )
    if schedule.grain > 1:
        pace += f", {schedule.grain} at once"
    return f"{pace}, from tick {first}"


def _first_tick(schedule: Schedule, ticks: int) -> int | None:
    """The first tick that completes a row."""
    if schedule.offset >= schedule.period:
        return 0
    if schedule.rate == 0:
        return None
    first = -(-(schedule.period - schedule.offset) // schedule.rate)
    return first if first < ticks else None
