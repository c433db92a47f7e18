"""Mutants of plan files: every number, entry, key, boolean and name of the JSON, with no idea of what they mean.

A mutation changes the text's value at one place; optional keys are written out first, so that they are places too. Some
mutants get several changes, and some new offsets afterwards (`packed`): buffers one after the other, in any order,
without a byte between them. Otherwise most changes of an extent would end at two buffers that overlap.
"""

import copy
import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

from verify.graph.accounting import ALIGNMENT, align
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.graph.plan_json import plan_to_json
from verify.ops.streaming import written_rows

Path = tuple[str | int, ...]
T = TypeVar("T")
Rng = np.random.Generator
Change = Callable[[Any, Rng], None]
"""Changes a document in place. NowhereError: it has no place for that."""

NAMES = {
    "axis": ("height", "width", "time"),
    "policy": ("whole", "ring", "external"),
    "input": ("whole", "rows", "patches"),
    "target": ("portable", "no such target"),
    "kernel": ("stj_conv_2d_s8", "stj_depthwise_conv_2d_s8", "stj_add_s8", "stj_move", "no such kernel"),
    "scheme": ("layer", "stream", "auto", "patch", "no such scheme"),
}
LARGE = (2**16, 2**31 - 1, 2**31, 2**32, 2**33, 2**40)
HOSTILE = ("", 'a"b', "*/ int x; /*", "a\\", "line\nline", "x" * 300, "\u202e\u00e9")


def written_out(plan: Plan) -> Any:
    """The plan's file as a value, with every key that may be left out."""
    value = json.loads(plan_to_json(plan))
    for stage in value["stages"]:
        stage |= {"columns": stage.get("columns", 1), "pads_ends": stage.get("pads_ends", False)}
        for firing in stage["firings"]:
            firing |= {key: firing.get(key) for key in ("columns", "padding")} | {"demand": firing.get("demand", [])}
    for buffer in value["buffers"]:
        buffer |= {"frames": buffer.get("frames", 1)} | {key: buffer.get(key, 0) for key in ("columns", "pixels")}
    return value


# -- places -----------------------------------------------------------------------------------------------------


class NowhereError(Exception):
    """A document without a place for a change."""


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place of a document, itself first."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def put(value: Any, path: Path, item: Any) -> None:
    at(value, path[:-1])[path[-1]] = item


def pick(rng: Rng, items: Sequence[T]) -> T:
    if not items:
        raise NowhereError
    return items[int(rng.integers(len(items)))]


def picked(document: Any, rng: Rng, fits: Callable[[Any], bool]) -> Path:
    return pick(rng, [path for path in places(document) if fits(at(document, path))])


def is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def entries(document: Any) -> list[Path]:
    """Places in lists; numbers in lists have changes of their own."""
    return [p for p in places(document) if p and isinstance(p[-1], int) and not is_number(at(document, p))]


def keyed(document: Any) -> list[Path]:
    return [path for path in places(document) if path and isinstance(path[-1], str)]


# -- changes ----------------------------------------------------------------------------------------------------


def number(change: Callable[[int, Rng], int]) -> Change:
    def apply(document: Any, rng: Rng) -> None:
        path = picked(document, rng, is_number)
        put(document, path, change(at(document, path), rng))

    return apply


def swap(document: Any, a: Path, b: Path) -> None:
    left, right = at(document, a), at(document, b)
    put(document, a, right)
    put(document, b, left)


def numbers_swapped(document: Any, rng: Rng) -> None:
    """Two numbers anywhere; half of the time two that stand under the same key."""
    a = picked(document, rng, is_number)
    others = [p for p in places(document) if is_number(at(document, p)) and at(document, p) != at(document, a)]
    alike = [path for path in others if path[-1] == a[-1]]
    swap(document, a, pick(rng, alike if alike and rng.integers(2) else others))


def entry_dropped(document: Any, rng: Rng) -> None:
    path = pick(rng, entries(document))
    del at(document, path[:-1])[path[-1]]


def entry_doubled(document: Any, rng: Rng) -> None:
    path = pick(rng, entries(document))
    where = at(document, path[:-1])
    where.insert(int(rng.integers(len(where) + 1)), copy.deepcopy(where[path[-1]]))


def entries_swapped(document: Any, rng: Rng) -> None:
    """Two entries of one list, or of two lists of the same name."""
    a = pick(rng, entries(document))
    swap(document, a, pick(rng, [p for p in entries(document) if p != a and p[-2] == a[-2]]))


def entry_moved(document: Any, rng: Rng) -> None:
    """To another place of its list, or of another list of the same name."""
    a = pick(rng, entries(document))
    lists = [p for p in places(document) if isinstance(at(document, p), list) and p[-1] == a[-2]]
    target = at(document, pick(rng, lists))
    target.insert(int(rng.integers(len(target) + 1)), at(document, a[:-1]).pop(a[-1]))


def key_dropped(document: Any, rng: Rng) -> None:
    path = pick(rng, keyed(document))
    del at(document, path[:-1])[path[-1]]


def keys_swapped(document: Any, rng: Rng) -> None:
    """The values of two keys of one object, or of the same key of two objects."""
    a = pick(rng, keyed(document))
    same = [p for p in keyed(document) if p[-1] == a[-1] or p[:-1] == a[:-1]]
    swap(document, a, pick(rng, [p for p in same if p[: len(a)] != a and a[: len(p)] != p]))


class Twice(dict):
    """An object that is written with one key a second time."""

    def __init__(self, value: dict, key: str, again: Any):
        super().__init__(value)
        self.key, self.again = key, again


def key_doubled(document: Any, rng: Rng) -> None:
    """A key written twice: the second value is that of the same key of another object, or the same again."""
    path = pick(rng, [path for path in keyed(document) if len(path) > 1])
    others = [at(document, p) for p in keyed(document) if p[-1] == path[-1]]
    put(document, path[:-1], Twice(at(document, path[:-1]), str(path[-1]), copy.deepcopy(pick(rng, others))))


def boolean_flipped(document: Any, rng: Rng) -> None:
    path = picked(document, rng, lambda value: isinstance(value, bool))
    put(document, path, not at(document, path))


def name_changed(document: Any, rng: Rng) -> None:
    path = pick(rng, [p for p in keyed(document) if p[-1] in NAMES and isinstance(at(document, p), str)])
    put(document, path, pick(rng, [n for n in NAMES[str(path[-1])] if n != at(document, path)]))


def text_changed(document: Any, rng: Rng) -> None:
    put(document, picked(document, rng, lambda value: isinstance(value, str)), pick(rng, HOSTILE))


def option_changed(document: Any, rng: Rng) -> None:
    """A schedule of columns, a padding or an axis of demand where there is none, or none where there is one."""
    firings = [firing for stage in document["stages"] for firing in stage["firings"]]
    firing, key = pick(rng, firings), pick(rng, ("columns", "padding", "demand", "demand"))
    if key == "demand":
        axis = pick(rng, ("height", "width"))
        kept = [name for name in firing["demand"] if name != axis]
        firing["demand"] = kept if axis in firing["demand"] else [*kept, axis]
    elif firing[key] is not None:
        firing[key] = None
    else:
        others = [other[key] for other in firings if other[key]]
        made = [[0, 1, 64], [1, 1, 1], [2, 1, 2]] if key == "columns" else [[1, 1, 1, 1, 0]]
        firing[key] = copy.deepcopy(pick(rng, others + made))


def buffer_shifted(document: Any, rng: Rng) -> None:
    """By a few aligned steps."""
    buffer = pick(rng, document["buffers"])
    buffer["offset"] += ALIGNMENT * int(rng.choice((-3, -2, -1, 1, 2, 3)))


def buffer_anywhere(document: Any, rng: Rng) -> None:
    """Where another one begins or ends, or at any aligned place."""
    offsets = [buffer["offset"] for buffer in document["buffers"]]
    place = pick(rng, offsets) if rng.integers(2) else ALIGNMENT * int(rng.integers(1 + max(offsets) // ALIGNMENT))
    pick(rng, document["buffers"])["offset"] = place


CHANGES: dict[str, Change] = {
    "number + 1": number(lambda value, rng: value + 1),
    "number - 1": number(lambda value, rng: value - 1),
    "number doubled": number(lambda value, rng: 2 * value),
    "number halved": number(lambda value, rng: value // 2),
    "number zeroed": number(lambda value, rng: 0),
    "number negated": number(lambda value, rng: -value),
    "number very large": number(lambda value, rng: int(rng.choice(LARGE))),
    "numbers swapped": numbers_swapped,
    "entry dropped": entry_dropped,
    "entry doubled": entry_doubled,
    "entries swapped": entries_swapped,
    "entry moved": entry_moved,
    "key dropped": key_dropped,
    "key doubled": key_doubled,
    "keys swapped": keys_swapped,
    "boolean flipped": boolean_flipped,
    "name changed": name_changed,
    "text changed": text_changed,
    "option given or left out": option_changed,
    "buffer shifted": buffer_shifted,
    "buffer anywhere": buffer_anywhere,
}
MOVES = {"buffer shifted", "buffer anywhere"}
"""Changes that new offsets would undo."""

ALONE = (
    "number negated",
    "number very large",
    "number zeroed",
    "key dropped",
    "key doubled",
    "keys swapped",
    "text changed",
)
"""Changes after which a file is seldom read: they are made alone."""


def kinds_of_changes(rng: Rng, most: int) -> list[str]:
    """One kind more often than not, else up to `most`."""
    count = min(most, int(rng.geometric(0.5)))
    return [str(kind) for kind in rng.choice([k for k in CHANGES if count == 1 or k not in ALONE], count)]


def text_of(document: Any) -> str:
    """JSON text; what is marked to be written twice is."""
    if isinstance(document, dict):
        items = list(document.items()) + ([(document.key, document.again)] if isinstance(document, Twice) else [])
        return "{" + ", ".join(f"{json.dumps(key)}: {text_of(item)}" for key, item in items) + "}"
    if isinstance(document, list):
        return "[" + ", ".join(map(text_of, document)) + "]"
    return json.dumps(document)


def changed(document: Any, kinds: list[str], rng: Rng) -> Any:
    """A copy with changes of these kinds, one after the other.

    Raises:
      NowhereError: one of them has no place, or leaves everything as it was.
    """
    mutant = copy.deepcopy(document)
    # Several changes are about what runs: those of names and totals would only stand beside each other.
    part = mutant if len(kinds) == 1 else {key: mutant[key] for key in ("stages", "buffers") if key in mutant}
    for kind in kinds:
        try:
            CHANGES[kind](part, rng)
        except (KeyError, TypeError):  # an earlier change left nothing of the shape that this one looks for
            raise NowhereError from None
    if text_of(mutant) == text_of(document):
        raise NowhereError
    return mutant


def packed(graph: Graph, document: Any, rng: Rng) -> Any:
    """A copy with buffers one after the other, in any order, an arena of just their size, and no budget."""
    result = copy.deepcopy(document)
    producers = {tensor: node for node in graph.nodes for tensor in node.outputs}
    try:
        buffers, end = result["buffers"], 0
        for k in rng.permutation(len(buffers)):
            buffer = buffers[k]
            if buffer["policy"] == "external":
                continue
            tensor = graph.tensors[buffer["tensor"]]
            rows = written_rows(graph, buffer["tensor"], producers.get(buffer["tensor"]))
            pixel = tensor.shape[-1] * tensor.dtype.size_bytes
            size = math.ceil(buffer["rows"] * tensor.size_bytes / rows)
            if buffer["columns"]:
                size = buffer["rows"] * buffer["columns"] * pixel
            if buffer["pixels"]:
                size = buffer["pixels"] * pixel
            buffer["offset"] = end
            end = align(end + buffer["frames"] * size)
        result["arena_bytes"] = end
        result["budget"] = {"sram_bytes": None, "flash_bytes": None}
    except (KeyError, TypeError, IndexError):  # it no longer has the shape of a plan
        return document
    return result


def without_numbers(text: str) -> str:
    """Sentences that differ in numbers and quoted names only become one."""
    return re.sub(r"\d+", "N", re.sub(r'"[^"]*"', '"..."', text))[:160]
