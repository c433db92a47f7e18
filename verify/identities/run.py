"""Runs a program on identities: what it was lowered to, not what a plan says about it, decides.

An image is one run. A stream runs until its memory is what it was some frames before, but that every frame in it is as
much later, at a frame with the same place in all rings: what was seen is then all that there is.
"""

import math

import numpy as np

from verify.graph.accounting import ALIGNMENT
from verify.graph.graph import Graph
from verify.identities.facts import Facts, Memory, Row, facts_of, fault_of_padding
from verify.identities.machine import LONGEST, Machine
from verify.identities.messages import explain
from verify.identities.plain import preferred_machine
from verify.program.program import Base, Place, Program, Rows, View
from verify.program.steps import Arrive, frame_events, result_in
from verify.targets.choice import Kernels

WHOLE_ROWS = 2**40
"""As the end of columns: all of each result's (calls.h)."""


def fault_of_program(
    graph: Graph, kernels: Kernels, program: Program, machine: type[Machine] | None = None
) -> str | None:
    """What is wrong with a program, whatever is seen first; None where all is right.

    Args:
      graph, kernels: what is to be computed, and by whom.
      program: what runs; of it nothing is believed but that it is what runs.
      machine: the kind of machine; `preferred_machine` if None.
    """
    facts = facts_of(graph, kernels)
    memory = Memory.of(facts, program.bytes.arena)
    run = _Run(graph, facts, memory, program, (machine or preferred_machine())(facts, memory))
    return fault_of_padding(graph) or _fault_of_alignment(program) or run.fault()


def _fault_of_alignment(program: Program) -> str | None:
    for call in (call for stage in program.stages for call in stage.calls):
        for place in (view.place for view in (*call.inputs, *call.written)):
            if place.base in (Base.ARENA, Base.SCRATCH) and place.offset % ALIGNMENT:
                return f"{call.label}: byte {place.offset} of the arena is no multiple of {ALIGNMENT}"
    return None


class _Run:
    def __init__(self, graph: Graph, facts: Facts, memory: Memory, program: Program, machine: Machine):
        self.graph, self.facts, self.memory, self.program, self.machine = graph, facts, memory, program, machine

    def fault(self) -> str | None:
        clip = self.program.clip
        if clip is None:
            return self._frame(0)
        for fill in clip.fills:
            self.machine.set(fill.offset, fill.value, fill.size)
        period, turn = math.lcm(clip.period, clip.step), clip.warm_up + self.facts.kept
        then, since = self.machine.arena.copy(), -1
        for frame in range(min(LONGEST, (2**31 - 2) // self.facts.all)):
            if fault := self._frame(frame):
                return fault
            if since >= 0 and (frame - since) % period == 0 and self.machine.came_round(then, frame - since):
                return None
            if frame == turn:
                then, since, turn = self.machine.arena.copy(), frame, turn + 2 * period
        return "frames do not come to stand in memory as they did some frames before"

    def _frame(self, frame: int) -> str | None:
        self.machine.next_frame(frame == 0)
        views: dict[int, np.ndarray] = {}
        for event in frame_events(self.program, frame):
            if isinstance(event, Arrive):
                self._arrive(event, frame)
                continue
            call = event.call
            if id(call) not in views:
                rows = [self._view(view, frame) for view in (*call.inputs, *call.written)]
                views[id(call)] = np.array(rows, np.int64)
            columns = (event.x0, event.x1) if call.by_pixels else (0, WHOLE_ROWS)
            self.machine.call(call.op, len(call.inputs), views[id(call)], (event.y0, event.y1, *columns))
        found = self.machine.event()
        for port, shape in zip(self.program.outputs, self.facts.outputs, strict=True):
            if found is None and result_in(self.program, frame):
                found = self.machine.output(shape, self._at(port.view.place, frame))
        return explain(self.graph, self.facts, frame, found) if found else None

    def _arrive(self, event: Arrive, frame: int) -> None:
        """Rows go, one by one, from the caller's memory to their places."""
        port, source = self.program.inputs[event.input], self.memory.inputs[event.input]
        to = self._at(port.view.place, frame)
        for y in range(event.first, event.last):
            place = to + y % port.view.capacity * port.view.row_bytes
            self.machine.copy(place, source + y * port.row_bytes, port.row_bytes)

    def _view(self, view: View, frame: int) -> Row:
        """As calls.h has it."""
        at = self._at(view.place, frame)
        if isinstance(view, Rows):
            return at, view.row_bytes, 0, view.capacity, 0
        return at, view.pixel_bytes, view.columns, view.rows, view.pixels

    def _at(self, place: Place, frame: int) -> int:
        """Byte of memory."""
        if place.base is Base.CONSTANT:
            return 0
        base = self.memory.inputs[place.index] if place.base is Base.SOURCE else 0
        return base + place.offset + place.slot_bytes * ((frame - place.delay) % place.slots)
