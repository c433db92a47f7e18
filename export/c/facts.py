"""The emitted C back to facts: offsets, capacities, schedules and loops, as they stand in the text.

Facts are a flat mapping, "stage 2, op 7: input 0" -> value, which export.c.readback compares with the plan's. Whatever
has a shape that is not known here is refused, never skipped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

Facts = dict[str, object]

_INT = r"-?\d+"
_FRAME = r"(?:model->frame|\(model->frame \+ (?P<late>\d+)\)) % (?P<frames>\d+) \* (?P<size>\d+)"
_PLACE = re.compile(
    r"(?P<base>arena|model->arena|model->source\[\d+\]|\(const uint8_t \*\)tensor_\d+)"
    rf"(?: \+ (?P<offset>\d+))?(?: \+ {_FRAME})?"
)
_FRONTIER = re.compile(rf"stj_frontier\((n|m|model->tick)( - 1)?, ({_INT}), ({_INT}), ({_INT}), ({_INT})\)")
_SLOT = re.compile(r"\(model->frame \+ 1\) % (\d+)( \+ 1)?")
_FUNCTION = re.compile(
    r"static STJ_NOINLINE void (stage|step)_(\d+)\(const stj_model \*model(?:, ([^)]*))?\) \{(.*?)\n\}", re.DOTALL
)
_CALL = re.compile(
    r"(?:if \(stj_any\(&region_(?P<guard>\d+)\)\) )?\{ const stj_(?P<tin>pixels_)?in in\[\] = \{(?P<inputs>.*?)\}; "
    r"const stj_(?P<tout>pixels_)?out out\[\] = \{(?P<outputs>.*?)\}; "
    r"(?P<kernel>\w+)\(&op_(?P<op>\d+), in, out, (?P<span>.*?)\); \}"
)
_REGION = re.compile(r"(?:const )?stj_region region_(\d+) = \{(.*?)\};")
_WIDEN = re.compile(
    r"stj_widen\(&region_(\d+)\.([xy])0, &region_(\d+)\.([xy])1, region_(\d+)\.([xy])0, region_(\d+)\.([xy])1, "
    rf"({_INT}), ({_INT}), ({_INT}), ({_INT}), ({_INT})\);"
)
_IGNORED = re.compile(r"uint8_t \*const arena = model->arena;|\(void\)[nm];")
_INNER = re.compile(
    r"for \(int32_t inner = 0; inner < (\d+); inner\+\+\) \{ "
    r"step_(\d+)\(model, (outer, inner|inner, outer|0, inner)\); \}"
)
_RUN = re.compile(
    r"for \(int32_t n = 0; n < (?P<ticks>\d+)(?P<idle> && model->wait == 0)?; n\+\+\) \{ "
    r"stage_(?P<looped>\d+)\(model, n\); \}|if \(model->wait == 0\) \{ stage_(?P<guarded>\d+)\(model\); \}|"
    r"stage_(?P<plain>\d+)\(model\);"
)
_ADVANCE = re.compile(
    r"while \(model->tick < (\d+) && (stj_frontier\([^)]*\)) <= model->received\[(\d+)\]\) "
    r"\{ stage_0\(model, model->tick\); model->tick\+\+; \}"
)
_FED = re.compile(r"if \(input == (\d+)\) \{ advance\(model\);")
_NEXT_ROW = re.compile(
    rf"case (\d+): return (model->arena \+ \d+(?: \+ {_FRAME})?) \+ model->received\[(\d+)\] % (\d+) \* (\d+);"
)
_OUTPUT = re.compile(r"case (\d+): return (model->arena \+ \d+);")
_FILL = re.compile(rf"memset\(model->arena \+ (\d+), ({_INT}), (\d+)\);")
_REPEAT = re.compile(r"memcpy\((model->arena[^,]*), (model->arena[^,]*), (\d+)\);")
_TABLE = re.compile(r"const int32_t stj_model_(\w+)\[STJ_MODEL_\w+\] = \{([-\d, ]*)\};")
_MACRO = re.compile(rf'^#define STJ_MODEL_(\w+) (?:\(?({_INT})\)?|"([0-9a-f]{{64}})")\s*(?:/\*.*)?$', re.MULTILINE)


class UnknownCodeError(Exception):
    """The generated text has a shape that cannot be read back."""


@dataclass(frozen=True)
class Place:
    """Where a view begins: `offset` into `base`, plus slot (frame + late) % frames of `size` bytes each."""

    base: str
    offset: int
    late: int = 0
    frames: int = 1
    size: int = 0


def c_facts(text: str) -> Facts:
    """Facts of stj_model.c.

    Raises:
      UnknownCodeError: a statement that is none of those the emitter writes.
    """
    code = _without_comments(text)
    facts: Facts = {}
    code = _FUNCTION.sub(lambda found: _function(facts, found), code)
    code = re.sub(r"\s+", " ", code)
    code = _sequence(facts, code, "finish", r"static void finish\(const stj_model \*model\) \{ (.*?)\(void\)model; \}")
    code = _sequence(
        facts, code, "repeat", r"stj_status stj_model_repeat_frame\(stj_model \*model\) \{ (.*?)next_frame\(model\);"
    )
    for pattern, read in (
        (_ADVANCE, _read_advance),
        (_NEXT_ROW, _read_next_row),
        (_OUTPUT, _read_output),
        (_FILL, _read_fill),
        (_TABLE, _read_table),
        (re.compile(r"model->frame = \(model->frame \+ 1\) % (\d+);"), _read_period),
    ):
        for found in pattern.finditer(code):
            _add(facts, *read(found))
        code = pattern.sub(";", code)
    if advanced := _FED.findall(code):
        _add(facts, "first stage: advanced by", tuple(map(int, advanced)))
    if left := re.search(r".{0,40}(arena \+|stj_frontier|&op_|stage_\d|step_\d|region_\d).{0,40}", code):
        raise UnknownCodeError(f"stj_model.c has code of an unknown shape: ...{left[0]}...")
    return facts


def header_facts(text: str) -> Facts:
    """Numbers and hashes that stj_model.h defines."""
    facts: Facts = {}
    for name, number, sha256 in _MACRO.findall(text):
        _add(facts, f"macro {name}", sha256 or int(number))
    return facts


def _add(facts: Facts, name: str, value: object) -> None:
    if name in facts:
        raise UnknownCodeError(f"{name} stands in the text twice")
    facts[name] = value


def _without_comments(text: str) -> str:
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    for line in code.splitlines():
        if (line.lstrip().startswith("#") and not re.fullmatch(r'#include ["<][\w.]+[">]', line)) or "//" in line:
            raise UnknownCodeError(f"stj_model.c has an unknown line: {line.strip()!r}")
    return code


def _function(facts: Facts, found: re.Match[str]) -> str:
    """Reads one stage_k or step_k, and leaves nothing of it."""
    kind, stage, parameters, body = found.groups()
    body = re.sub(r"\s+", " ", body).strip()
    inner = _INNER.fullmatch(body) if kind == "stage" else None
    if inner:
        if inner[2] != stage:
            raise UnknownCodeError(f"stage_{stage} runs the steps of stage {inner[2]}")
        _add(facts, f"stage {stage}: inner loop", (int(inner[1]), inner[3], parameters))
        return ""
    _add(facts, f"stage {stage}: arguments", parameters)
    order: list[int] = []
    regions: list[object] = []
    for statement in _statements(body, (_IGNORED, _REGION, _WIDEN, _CALL), f"{kind}_{stage}"):
        if statement.re is _REGION:
            regions.append((int(statement[1]), tuple(_end(text) for text in _arguments(statement[2]))))
        elif statement.re is _WIDEN:
            regions.append(_widening(statement))
        elif statement.re is _CALL:
            order.append(int(statement["op"]))
            _read_call(facts, f"stage {stage}, op {statement['op']}", statement)
    _add(facts, f"stage {stage}: order", tuple(order))
    _add(facts, f"stage {stage}: regions", tuple(regions))
    return ""


def _statements(body: str, patterns: tuple[re.Pattern[str], ...], where: str) -> Iterator[re.Match[str]]:
    position = 0
    while position < len(body):
        found = next((m for p in patterns if (m := p.match(body, position))), None)
        if found is None:
            raise UnknownCodeError(f"{where} has a statement of an unknown shape: {body[position : position + 80]!r}")
        yield found
        position = found.end() + (body[found.end() : found.end() + 1] == " ")


def _read_call(facts: Facts, name: str, found: re.Match[str]) -> None:
    tile = bool(found["tin"])
    if tile != bool(found["tout"]) or tile != (found["guard"] is not None):
        raise UnknownCodeError(f"{name}: rows and pixels are mixed in one call")
    _add(facts, f"{name}: kernel", found["kernel"])
    for side, direction in (("inputs", "input"), ("outputs", "output")):
        for number, view in enumerate(_views(found[side], name)):
            _add(facts, f"{name}: {direction} {number}", view)
    if tile:
        span: object = ("region", int(found["guard"]), found["span"])
    else:
        span = tuple(_end(text) for text in _arguments(found["span"]))
    _add(facts, f"{name}: span", span)


def _widening(found: re.Match[str]) -> object:
    target, axis, *names = found.groups()[:8]
    if names[:2] != [target, axis] or names[2] != names[4] or {names[3], names[5]} != {axis}:
        raise UnknownCodeError(f"unknown shape: {found[0]}")
    return ("widen", int(target), axis, int(names[2]), *map(int, found.groups()[8:]))


def _views(text: str, name: str) -> Iterator[tuple[object, ...]]:
    entries = re.findall(r"\{([^{}]*)\}", text)
    if ", ".join(f"{{{entry}}}" for entry in entries) != text:
        raise UnknownCodeError(f"{name}: views of an unknown shape: {text!r}")
    for entry in entries:
        place, *numbers = entry.split(", ")
        if not all(re.fullmatch(_INT, number) for number in numbers):
            raise UnknownCodeError(f"{name}: a view of an unknown shape: {entry!r}")
        yield (_place(place), *map(int, numbers))


def _place(text: str) -> Place:
    found = _PLACE.fullmatch(text)
    if not found:
        raise UnknownCodeError(f"an address of an unknown shape: {text!r}")
    base, offset = found["base"].removeprefix("model->arena") or "arena", int(found["offset"] or 0)
    if not found["frames"]:
        return Place(base, offset)
    frames = int(found["frames"])
    return Place(base, offset, int(found["late"] or 0) % frames, frames, int(found["size"]))


def _arguments(text: str) -> list[str]:
    """Split at commas outside parentheses."""
    parts, depth = [""], 0
    for c in text:
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return [part.strip() for part in parts]


def _end(text: str) -> tuple[object, ...]:
    """One end of a span of rows or columns."""
    if re.fullmatch(_INT, text):
        return ("at", int(text))
    if found := _FRONTIER.fullmatch(text):
        return ("frontier", found[1], -1 if found[2] else 0, *(int(found[k]) for k in range(3, 7)))
    if found := _SLOT.fullmatch(text):
        return ("slot", int(found[1]), 1 if found[2] else 0)
    raise UnknownCodeError(f"a row number of an unknown shape: {text!r}")


def _sequence(facts: Facts, code: str, name: str, pattern: str) -> str:
    """The stages that a function runs, in order: (stage, ticks, only in frames that have a result)."""
    found = re.search(pattern, code)
    if not found:
        return code
    copies = []
    body = found[1]
    if name == "repeat":
        copies = [(_place(m[1]), _place(m[2]), int(m[3])) for m in _REPEAT.finditer(body)]
        body = _REPEAT.sub("", body)
        body = " ".join(m[0] for m in _RUN.finditer(body))
        _add(facts, "repeat: copies", frozenset(copies))
    runs = []
    for run in _statements(body.strip(), (_RUN,), name):
        stage = next(int(run[key]) for key in ("looped", "guarded", "plain") if run[key])
        runs.append((stage, int(run["ticks"] or 0), bool(run["idle"] or run["guarded"])))
    _add(facts, f"{name}: stages", tuple(runs))
    return code[: found.start()] + code[found.end() :]


def _read_advance(found: re.Match[str]) -> tuple[str, object]:
    return "first stage: waits", (int(found[1]), _end(found[2]), int(found[3]))


def _read_next_row(found: re.Match[str]) -> tuple[str, object]:
    values = found.groups()
    return f"pushed input {found[1]}", (_place(found[2]), *map(int, values[-3:]))


def _read_output(found: re.Match[str]) -> tuple[str, object]:
    return f"output {found[1]}", _place(found[2])


def _read_fill(found: re.Match[str]) -> tuple[str, object]:
    return f"fill at {found[1]}", (int(found[2]), int(found[3]))


def _read_table(found: re.Match[str]) -> tuple[str, object]:
    return f"table {found[1]}", tuple(map(int, found[2].split(",")))


def _read_period(found: re.Match[str]) -> tuple[str, object]:
    return "period of frames", int(found[1])
