"""Compares the emitted C, as text, with the plan that was proved: a fault of the emitter does not reach a device.

What the text says is read by export.c.facts; what it should say is derived here from plan and model, not by the
emitter's code. Loops, offsets, strides, capacities, schedules, regions, tables, macros, parameters, weights. The rest
of the text is the templates' own, the same for every model.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from export.c.facts import Facts, Place, UnknownCodeError, c_facts, header_facts
from export.c.text import C_TYPES, field_text
from verify.graph.accounting import history_bytes
from verify.graph.graph import Graph, Node
from verify.graph.plan import Buffer, Firing, Plan, Policy, Schedule, Stage
from verify.graph.plan_json import plan_to_json
from verify.graph.tensor import Axis, row_count
from verify.ops.regions import schedule_of
from verify.ops.streaming import edge_window, extent, written_rows
from verify.targets.choice import Kernels, kernels_of
from verify.targets.flash import constant_bytes

Value = tuple[object, ...]


def differences(files: Mapping[str, str], graph: Graph, plan: Plan) -> list[str]:
    """What the generated files do that the plan does not say: nothing, if the emitter is right.

    Args:
      files: name -> text, as `export.c.emit.emit` returns them.
      graph, plan: what was proved.
    """
    try:
        found = c_facts(files["stj_model.c"]) | header_facts(files["stj_model.h"])
    except UnknownCodeError as error:
        return [str(error)]
    expected = _Expected(graph, plan).facts()
    absent = object()
    wrong = [
        f"{name}: the C has {_shown(found.get(name, 'nothing'))}, the plan {_shown(value)}"
        for name, value in expected.items()
        if found.get(name, absent) != value
    ]
    # Macros that only describe (shapes, scales) are not the plan's; everything that runs is expected or too much.
    wrong += [
        f"{name}: the C has {_shown(value)}, the plan nothing like it"
        for name, value in found.items()
        if name not in expected and not name.startswith("macro ")
    ]
    return wrong + list(_wrong_constants(files["stj_model_constants.h"], graph, kernels_of(graph, plan)))


def _shown(value: object) -> str:
    if isinstance(value, Place):
        slot = f" + (frame + {value.late}) % {value.frames} * {value.size}" if value.frames > 1 else ""
        return f"{value.base} + {value.offset}{slot}"
    if isinstance(value, tuple | frozenset):
        return f"({', '.join(map(_shown, value))})"
    return str(value)


class _Expected:
    """The facts of a plan."""

    def __init__(self, graph: Graph, plan: Plan):
        self.graph, self.plan = graph, plan
        self.nodes = {node.index: node for node in graph.nodes}
        self.buffers = {buffer.tensor: buffer for buffer in plan.buffers}
        self.producers = {tensor: node for node in graph.nodes for tensor in node.outputs}
        self.kernels = kernels_of(graph, plan)
        self.late = graph.feeds_later_frames() if graph.clip_frames > 1 else set()

    def facts(self) -> Facts:
        facts: Facts = {}
        for number, stage in enumerate(self.plan.stages):
            facts |= self._stage(number, stage)
        fed = bool(self.plan.stages and self.plan.stages[0].feeds)
        facts["finish: stages"] = tuple(self._run(k) for k in range(1 if fed else 0, len(self.plan.stages)))
        return facts | self._interface(fed) | self._macros() | (self._clip() if self.graph.clip_frames > 1 else {})

    # -- stages

    def _stage(self, number: int, stage: Stage) -> Facts:
        name = f"stage {number}"
        split = [firing for firing in stage.firings if self._splits(stage, firing)]
        looped = stage.steps > 1 or bool(stage.feeds)
        high = stage.axis is Axis.HEIGHT
        inside = stage.columns if high else stage.ticks
        facts: Facts = {f"{name}: order": tuple(firing.op for firing in stage.firings)}
        if inside > 1 or split:
            order = ("outer, inner" if high else "inner, outer") if looped else "0, inner"
            facts[f"{name}: inner loop"] = (inside, order, "int32_t outer" if looped else None)
            facts[f"{name}: arguments"] = "int32_t n, int32_t m"
        else:
            facts[f"{name}: arguments"] = "int32_t n" if looped else None
        regions = [line for firing in reversed(split) for line in self._region(stage, firing)]
        facts[f"{name}: regions"] = tuple(regions)
        for firing in stage.firings:
            facts |= self._call(f"{name}, op {firing.op}", firing, firing in split, looped)
        return facts

    def _splits(self, stage: Stage, firing: Firing) -> bool:
        node = self.nodes[firing.op]
        tiled = any(self.buffers[t].tiled for t in (*node.inputs, *node.outputs) if t in self.buffers)
        return stage.columns > 1 or tiled or any(other.demand for other in stage.firings)

    def _run(self, number: int) -> Value:
        """(stage, turns of its outer loop or 0 for a plain call, whether it is left out of frames without result)."""
        stage = self.plan.stages[number]
        idle = self.plan.clip_frames > 1 and self.late.isdisjoint(firing.op for firing in stage.firings)
        looped = stage.steps > 1 or bool(stage.feeds)
        return number, _outer(stage) if looped else 0, idle

    def _region(self, stage: Stage, firing: Firing) -> Iterator[Value]:
        node, ends = self.nodes[firing.op], []
        for axis, tick in ((Axis.HEIGHT, "n"), (Axis.WIDTH, "m")):
            total, schedule = extent(node, axis), schedule_of(firing, axis)
            if axis in firing.demand:
                ends += [("at", total), ("at", 0)]
            elif schedule is None:
                ends += [("at", 0), ("at", total)]
            else:
                ends += [_frontier(schedule, tick, shift, total) for shift in (-1, 0)]
        yield firing.op, tuple(ends)
        for axis in firing.demand:
            for reader in stage.firings:
                yield from self._widenings(node, self.nodes[reader.op], axis)

    def _widenings(self, node: Node, reader: Node, axis: Axis) -> Iterator[Value]:
        letter = "y" if axis is Axis.HEIGHT else "x"
        for operand, tensor in enumerate(reader.inputs):
            w = edge_window(self.graph, reader, operand, node, axis) if tensor in node.outputs else None
            if w is not None:
                reach = (w.kernel - 1) * w.dilation + 1
                numbers = (w.stride, w.pad_before, w.upsample, reach, extent(node, axis))
                yield ("widen", node.index, letter, reader.index, *numbers)

    # -- calls

    def _call(self, name: str, firing: Firing, tile: bool, looped: bool) -> Facts:
        node = self.nodes[firing.op]
        call = self.kernels[node.index].call(node, f"op_{node.index}")
        facts: Facts = {f"{name}: kernel": call.tile if tile else call.kernel}
        for k, tensor in enumerate(node.inputs):
            delays = node.delays_of(k)
            view = self._pixels(tensor, delays) if tile else self._rows(tensor, node.input_shapes[k], delays)
            facts[f"{name}: input {k}"] = view
        for k, tensor in enumerate(node.outputs):
            facts[f"{name}: output {k}"] = (
                self._pixels(tensor, (0,)) if tile else self._rows(tensor, node.output_shapes[k], (0,))
            )
        facts[f"{name}: span"] = self._span(node, firing, tile, looped)
        return facts

    def _span(self, node: Node, firing: Firing, tile: bool, looped: bool) -> Value:
        rows = row_count(node.output_shapes[0])
        if tile:
            return "region", node.index, f"&region_{node.index}"
        if node.slides_over_frames:
            kept = self.buffers[node.inputs[0]].frames
            return ("slot", kept, 0), ("slot", kept, 1)
        if looped:
            return _frontier(firing.schedule, "n", -1, rows), _frontier(firing.schedule, "n", 0, rows)
        return ("at", 0), ("at", firing.schedule.frontier(0, rows))

    def _place(self, tensor: int, delay: int) -> Place:
        if self.graph.tensors[tensor].data is not None:
            return Place(f"(const uint8_t *)tensor_{tensor}", 0)
        buffer = self.buffers[tensor]
        external = buffer.policy is Policy.EXTERNAL
        base = f"model->source[{self.graph.inputs.index(tensor)}]" if external else "arena"
        if buffer.frames == 1:
            return Place(base, buffer.offset)
        return Place(base, buffer.offset, -delay % buffer.frames, buffer.frames, self.graph.tensors[tensor].size_bytes)

    def _rows(self, tensor: int, shape: tuple[int, ...], delays: tuple[int, ...]) -> Value:
        """(place, bytes of a row, rows before a slot is used again), rows being those of the node's own view."""
        data, rows = self.graph.tensors[tensor], row_count(shape)
        buffer = self.buffers.get(tensor)
        if buffer is not None and data.data is None and len(delays) > 1:
            return Place("arena", buffer.offset), data.size_bytes, buffer.frames
        ring = buffer is not None and data.data is None and buffer.policy is Policy.RING
        return self._place(tensor, max(delays)), data.size_bytes // rows, buffer.rows if ring and buffer else rows

    def _pixels(self, tensor: int, delays: tuple[int, ...]) -> Value:
        """(place, bytes of a pixel, columns, rows, slots)."""
        data, buffer = self.graph.tensors[tensor], self.buffers.get(tensor)
        height, width, channels = data.shape[-3:]
        kept: Buffer | None = buffer if buffer is not None and buffer.policy is Policy.RING else None
        if kept is None or data.data is not None:
            numbers = (width, height, height * width)
        elif kept.pixels:
            numbers = (width, 0, kept.pixels)
        else:
            columns = kept.columns or width
            numbers = (columns, kept.rows, columns * kept.rows)
        return self._place(tensor, max(delays)), channels * data.dtype.size_bytes, *numbers

    # -- interface and time

    def _interface(self, fed: bool) -> Facts:
        graph, facts = self.graph, Facts()
        rows = [written_rows(graph, tensor, None) for tensor in graph.inputs]
        sizes = [graph.tensors[tensor].size_bytes for tensor in graph.inputs]
        facts["table input_bytes"], facts["table input_rows"] = tuple(sizes), tuple(rows)
        facts["table output_bytes"] = tuple(graph.tensors[tensor].size_bytes for tensor in graph.outputs)
        order = list(range(len(graph.inputs)))
        if fed:
            stage, feed = self.plan.stages[0], self.plan.stages[0].feeds[0]
            first = graph.inputs.index(feed.tensor)
            order.append(order.pop(first))  # pushed last: its rows drive the first stage
            end = _frontier(feed.schedule, "model->tick", 0, graph.tensors[feed.tensor].rows)
            facts["first stage: advanced by"] = (first, first)  # before and after its row
            facts["first stage: waits"] = (_outer(stage), end, first)
        facts["table push_order"] = tuple(order)
        external = any(buffer.policy is Policy.EXTERNAL for buffer in self.plan.buffers)
        for k, tensor in enumerate(graph.inputs if not external else ()):
            view = (self._place(tensor, 0), k, self.buffers[tensor].rows, sizes[k] // rows[k])
            facts[f"pushed input {k}"] = view
        for k, tensor in enumerate(graph.outputs):
            facts[f"output {k}"] = Place("arena", self.buffers[tensor].offset)
        return facts

    def _macros(self) -> Facts:
        plan = self.plan
        numbers: dict[str, object] = {
            "SHA256": self.graph.sha256,
            "PLAN_SHA256": hashlib.sha256(plan_to_json(plan).encode()).hexdigest(),
            "ARENA_BYTES": plan.arena_bytes,
            "STATE_BYTES": plan.state_bytes,
            "SCRATCH_BYTES": plan.scratch_bytes,
            "STACK_BYTES": plan.stack_bytes,
            "SRAM_BYTES": plan.sram_bytes,
            "WEIGHT_BYTES": constant_bytes(self.graph, self.kernels),
            "INPUTS": len(self.graph.inputs),
            "OUTPUTS": len(self.graph.outputs),
            "EXTERNAL": int(any(buffer.policy is Policy.EXTERNAL for buffer in plan.buffers)),
        }
        if plan.flash_budget is not None:
            numbers["FLASH_BUDGET_BYTES"] = plan.flash_budget
        for k, tensor in enumerate(self.graph.inputs):
            size, rows = self.graph.tensors[tensor].size_bytes, written_rows(self.graph, tensor, None)
            numbers |= {
                f"INPUT_{k}_EXTERNAL": numbers["EXTERNAL"],
                f"INPUT_{k}_BYTES": size,
                f"INPUT_{k}_ROWS": rows,
                f"INPUT_{k}_ROW_BYTES": size // rows,
            }
        for k, tensor in enumerate(self.graph.outputs):
            numbers[f"OUTPUT_{k}_BYTES"] = self.graph.tensors[tensor].size_bytes
        return {f"macro {name}": value for name, value in numbers.items()}

    def _clip(self) -> Facts:
        graph = self.graph
        kept = [buffer for buffer in self.plan.buffers if buffer.frames > 1]
        period = int(np.lcm.reduce([buffer.frames for buffer in kept]))
        facts: Facts = {
            "period of frames": period,
            "macro TIME_STEP": self.plan.time_step,
            "macro WARM_UP_FRAMES": graph.warm_up,
            "macro HISTORY_BYTES": history_bytes(graph, self.plan),
        }
        sizes = {buffer.tensor: graph.tensors[buffer.tensor].size_bytes for buffer in kept}
        for buffer in kept:
            if buffer.tensor in graph.fills:
                total = buffer.frames * sizes[buffer.tensor]
                facts[f"fill at {buffer.offset}"] = (graph.fills[buffer.tensor], total)
        apart = all(len(self.late & {f.op for f in s.firings}) in (0, len(s.firings)) for s in self.plan.stages)
        if kept and apart and graph.frames_stand_alone():
            facts["repeat: copies"] = frozenset(
                (self._place(b.tensor, 0), self._place(b.tensor, 1), sizes[b.tensor]) for b in kept
            )
            runs = [self._run(k) for k in range(len(self.plan.stages))]
            facts["repeat: stages"] = tuple(run for run in runs if run[2])
        return facts


def _outer(stage: Stage) -> int:
    return stage.ticks if stage.axis is Axis.HEIGHT else stage.columns


def _frontier(schedule: Schedule, tick: str, shift: int, total: int) -> Value:
    return ("frontier", tick, shift, schedule.rate, schedule.period, schedule.offset, total)


# -- constants

_ARRAY = re.compile(r"static const (\w+) (\w+)\[(\d+)\] = \{\n([^}]*)\n\};\n")
_STRUCT = re.compile(r"static const (\w+) (op_\d+) = \{\n((?:    \.\w+ = .*,\n)*)\};\n")


def _wrong_constants(text: str, graph: Graph, kernels: Kernels) -> Iterator[str]:
    """Weights, biases, multipliers and shifts are the operators' own; parameters are what their kernels state."""
    arrays = {name: (ctype, int(count), values) for ctype, name, count, values in _ARRAY.findall(text)}
    structs = {name: (ctype, _fields(body)) for ctype, name, body in _STRUCT.findall(text)}
    rest = re.sub(r"/\*.*?\*/|\s+", "", _STRUCT.sub("", _ARRAY.sub("", text)))
    if rest:
        yield f"stj_model_constants.h has code of an unknown shape: {rest[:80]!r}"
    for node in graph.nodes:
        name = f"op_{node.index}"
        call = kernels[node.index].call(node, name)
        stated = {field: field_text(value) for field, value in call.fields.items()}
        if structs.get(name) != (call.params_type, stated):
            yield f"{node.label}: its parameters {name} are not those of its kernel"
        for field, value in _own_fields(node.op).items():
            if field in stated and stated[field] != str(value):
                yield f"{node.label}: parameter {field} is {stated[field]}, the model says {value}"
        read: dict[str, np.ndarray] = {}
        for constant in call.constants:
            found = _array(arrays.get(constant.name), constant.values)
            if found is None or not np.array_equal(found, constant.values.reshape(-1)):
                yield f"{node.label}: constant {constant.name} does not hold what its kernel stores"
            else:
                read[constant.name.removeprefix(f"{name}_")] = found
        restored = kernels[node.index].restored(node, read)
        for constant, values in node.op.constants.items():
            if constant not in restored or not np.array_equal(restored[constant], values):
                yield f"{node.label}: its arrays do not hold the model's {constant}"
        for tensor in node.inputs:
            data = graph.tensors[tensor].data
            found = None if data is None else _array(arrays.get(f"tensor_{tensor}"), data)
            if data is not None and (found is None or not np.array_equal(found, data.reshape(-1))):
                yield f"{node.label}: constant tensor_{tensor} does not hold the model's values"


def _fields(body: str) -> dict[str, str]:
    return dict(re.findall(r"    \.(\w+) = (.*),\n", body))


def _own_fields(op: Any) -> dict[str, int]:
    """Parameters that every kernel with a window or a rescaling calls alike, from the operator itself."""
    fields: dict[str, int] = {}
    if (g := getattr(op, "geometry", None)) is not None:
        fields |= {"in_h": g.input_shape[1], "in_w": g.input_shape[2], "pad_top": g.top, "pad_left": g.left}
        fields |= {"out_h": g.output_shape[1], "out_w": g.output_shape[2]}
        for name, pair in (("kernel", g.kernel), ("stride", g.stride), ("dilation", g.dilation)):
            fields |= {f"{name}_h": pair[0], f"{name}_w": pair[1]}
    if (r := getattr(op, "rescale", None)) is not None:
        fields |= {"in_zero_point": op.input_zero_point, "out_zero_point": r.zero_point}
        fields |= {"out_min": r.low, "out_max": r.high}
    return fields


def _array(found: tuple[str, int, str] | None, like: np.ndarray) -> np.ndarray | None:
    """An array of the text, flat, if it has the element type and the number of elements of `like`."""
    if found is None or (found[0], found[1]) != (C_TYPES[like.dtype.name], like.size):
        return None
    texts = [text for text in found[2].replace("\n", " ").split(",") if text.strip()]
    if like.dtype.kind == "f":
        values = np.array([float(text.strip().rstrip("f")) for text in texts], like.dtype)
    else:
        wide = np.array([_integer(text) for text in texts], np.int64)
        values = wide.astype(like.dtype)
        if not np.array_equal(values, wide):
            return None
    return values if values.size == like.size else None


def _integer(text: str) -> int:
    text = text.strip()
    return -(2**31) if text == "(-2147483647 - 1)" else int(text)
