"""The emitted C back to the program that it is: offsets, capacities, schedules and loops as they stand in the text.

Numbers are read off the statements by their shape, without the emitter's help. Then the program found is printed again:
where the text has anything else than what that prints, comments apart, it is refused. So nothing is skipped.
"""

import re
from collections.abc import Mapping
from dataclasses import fields

from export.c.print import program_text
from verify.graph.camera import Camera
from verify.graph.plan import Schedule
from verify.graph.tensor import row_count
from verify.graph.window import Window
from verify.program.program import (
    Base,
    Bytes,
    Call,
    Clip,
    EarlyExit,
    Feed,
    Fill,
    Fixed,
    History,
    Hull,
    Interval,
    KeptRows,
    Need,
    Pixels,
    Place,
    Port,
    Program,
    Region,
    Reuse,
    Rows,
    Stage,
    StageReuse,
    Steady,
    Stored,
    Turn,
    View,
)

_INT = r"-?\d+"
_STEADY = rf"stj_frontier(?:_by)?\(\S+(?: - 1)?, ({_INT}), ({_INT}), ({_INT}), ({_INT})(?:, ({_INT}))?\)"
_PLACE = (
    r"(?:(?:model->)?arena \+ TENSOR_(?P<tensor>\d+)"
    r"(?: \+ (?:model->frame|\(model->frame \+ (?P<late>\d+)\)) % (?P<slots>\d+) \* (?P<slot_bytes>\d+))?"
    r"|(?:model->)?arena \+ SCRATCH_(?P<scratch>\d+)"
    r"|model->source\[(?P<source>\d+)\]|\(const uint8_t \*\)tensor_(?P<constant>\d+))"
)
_VIEW = re.compile(
    rf"\{{\.data = {_PLACE}, (?:\.row_bytes = (?P<row_bytes>\d+), \.capacity = (?P<capacity>\d+)"
    r"|\.pixel_bytes = (?P<pixel_bytes>\d+), \.columns = (?P<columns>\d+), \.rows = (?P<rows>\d+), "
    r"\.pixels = (?P<pixels>\d+))\},"
)
_CALL = re.compile(
    r"\{ const stj_(?:pixels_)?in in\[\] = \{(?P<inputs>.*?)\}; const stj_(?:pixels_)?out out\[\] = "
    r"\{(?P<outputs>.*?)\}; (?P<kernel>\w+)\(&op_(?P<op>\d+), in, out, (?P<span>[^;]*)\); \}"
)
_REGION = re.compile(
    r"stj_region region_(\d+) = \{ \.y0 = (.*?), \.y1 = (.*?), \.x0 = (.*?), \.x1 = (.*?), \};|"
    r"stj_span rows_(\d+) = \{(.*?)\};"
)
_WIDEN = re.compile(
    rf"stj_widen\(&region_(\d+)\.([xy])0, &region_\d+\.[xy]1, region_(\d+)\.[xy]0, region_\d+\.[xy]1, "
    rf"({_INT}), ({_INT}), ({_INT}), ({_INT}), ({_INT}), {_INT}\);"
)


class UnknownCodeError(Exception):
    """The text is not what any program prints."""


def parse(files: Mapping[str, str], prefix: str) -> Program:
    """The program of a header and a C file.

    Args:
      files: name -> text, as `export.c.emit.emit` returns them.
      prefix: what its names begin with.

    Raises:
      UnknownCodeError: the text has something that a program does not print.
    """
    texts = {kind: files[f"{prefix}.{kind}"] for kind in ("h", "c")}
    try:
        program = _Parser(_plain(texts["h"]), _plain(texts["c"]), prefix).program()
    except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        raise UnknownCodeError(f"{prefix}.h and {prefix}.c are not a program: {error!r}") from None
    printed = program_text(program, prefix)
    for kind, text in texts.items():
        found, expected = _plain(text), _plain(printed[f"{prefix}.{kind}"])
        if found != expected:
            place = next((k for k, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b), len(expected))
            raise UnknownCodeError(f"{prefix}.{kind} has code of an unknown shape: ...{found[place : place + 80]}...")
    return program


def _plain(text: str) -> str:
    """Without comments, every run of white space one blank."""
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL))


class _Parser:
    """The pieces of a program, each read off its own part of the text."""

    def __init__(self, header: str, code: str, prefix: str):
        self.code, self.prefix = code, prefix
        macros = re.findall(rf"#define {prefix.upper()}_(\w+) (\{{[^}}]*\}}|\(-?\d+\)|\"[^\"]*\"|\S+)", header)
        self.macros = {name: value.strip('"()') for name, value in macros}
        self.offsets, self.scratches = (
            {int(number): int(at) for number, at in re.findall(rf"{name}_(\d+) = (\d+),", code)}
            for name in ("TENSOR", "SCRATCH")
        )

    def number(self, macro: str) -> int:
        return int(self.macros[macro])

    def program(self) -> Program:
        names = ("ARENA", "STATE", "SCRATCH", "STACK", "WEIGHT")
        order = _found(rf"{self.prefix}_push_order\[\w+\] = \{{(.*?)\}};", self.code)
        runs = self._runs()
        return Program(
            model_sha256=self.macros["SHA256"],
            plan_sha256=self.macros["PLAN_SHA256"],
            target=self.macros["TARGET"],
            bytes=Bytes(*(self.number(f"{name}_BYTES") for name in names), flash_budget=self._flash_budget()),
            inputs=tuple(self._input(k) for k in range(self.number("INPUTS"))),
            outputs=tuple(self._output(k) for k in range(self.number("OUTPUTS"))),
            push_order=tuple(map(int, order[1].split(","))),
            feed=self._feed(),
            stages=tuple(self._stage(k, *runs[k]) for k in sorted(runs)),
            clip=self._clip() if "CLIP_FRAMES" in self.macros else None,
            reuse=self._reuse(len(runs)) if "REUSES_ROWS" in self.macros else None,
            early_exit=self._early_exit() if "EXIT_OUTPUT" in self.macros else None,
            camera=self._camera() if "CAMERA_WIDTH" in self.macros else None,
            head_bytes=self.number("HEAD_BYTES") if "HEAD_BYTES" in self.macros else 0,
            name=self.macros["NAME"],
            memory=tuple(Stored(tensor, "", offset, 0, "") for tensor, offset in self.offsets.items()),
        )

    def _flash_budget(self) -> int | None:
        return self.number("FLASH_BUDGET_BYTES") if "FLASH_BUDGET_BYTES" in self.macros else None

    def body(self, head: str) -> str:
        """What stands between the braces of a function whose head matches."""
        found = _found(rf"\b{head}\([^)]*\) \{{", self.code)
        depth, start = 1, found.end()
        for end in range(start, len(self.code)):
            depth += {"{": 1, "}": -1}.get(self.code[end], 0)
            if depth == 0:
                return self.code[start:end]
        raise ValueError(f"{head} does not end")

    def has(self, name: str) -> bool:
        return re.search(rf"\b{name}\(const", self.code) is not None

    # -- inputs and outputs

    def _port(self, name: str, view: Rows, rows: int) -> Port:
        size = self.number(f"{name}_BYTES")
        shape = tuple(map(int, self.macros[f"{name}_SHAPE"].strip("{}").split(","))) if self._rank(name) else ()
        scaled = f"{name}_SCALE" in self.macros
        return Port(
            tensor=self.number(f"{name}_TENSOR"),
            shape=shape,
            dtype=self.macros[f"{name}_DTYPE"],
            size_bytes=size,
            rows=rows or row_count(shape),
            row_bytes=size // (rows or row_count(shape)),
            view=view,
            scale=float(self.macros[f"{name}_SCALE"]) if scaled else None,
            zero_point=self.number(f"{name}_ZERO_POINT") if scaled else None,
        )

    def _rank(self, name: str) -> int:
        return self.number(f"{name}_RANK")

    def _input(self, k: int) -> Port:
        name = f"INPUT_{k}"
        rows, row_bytes = self.number(f"{name}_ROWS"), self.number(f"{name}_ROW_BYTES")
        if self.number(f"{name}_EXTERNAL"):
            return self._port(
                name, Rows(self.number(f"{name}_TENSOR"), Place(Base.SOURCE, 0, k), row_bytes, rows), rows
            )
        found = _found(
            rf"case {k}: return {_PLACE} \+ model->received\[{k}\] % (?P<capacity>\d+) \* (?P<bytes>\d+);", self.code
        )
        view = Rows(int(found["tensor"]), self._place(found), int(found["bytes"]), int(found["capacity"]))
        return self._port(name, view, rows)

    def _output(self, k: int) -> Port:
        name, size = f"OUTPUT_{k}", self.number(f"OUTPUT_{k}_BYTES")
        found = _found(rf"case {k}: return {_PLACE};", self.body(rf"{self.prefix}_output"))
        place, shape = self._place(found, later=1), self.macros[f"{name}_SHAPE"].strip("{}")
        rows = row_count(tuple(map(int, shape.split(","))) if self._rank(name) else ())
        return self._port(name, Rows(int(found["tensor"]), place, size // rows, rows), 0)

    def _place(self, found: re.Match[str], later: int = 0) -> Place:
        """A place; `later` is by how many frames the program has gone on when it is asked for."""
        if found["constant"]:
            return Place(Base.CONSTANT, 0, int(found["constant"]))
        if found["source"]:
            return Place(Base.SOURCE, 0, int(found["source"]))
        if found["scratch"]:
            return Place(Base.SCRATCH, self.scratches[int(found["scratch"])], int(found["scratch"]))
        offset = self.offsets[int(found["tensor"])]
        if not found["slots"]:
            return Place(Base.ARENA, offset)
        slots = int(found["slots"])
        delay = (slots - int(found["late"]) if found["late"] else 0) - later
        return Place(Base.ARENA, offset, slots=slots, slot_bytes=int(found["slot_bytes"]), delay=delay % slots)

    def _feed(self) -> Feed | None:
        found = re.search(rf"{_STEADY} <= model->received\[(\d+)\](?:;|\) \{{ stage_0\()", self.code)
        return Feed(int(found[6]), _steady(found)) if found else None

    # -- stages

    def _runs(self) -> dict[int, tuple[str, int, bool]]:
        """Per stage the tick of its outer loop ("" where it has one turn), its turns, and whether it idles."""
        found: dict[int, tuple[str, int, bool]] = {}
        if re.search(r"static void step\(", self.code):
            first = 0
            run = r"if \(tick < (\d+)\) \{ (if \(model->wait == 0\) \{ )?stage_(\d+)\("
            for last, idle, number in re.findall(run, self.body("step")):
                head = _found(rf"void stage_{number}\(const \w+ \*model(?:, int32_t ([nm]))?\) \{{", self.code)
                found[int(number)] = (head[1] or "", int(last) - first, bool(idle))
                first = int(last)
            return found
        if fed := re.search(r"while \(model->tick < (\d+) &&", self.code):
            found[0] = ("n", int(fed[1]), False)
        if re.search(r"static void finish\(", self.code):
            loop = r"for \(int32_t ([nm]) = 0; [nm] < (\d+)( && model->wait == 0)?; [nm]\+\+\) \{ stage_(\d+)\("
            body = self.body("finish")
            for tick, turns, idle, number in re.findall(loop, body):
                found[int(number)] = (tick, int(turns), bool(idle))
            for idle, number in re.findall(r"(if \(model->wait == 0\) \{ )?stage_(\d+)\(model\);", body):
                found.setdefault(int(number), ("", 1, bool(idle)))
        return found

    def _stage(self, number: int, tick: str, outer: int, idle: bool) -> Stage:
        inner, counted = 1, "n" if tick == "m" else "m"
        if self.has(f"step_{number}"):
            loop = _found(r"for \(int32_t ([nm]) = 0; [nm] < (\d+);", self.body(f"stage_{number}"))
            counted, inner = loop[1], int(loop[2])
        columns_outside = counted == "n" and outer * inner > 1
        rows, columns = (inner, outer) if columns_outside else (outer, inner)
        body = self.body(f"{'step' if inner > 1 else 'stage'}_{number}")
        declared = self._regions(body)
        calls = list(_CALL.finditer(body))
        regions: list[Region] = []
        of_call: dict[int, int] = {}
        for found in reversed(calls):  # as programs number them
            name = re.search(r"(?:region|rows)_(\d+)", found["span"])
            region = declared[int(name[1])] if name else Region(_interval(*_two(found["span"].split(", "))))
            if region not in regions:
                regions.append(region)
            of_call[int(found["op"])] = regions.index(region)
        made = tuple(self._call(found, of_call[int(found["op"])]) for found in calls)
        return Stage(rows, columns, columns_outside, idle, tuple(regions), made)

    def _regions(self, body: str) -> dict[int, Region]:
        needs: dict[tuple[int, str], list[Need]] = {}
        for target, axis, reader, *window in _WIDEN.findall(body):
            stride, before, upsample, short, reach = map(int, window)
            span = Window(reach, stride, 1, before, upsample, short)
            needs.setdefault((int(target), axis), []).append(Need(int(reader), span))
        found: dict[int, Region] = {}
        for number, y0, y1, x0, x1, rows, span in _REGION.findall(body):
            if rows:
                found[int(rows)] = Region(_interval(*_two(re.split(r", (?=stj)", span))))
                continue
            k = int(number)
            found[k] = Region(_interval(y0, y1, needs.get((k, "y"))), _interval(x0, x1, needs.get((k, "x"))))
        return found

    def _call(self, found: re.Match[str], region: int) -> Call:
        inputs, written = (
            tuple(self._view(view) for view in _VIEW.finditer(found[side])) for side in ("inputs", "outputs")
        )
        outputs = tuple(view for view in written if view.place.base is not Base.SCRATCH)
        scratch = next(iter(written[len(outputs) :]), None)
        return Call(int(found["op"]), found["kernel"], inputs, outputs, region, scratch)

    def _view(self, found: re.Match[str]) -> View:
        place = self._place(found)
        if place.base is Base.SCRATCH:
            tensor = -1
        else:
            tensor = int(found["constant"] or found["tensor"] or self.number(f"INPUT_{place.index}_TENSOR"))
        if found["row_bytes"]:
            return Rows(tensor, place, int(found["row_bytes"]), int(found["capacity"]))
        numbers = (int(found[key]) for key in ("pixel_bytes", "columns", "rows", "pixels"))
        return Pixels(tensor, place, *numbers)

    # -- time

    def _clip(self) -> Clip:
        period = _found(r"model->frame = \(model->frame \+ 1\) % (\d+);", self.code)
        fills = re.findall(rf"memset\(model->arena \+ TENSOR_(\d+), ({_INT}), (\d+)\);", self.code)
        repeats: list[History] = []
        if re.search(rf"stj_status {self.prefix}_repeat_frame\(", self.code):
            copies = re.finditer(rf"memcpy\({_PLACE}, model->arena", self.body(f"{self.prefix}_repeat_frame"))
            repeats = [self._history(found) for found in copies]
        names = ("CLIP_FRAMES", "WARM_UP_FRAMES", "TIME_STEP", "HISTORY_BYTES")
        frames, warm_up, step, history = map(self.number, names)
        filled = tuple(Fill(int(t), self.offsets[int(t)], int(size), int(value)) for t, value, size in fills)
        return Clip(frames, int(period[1]), warm_up, step, history, filled, tuple(repeats))

    def _history(self, found: re.Match[str]) -> History:
        tensor = int(found["tensor"])
        return History(tensor, self.offsets[tensor], int(found["slots"]), int(found["slot_bytes"]))

    def _camera(self) -> Camera:
        return Camera(**{field.name: self.number(f"CAMERA_{field.name.upper()}") for field in fields(Camera)})

    def _early_exit(self) -> EarlyExit:
        values = _found(r"for \(int32_t k = 0; k < (\d+);", self.body("is_sure"))
        stopped = _found(r"is_sure\(model, margin\)\) \{.*?stage_(\d+)\(", self.body("finish"))
        return EarlyExit(self.number("EXIT_OUTPUT"), int(stopped[1]), int(values[1]))

    def _reuse(self, stages: int) -> Reuse:
        body = self.body(f"{self.prefix}_push_frame_rows")
        kept = re.finditer(
            rf"keep_rows\({_PLACE}, arena \+ .*?, (?P<row_bytes>\d+), (?P<rows>\d+), reuse_first\[(?P<table>\d+)\]",
            body,
        )
        taken = re.search(r"take_rows\(.*?reuse_first\[(\d+)\]", body)
        operators: list[tuple[int, int]] = []
        found: list[StageReuse] = []
        for number in range(stages):
            if not self.has(f"stage_{number}_rows"):
                found.append(StageReuse(False, None))
                continue
            for block in self.body(f"stage_{number}_rows").split("const int32_t due[]")[1:]:
                table, op = re.search(r"reuse_first\[(\d+)\]", block), _found(r"&op_(\d+)", block)
                operators += [(int(op[1]), int(table[1]))] if table else []
            loop = rf"n = reuse_first\[(\d+)\]\[first\](?:(?!int32_t n|stage_\d+_rows\().)*?stage_{number}_rows\("
            ticks = re.search(loop, body)
            found.append(StageReuse(True, int(ticks[1]) if ticks else None))
        return Reuse(
            *(self._table(name) for name in ("reuse_first", "reuse_last")),
            input=int(taken[1]) if taken else None,
            operators=tuple(sorted(operators)),
            kept=tuple(KeptRows(int(m["table"]), self._history(m), int(m["rows"]), int(m["row_bytes"])) for m in kept),
            stages=tuple(found),
        )

    def _table(self, name: str) -> tuple[tuple[int, ...], ...]:
        found = _found(rf"{name}\[\d+\]\[\d+\] = \{{(.*?)\}};", self.code)
        return tuple(tuple(map(int, re.findall(r"\d+", row))) for row in re.findall(r"\{(.*?)\}", found[1]))


def _found(pattern: str, text: str) -> re.Match[str]:
    """The first match; a program's text has one."""
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"nothing matches {pattern}")
    return found


def _steady(found: re.Match[str]) -> Steady:
    rate, period, offset, total, grain = (int(text or 1) for text in found.groups()[:5])
    if found[0].startswith("stj_frontier_by") != (grain > 1):
        raise ValueError(f"{found[0]}: a grain of more than one row, and no other, is an argument")
    return Steady(Schedule(rate, period, offset, grain), total)


def _two(ends: list[str]) -> tuple[str, str]:
    first, last = ends
    return first, last


def _interval(first: str, last: str, needs: list[Need] | None = None) -> Interval:
    if found := re.fullmatch(_STEADY, last):
        return _steady(found)
    if found := re.fullmatch(r"\(model->frame \+ (\d+)\) % (\d+)", first):
        return Turn(int(found[2]), int(found[2]) - int(found[1]))
    if (int(first), int(last)) != (0, 0) and int(last) == 0:
        return Hull(int(first), tuple(needs or ()))
    return Fixed(int(first), int(last))
