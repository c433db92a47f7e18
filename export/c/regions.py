"""C text for what a tick computes: frontiers of schedules, and the regions of operators that are split by columns."""

from verify.graph.graph import Graph, Node
from verify.graph.plan import Schedule, Stage
from verify.graph.tensor import Axis
from verify.graph.window import Window
from verify.ops.regions import schedule_of
from verify.ops.streaming import edge_window, extent

INT32_MAX = 2**31 - 1


class ExportError(Exception):
    """A proved plan that cannot be written as C for 32-bit targets."""


def frontier_text(schedule: Schedule, rows: int, tick: str, ticks: int) -> str:
    """A call of stj_frontier.

    Raises:
      ExportError: its arithmetic leaves int32 at some tick.
    """
    extremes = (schedule.offset, schedule.rate * (ticks + 1) + schedule.offset, schedule.period, schedule.rate)
    if any(abs(value) > INT32_MAX for value in extremes):
        raise ExportError(f"schedule {schedule} over {ticks} ticks does not fit 32-bit arithmetic")
    return f"stj_frontier({tick}, {schedule.rate}, {schedule.period}, {schedule.offset}, {rows})"


def stage_regions_text(graph: Graph, stage: Stage, split: set[int]) -> list[str]:
    """Lines that declare `region_<op>` of every operator in `split`, readers first: demand follows them."""
    nodes = {node.index: node for node in graph.nodes}
    lines = []
    for firing in reversed(stage.firings):
        if firing.op not in split:
            continue
        node = nodes[firing.op]
        spans = []
        for axis, tick, ticks in ((Axis.HEIGHT, "n", stage.ticks), (Axis.WIDTH, "m", stage.columns)):
            total, schedule = extent(node, axis), schedule_of(firing, axis)
            if axis in firing.demand:
                spans += [str(total), "0"]
            elif schedule is None:
                spans += ["0", str(total)]
            else:
                spans += [
                    frontier_text(schedule, total, f"{tick} - 1", ticks),
                    frontier_text(schedule, total, tick, ticks),
                ]
        constant = "" if firing.demand else "const "
        lines.append(f"{constant}stj_region region_{node.index} = {{{', '.join(spans)}}};")
        lines += [line for axis in firing.demand for line in _demand(graph, stage, node, axis)]
    return lines


def _demand(graph: Graph, stage: Stage, node: Node, axis: Axis) -> list[str]:
    """Widens an empty interval to what each reader's region needs."""
    nodes = {n.index: n for n in graph.nodes}
    low, high = ("y0", "y1") if axis is Axis.HEIGHT else ("x0", "x1")
    lines = []
    for firing in stage.firings:
        reader = nodes[firing.op]
        for operand, tensor in enumerate(reader.inputs):
            window = edge_window(graph, reader, operand, node, axis) if tensor in node.outputs else None
            if window is not None:
                target = f"&region_{node.index}.{low}, &region_{node.index}.{high}"
                wanted = f"region_{reader.index}.{low}, region_{reader.index}.{high}"
                lines.append(f"stj_widen({target}, {wanted}, {_numbers(window)}, {extent(node, axis)});")
    return lines


def _numbers(window: Window) -> str:
    return f"{window.stride}, {window.pad_before}, {window.upsample}, {window.reach}"
