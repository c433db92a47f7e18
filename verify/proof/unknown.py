"""Sizes as unknowns: the rows and columns of every tensor, and the ticks of every stage.

Names: H and W are the input's height and width, h5 and w5 rows and columns of tensor 5, n2 and m2 the row and column
ticks of stage 2. What is known of them are `facts`: sizes of one network fit each other (verify.proof.family), and
ticks are enough to compute everything. What a plan says in numbers stays: schedules, rings, and the columns of tiles.
Tensors that stand whole have all their rows at any size, a schedule that computes everything at its first tick does so
at any size, and a ring of pixels is so many rows and so many pixels at any width.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from verify.graph.graph import Graph, Node
from verify.graph.plan import Buffer, Plan, Policy, Schedule
from verify.graph.tensor import Axis
from verify.graph.window import Window
from verify.ops.regions import schedule_of
from verify.proof.family import AXES, Family, Relation
from verify.proof.obligation import Extent, Term, num
from verify.proof.progress import Progress
from verify.proof.sizes import Sizes

LETTER = {Axis.HEIGHT: "h", Axis.WIDTH: "w"}
TICKS = {Axis.HEIGHT: "n", Axis.WIDTH: "m"}
NAME = re.compile(r"\b(?:[hwnm]\d+|[HW])\b")


@dataclass(frozen=True)
class Fact:
    """Something true of the sizes, with the unknowns that it speaks of."""

    names: frozenset[str]
    term: Term


def fact(term: Term) -> Fact:
    return Fact(frozenset(NAME.findall(term)), term)


class UnknownSizes(Sizes):
    """The unknown sizes of the networks that share a model's windows, under one plan."""

    def __init__(self, graph: Graph, plan: Plan):
        super().__init__(graph, plan)
        alone = frozenset(stage.firings[0].op for stage in plan.stages if stage.steps == 1 and len(stage.firings) == 1)
        self.family = Family(graph, alone)
        self.buffers = {buffer.tensor: buffer for buffer in plan.buffers}

    def name(self, tensor: int, axis: Axis) -> str:
        return f"{LETTER[axis]}{self.family.representative(tensor, axis)}"

    # -- the questions of Sizes, answered by names ----------------------------------------------------------------

    def extent(self, node: Node, axis: Axis) -> Extent:
        return self.name(node.outputs[0], axis)

    def written(self, tensor: int, producer: Node | None) -> Extent:
        return self.name(tensor, Axis.HEIGHT)

    def window(self, node: Node, position: int, axis: Axis) -> Window | None:
        return self.family.window(node, position, axis)

    def ticks(self, stage: int, axis: Axis) -> Extent:
        return f"{TICKS[axis]}{stage}"

    def by_columns(self, stage: int) -> bool:
        return any(f.columns or Axis.WIDTH in f.demand for f in self.plan.stages[stage].firings)

    def capacity(self, buffer: Buffer, axis: Axis) -> Extent:
        if axis is Axis.WIDTH:
            return buffer.columns
        return buffer.rows if buffer.policy is Policy.RING else self.name(buffer.tensor, axis)

    def is_part(self, buffer: Buffer, axis: Axis) -> bool:
        # Of a ring, that is to be expected at other sizes; it only makes the claim harder to prove.
        return bool(buffer.columns) if axis is Axis.WIDTH else buffer.policy is Policy.RING

    def pixels(self, buffer: Buffer) -> tuple[int, Extent]:
        rows, columns = super().pixels(buffer)
        return (rows, self.name(buffer.tensor, Axis.WIDTH)) if columns == self._width(buffer) else (rows, columns)

    def in_the_end(self, progress: Progress, stage: int) -> Term:
        # C1 of that stage: everything. What follows demand is read in its own stage only.
        return f"{progress.total}"

    def least(self, tensor: int, axis: Axis) -> int:
        """The smallest size of a tensor that is looked at: a ring of A rows and B pixels has B columns or more."""
        buffer = self.buffers.get(tensor)
        columns = self.pixels(buffer)[1] if buffer and buffer.pixels and axis is Axis.WIDTH else 1
        return columns if isinstance(columns, int) else 1

    # -- what is known ------------------------------------------------------------------------------------------

    def facts(self, stage: int) -> list[Fact]:
        """What is known of the sizes that matter to a stage."""
        ops = {firing.op for firing in self.plan.stages[stage].firings}
        found = [fact(self.relation(r)) for r in self.family.relations if r.node.index in ops]
        for axis in AXES:
            ticks = f"{TICKS[axis]}{stage}"
            found.append(fact(f"(>= {ticks} 1)"))
            found += [fact(f"(>= {ticks} {until})") for until in self.enough(stage, axis)]
        return found

    def relation(self, relation: Relation) -> Term:
        """The size of a result, as its operand's makes it."""
        result, operand = (self.name(tensor, relation.axis) for tensor in (relation.result, relation.operand))
        window = relation.window
        grown = operand if window.upsample == 1 else f"(* {window.upsample} {operand})"
        shifted = f"(+ {grown} {num(relation.constant)})" if relation.constant else grown
        return f"(= {result} (+ 1 {f'(div {shifted} {window.stride})' if window.stride > 1 else shifted}))"

    def enough(self, stage: int, axis: Axis) -> Iterator[Term]:
        """Ticks after which each tensor of a stage is complete along an axis, as terms in its size."""
        for tensor, schedule in scheduled_tensors(self.graph, self.plan, stage, axis):
            if schedule.rate:
                grains = f"(div (+ {self.name(tensor, axis)} {schedule.grain - 1}) {schedule.grain})"
                late = f"(- (* {schedule.period} {grains}) {num(schedule.offset)})"
                yield f"(+ 1 (div (+ {late} {schedule.rate - 1}) {schedule.rate}))"

    def unfit(self, stage: int) -> str:
        """Why the plan's own stage would not be an instance of its theorem; empty if it is one."""
        for axis in AXES:
            ticks = Sizes.ticks(self, stage, axis)
            assert isinstance(ticks, int), "a plan's own ticks are a number"
            for tensor, schedule in scheduled_tensors(self.graph, self.plan, stage, axis):
                total = self.family.actual(tensor, axis)
                if schedule.frontier(ticks - 1 if schedule.rate else 0, total) < total:
                    return f"tensor {tensor} is not complete after its {ticks} ticks"
        for relation in self.family.relations:
            if relation.of(self.family.actual(relation.operand, relation.axis)) != self.family.actual(
                relation.result, relation.axis
            ):
                return f"{relation.node.label} does not have the size that its window makes"
        return ""


def scheduled_tensors(graph: Graph, plan: Plan, stage: int, axis: Axis) -> Iterator[tuple[int, Schedule]]:
    """Tensors that a stage is fed or computes by a schedule along an axis."""
    if axis is Axis.HEIGHT:
        yield from ((feed.tensor, feed.schedule) for feed in plan.stages[stage].feeds)
    for firing in plan.stages[stage].firings:
        schedule = schedule_of(firing, axis)
        if schedule and axis not in firing.demand:
            yield from ((tensor, schedule) for tensor in graph.by_index[firing.op].outputs)
