"""Runs a program on identities: what it was lowered to, not what a plan says about it, decides.

An image is one run. A stream runs until its memory is what it was some frames before, but that every frame in it is as
much later, at a frame with the same place in all rings: what was seen is then all that there is.
"""

import math
from collections.abc import Iterator

import numpy as np

from verify.graph.graph import Graph
from verify.identities.compiled import CompiledMachine
from verify.identities.compiler import NoCompilerError
from verify.identities.facts import Facts, Memory, Row, facts_of
from verify.identities.messages import explain
from verify.identities.plain import PlainMachine
from verify.program.program import Base, Call, Place, Program, Rows, View
from verify.program.steps import Arrive, frame_events, result_in
from verify.targets.choice import Kernels

LONGEST = 20_000
"""Frames after which a stream must have come round."""

WHOLE_ROWS = 2**40
RECORD, VIEW = 6, 5
NOTHING = (0, 0, 0, 0, 0)
"""As in machine.h: the columns of whole rows; numbers of a step and of a view; a view that nobody looks at."""


def fault_of_program(
    graph: Graph, kernels: Kernels, program: Program, machine: type[CompiledMachine | PlainMachine] | None = None
) -> str | None:
    """What is wrong with a program, whatever is seen first; None where all is right.

    Args:
      graph, kernels: what is to be computed, and by whom.
      program: what runs; of it nothing is believed but that it is what runs.
      machine: the kind of machine; the compiled one, or the plain one where there is no compiler.
    """
    facts = facts_of(graph, kernels)
    memory = Memory.of(facts, program.bytes.arena)
    try:
        runner = (machine or CompiledMachine)(facts, memory)
    except NoCompilerError:
        runner = PlainMachine(facts, memory)
    return _Run(graph, facts, memory, program, runner).fault()


class _Run:
    def __init__(
        self, graph: Graph, facts: Facts, memory: Memory, program: Program, machine: CompiledMachine | PlainMachine
    ):
        self.graph, self.facts, self.memory, self.program, self.machine = graph, facts, memory, program, machine
        self.numbers = {row[0]: number for number, row in enumerate(facts.nodes)}
        self.ins = max((len(node.inputs) for node in graph.nodes), default=0)
        self.width = RECORD + VIEW * (self.ins + max((len(node.outputs) for node in graph.nodes), default=0))

    def fault(self) -> str | None:
        clip = self.program.clip
        if clip is None:
            return self._frame(0)
        for fill in clip.fills:
            self.machine.set(fill.offset, fill.value, fill.size)
        period, turn = math.lcm(clip.period, clip.step), clip.warm_up + self.facts.kept
        then, since = self.machine.memory(), -1
        for frame in range(min(LONGEST, (2**31 - 2) // self.facts.all)):
            if fault := self._frame(frame):
                return fault
            if since >= 0 and (frame - since) % period == 0 and self.machine.came_round(then, frame - since):
                return None
            if frame == turn:
                then, since, turn = self.machine.memory(), frame, turn + 2 * period
        return "frames do not come to stand in memory as they did some frames before"

    def _frame(self, frame: int) -> str | None:
        self.machine.frame(frame == 0)
        calls: dict[int, Row] = {}
        records: list[Row] = []
        for event in frame_events(self.program, frame):
            if isinstance(event, Arrive):
                records += self._arrival(event, frame)
                continue
            if id(event.call) not in calls:
                calls[id(event.call)] = self._views(event.call, frame)
            columns = (event.x0, event.x1) if event.call.by_pixels else (0, WHOLE_ROWS)
            number = self.numbers[event.call.op]
            records.append((0, number, event.y0, event.y1, *columns, *calls[id(event.call)]))
        self.machine.steps(np.array(records, np.int64).reshape(len(records), self.width), self.ins)
        event = self.machine.fatal
        for port, shape in zip(self.program.outputs, self.facts.outputs, strict=True):
            if not event and result_in(self.program, frame):
                event = self.machine.holds(shape, self._at(port.view.place, frame))
        return explain(self.graph, self.facts, frame, self.machine.event(event)) if event else None

    def _arrival(self, event: Arrive, frame: int) -> Iterator[Row]:
        """Copies of rows, one by one, from the caller's memory to where they go."""
        port, source = self.program.inputs[event.input], self.memory.inputs[event.input]
        to, rest = self._at(port.view.place, frame), (0,) * (self.width - 4)
        for y in range(event.first, event.last):
            place = to + y % port.view.capacity * port.view.row_bytes
            yield 1, place, source + y * port.row_bytes, port.row_bytes, *rest

    def _views(self, call: Call, frame: int) -> Row:
        """Of operands and of results, as machine.h has them."""
        _, first, end, result, result_end = self.facts.nodes[self.numbers[call.op]]
        widths = {row[0]: row[3] for row in self.facts.operands[first:end]}
        ins = [self._view(view, frame, widths.get(position, 1)) for position, view in enumerate(call.inputs)]
        ins += [NOTHING] * (self.ins - len(ins))
        shapes = self.facts.results[result:result_end]
        outs = [self._view(view, frame, row[2]) for view, row in zip(call.outputs, shapes, strict=True)]
        numbers = [number for view in (*ins, *outs) for number in view]
        return tuple(numbers + [0] * (self.width - RECORD - len(numbers)))

    def _view(self, view: View, frame: int, width: int) -> Row:
        at = self._at(view.place, frame)
        if isinstance(view, Rows):
            pixel = view.row_bytes // width if view.row_bytes % width == 0 else 0  # 0 fits no tensor
            return at, pixel, width, view.capacity, view.capacity * width
        return at, view.pixel_bytes, view.columns, view.rows, view.pixels

    def _at(self, place: Place, frame: int) -> int:
        """Byte of memory."""
        if place.base is Base.CONSTANT:
            return 0
        base = self.memory.inputs[place.index] if place.base is Base.SOURCE else 0
        return base + place.offset + place.slot_bytes * ((frame - place.delay) % place.slots)
