"""Plans as JSON and back, strictly: an unknown key, a missing key or a wrong type is an error that names its path."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any, TypeVar

from verify.graph.camera import Camera
from verify.graph.graph import LeftOut
from verify.graph.learning import Learning
from verify.graph.plan import Buffer, Feed, Firing, InputMode, Plan, Policy, Schedule, Stage
from verify.graph.tensor import Axis
from verify.graph.window import Padding

FORMAT = "stjax-plan"
VERSION = 3
KERNELS_SINCE = 3
"""Files of version 2 name neither target nor kernels: they are for the portable ones (verify.targets.choice)."""
_LIMIT = 2**40
MOST_SHIFT = 30
"""Bits by which a gradient is shifted."""

T = TypeVar("T")


class PlanError(Exception):
    """A plan file that cannot be read; the message says where and what was expected."""


def plan_to_json(plan: Plan) -> str:
    """The plan as JSON text with stable key order, one stage entry, one buffer, one tensor's channels per line."""
    value = _plan_value(plan)
    lists = {key: value.pop(key) for key in ("stages", "buffers", "left_out") if key in value}
    parts = [
        f' "{key}": [\n' + ",\n".join(f"  {json.dumps(x)}" for x in entries) + "\n ]" for key, entries in lists.items()
    ]
    return ",\n".join([json.dumps(value, indent=1)[:-2], *parts]) + "\n}\n"


def plan_from_json(text: str) -> Plan:
    """Reads what `plan_to_json` wrote.

    Raises:
      PlanError: not JSON, not this format or version, or a field that is missing, unknown or out of range.
    """
    try:
        value = json.loads(text, object_pairs_hook=_each_key_once)
    except (ValueError, RecursionError) as error:
        raise PlanError(f"plan file is not JSON: {error}") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise PlanError(f'plan file must be a JSON object with "format": "{FORMAT}"')
    version = value.get("version")
    if isinstance(version, bool) or version not in (2, VERSION):
        raise PlanError(f"plan version is {version!r}; this program reads versions 2 and {VERSION}")
    return _read_plan(_Reader(value, "plan"), kernels=version >= KERNELS_SINCE)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of the file; who reads a key twice sees the first, and json keeps the last."""
    value = dict(pairs)
    if len(value) < len(pairs):
        keys = [key for key, _ in pairs]
        raise PlanError(f"plan file has the key {next(k for k in keys if keys.count(k) > 1)!r} twice in one object")
    return value


def _plan_value(plan: Plan) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "model": {"name": plan.model_name, "sha256": plan.model_sha256},
        "target": plan.target,
        "scheme": plan.scheme,
        "input": plan.input_mode.value,
        "time": {"clip_frames": plan.clip_frames, "step": plan.time_step},
        "budget": {"sram_bytes": plan.sram_budget, "flash_bytes": plan.flash_budget},
        "arena_bytes": plan.arena_bytes,
        "state_bytes": plan.state_bytes,
        "scratch_bytes": plan.scratch_bytes,
        "stack_bytes": plan.stack_bytes,
        "stages": [_stage_value(stage) for stage in plan.stages],
        "buffers": [
            {"tensor": b.tensor, "policy": b.policy.value, "rows": b.rows, "offset": b.offset, "carry": b.carry}
            | ({"frames": b.frames} if b.frames > 1 else {})
            | ({"columns": b.columns} if b.columns else {})
            | ({"pixels": b.pixels} if b.pixels else {})
            for b in plan.buffers
        ],
        **({"upright": True} if plan.upright else {}),
        **({"phased": list(plan.phased)} if plan.phased else {}),
        **({"subgraph": plan.subgraph} if plan.subgraph else {}),
        **({"camera": asdict(plan.camera)} if plan.camera else {}),
        **({"learning": asdict(plan.learning)} if plan.learning else {}),
        **({"left_out": [_left_out_value(entry) for entry in plan.left_out]} if plan.left_out else {}),
    }


def _left_out_value(entry: LeftOut) -> dict[str, Any]:
    return {"tensor": entry.tensor, "channels": list(entry.channels), "values": list(entry.values)}


def _stage_value(stage: Stage) -> dict[str, Any]:
    return {
        "axis": stage.axis.value,
        "ticks": stage.ticks,
        **({"columns": stage.columns} if stage.columns > 1 else {}),
        **({"pads_ends": True} if stage.pads_ends else {}),
        "feeds": [{"tensor": f.tensor, "schedule": _schedule_value(f.schedule)} for f in stage.feeds],
        "firings": [
            {"op": f.op, "kernel": f.kernel, "schedule": _schedule_value(f.schedule)}
            | ({"columns": _schedule_value(f.columns)} if f.columns else {})
            | ({"demand": [axis.value for axis in f.demand]} if f.demand else {})
            | ({"padding": [*_padding_value(f.padding)]} if f.padding else {})
            | ({} if f.scratch is None else {"scratch": f.scratch})
            for f in stage.firings
        ],
    }


def _schedule_value(schedule: Schedule) -> list[int]:
    grain = [schedule.grain] if schedule.grain > 1 else []
    return [schedule.rate, schedule.period, schedule.offset, *grain]


def _padding_value(padding: Padding) -> tuple[int, ...]:
    return padding.top, padding.bottom, padding.left, padding.right, padding.value


class _Reader:
    """A JSON object being read: every key must be asked for, and asked for with its type."""

    def __init__(self, value: Any, where: str):
        if not isinstance(value, dict):
            raise PlanError(f"{where} must be an object, found {_short(value)}")
        self.value, self.where, self.used = value, where, {"format", "version"} if where == "plan" else set()

    def get(self, key: str, optional: bool = False) -> Any:
        self.used.add(key)
        if key not in self.value and not optional:
            raise PlanError(f"{self.where}.{key} is missing")
        return self.value.get(key)

    def integer(self, key: str, low: int = -_LIMIT) -> int:
        return _integer(self.get(key), f"{self.where}.{key}", low)

    def boolean(self, key: str) -> bool:
        value = self.get(key)
        if not isinstance(value, bool):
            raise PlanError(f"{self.where}.{key} must be true or false, found {_short(value)}")
        return value

    def optional_integer(self, key: str) -> int | None:
        return None if self.get(key) is None else self.integer(key, 0)

    def integer_or(self, key: str, default: int, low: int) -> int:
        return default if self.get(key, optional=True) is None else self.integer(key, low)

    def text(self, key: str) -> str:
        value = self.get(key)
        if not isinstance(value, str):
            raise PlanError(f"{self.where}.{key} must be a string, found {_short(value)}")
        return value

    def choice(self, key: str, kind: Callable[[str], T]) -> T:
        value = self.text(key)
        try:
            return kind(value)
        except ValueError:
            raise PlanError(f"{self.where}.{key} is {value!r}, which is not one of its values") from None

    def integers(self, key: str, count: int, most: int = 0) -> list[int]:
        value = self.get(key)
        if not isinstance(value, list) or not count <= len(value) <= max(count, most):
            counts = f"{count} or {most}" if most else f"{count}"
            raise PlanError(f"{self.where}.{key} must be a list of {counts} integers, found {_short(value)}")
        return [_integer(item, f"{self.where}.{key}", -_LIMIT) for item in value]

    def indices(self, key: str) -> tuple[int, ...]:
        value = self.get(key)
        if not isinstance(value, list):
            raise PlanError(f"{self.where}.{key} must be a list, found {_short(value)}")
        return tuple(_integer(item, f"{self.where}.{key}[{i}]", 0) for i, item in enumerate(value))

    def each(self, key: str, read: Callable[["_Reader"], T]) -> tuple[T, ...]:
        value = self.get(key)
        if not isinstance(value, list):
            raise PlanError(f"{self.where}.{key} must be a list, found {_short(value)}")
        return tuple(_finished(read, _Reader(item, f"{self.where}.{key}[{i}]")) for i, item in enumerate(value))

    def finish(self) -> None:
        unknown = sorted(set(self.value) - self.used)
        if unknown:
            raise PlanError(f"{self.where} has the unknown key {unknown[0]!r}")


def _finished(read: Callable[[_Reader], T], reader: _Reader) -> T:
    result = read(reader)
    reader.finish()
    return result


def _integer(value: Any, where: str, low: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= _LIMIT:
        raise PlanError(f"{where} must be an integer in [{low}, {_LIMIT}], found {_short(value)}")
    return value


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _read_plan(reader: _Reader, kernels: bool) -> Plan:
    model = _Reader(reader.get("model"), "plan.model")
    budget = _Reader(reader.get("budget"), "plan.budget")
    time = _Reader(reader.get("time"), "plan.time")
    plan = Plan(
        model_name=model.text("name"),
        model_sha256=model.text("sha256"),
        scheme=reader.text("scheme"),
        input_mode=reader.choice("input", InputMode),
        stages=reader.each("stages", lambda r: _read_stage(r, kernels)),
        buffers=reader.each("buffers", _read_buffer),
        arena_bytes=reader.integer("arena_bytes", 0),
        state_bytes=reader.integer("state_bytes", 0),
        scratch_bytes=reader.integer("scratch_bytes", 0),
        stack_bytes=reader.integer("stack_bytes", 0),
        sram_budget=budget.optional_integer("sram_bytes"),
        flash_budget=budget.optional_integer("flash_bytes"),
        clip_frames=time.integer("clip_frames", 1),
        time_step=time.integer("step", 1),
        **({"target": reader.text("target")} if kernels else {}),
        left_out=() if reader.get("left_out", optional=True) is None else reader.each("left_out", _read_left_out),
        upright=reader.get("upright", optional=True) is not None and reader.boolean("upright"),
        phased=() if reader.get("phased", optional=True) is None else reader.indices("phased"),
        subgraph=reader.integer_or("subgraph", 0, 0),
        camera=None if reader.get("camera", optional=True) is None else _read_camera(reader),
        learning=None if reader.get("learning", optional=True) is None else _read_learning(reader),
    )
    for part in (model, budget, time, reader):
        part.finish()
    return plan


def _read_camera(reader: _Reader) -> Camera:
    camera = _Reader(reader.get("camera"), "plan.camera")
    least = {"left": 0, "top": 0, "line_instructions": 0}
    found = Camera(**{field.name: camera.integer(field.name, least.get(field.name, 1)) for field in fields(Camera)})
    camera.finish()
    return found


def _read_learning(reader: _Reader) -> Learning:
    learning = _Reader(reader.get("learning"), "plan.learning")
    least = {"room": 0, "rate": -MOST_SHIFT, "bias_rate": -MOST_SHIFT}
    numbers = {f.name: learning.integer(f.name, least.get(f.name, 1)) for f in fields(Learning) if f.name != "head"}
    for name in ("rate", "bias_rate"):
        if numbers[name] > MOST_SHIFT:
            raise PlanError(f"plan.learning.{name} must be at most {MOST_SHIFT}, found {numbers[name]}")
    found = Learning(head=learning.text("head"), **numbers)
    learning.finish()
    return found


def _read_stage(reader: _Reader, kernels: bool) -> Stage:
    return Stage(
        axis=reader.choice("axis", Axis),
        ticks=reader.integer("ticks", 1),
        feeds=reader.each("feeds", lambda r: Feed(r.integer("tensor", 0), _read_schedule(r, "schedule"))),
        firings=reader.each("firings", lambda r: _read_firing(r, kernels)),
        columns=reader.integer_or("columns", 1, 1),
        pads_ends=reader.get("pads_ends", optional=True) is not None and reader.boolean("pads_ends"),
    )


def _read_firing(reader: _Reader, kernels: bool) -> Firing:
    padding = None
    if reader.get("padding", optional=True) is not None:
        padding = Padding(*reader.integers("padding", 5))
    columns = None if reader.get("columns", optional=True) is None else _read_schedule(reader, "columns")
    kernel = reader.text("kernel") if kernels else ""
    if kernels and not kernel:
        raise PlanError(f"{reader.where}.kernel is empty; it must name a kernel of the plan's target")
    schedule = _read_schedule(reader, "schedule")
    scratch = None if reader.get("scratch", optional=True) is None else reader.integer("scratch", 0)
    return Firing(reader.integer("op", 0), schedule, padding, columns, _read_demand(reader), kernel, scratch)


def _read_demand(reader: _Reader) -> tuple[Axis, ...]:
    names = reader.get("demand", optional=True)
    if names is None:
        return ()
    allowed = {axis.value: axis for axis in (Axis.HEIGHT, Axis.WIDTH)}
    if not isinstance(names, list) or not all(isinstance(n, str) and n in allowed for n in names):
        raise PlanError(f"{reader.where}.demand must be a list of {' and '.join(allowed)}, found {_short(names)}")
    return tuple(allowed[name] for name in names)


def _read_schedule(reader: _Reader, key: str) -> Schedule:
    rate, period, offset, grain = found = (*reader.integers(key, 3, 4), 1)[:4]
    if rate < 0 or period < 1 or grain < 1:
        raise PlanError(f"{reader.where}.{key} is {[*found]}; rate must be >= 0, period and grain >= 1")
    return Schedule(rate, period, offset, grain)


def _read_left_out(reader: _Reader) -> LeftOut:
    channels, values = reader.get("channels"), reader.get("values")
    for key, found in (("channels", channels), ("values", values)):
        if not isinstance(found, list) or not found or len(found) != len(channels):
            raise PlanError(
                f"{reader.where}.{key} must be a list, of as many channels as values; found {_short(found)}"
            )
    return LeftOut(
        tensor=reader.integer("tensor", 0),
        channels=tuple(_integer(c, f"{reader.where}.channels", 0) for c in channels),
        values=tuple(None if v is None else _integer(v, f"{reader.where}.values", -_LIMIT) for v in values),
    )


def _read_buffer(reader: _Reader) -> Buffer:
    return Buffer(
        tensor=reader.integer("tensor", 0),
        policy=reader.choice("policy", Policy),
        rows=reader.integer("rows", 1),
        offset=reader.integer("offset", 0),
        carry=reader.boolean("carry"),
        frames=reader.integer_or("frames", 1, 1),
        columns=reader.integer_or("columns", 0, 0),
        pixels=reader.integer_or("pixels", 0, 0),
    )
