"""The head that learns as C text: a header with its struct and a file with its parameters, and both read back.

What a head is made of are facts (verify.learning); the emitter prints them, and reading back compares what stands in
the text with them. Code around the numbers is a template's: what that does not print is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import jinja2
import numpy as np

import verify
from export.c.text import C_TYPES, constant_text
from verify.graph.learning import Learning, Readout
from verify.learning import HEADS
from verify.learning.head import Field, fields_of, saved_bytes
from verify.learning.saved import what_of
from verify.proof.check import ProvedPlan
from verify.targets.call import Constant

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("export.c"),
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Array:
    """An array in flash: its name, its element type, its values."""

    name: str
    dtype: str
    values: tuple[int, ...]

    @classmethod
    def of(cls, name: str, values: np.ndarray) -> "Array":
        return cls(name, values.dtype.name, tuple(values.reshape(-1).tolist()))


@dataclass(frozen=True)
class HeadText:
    """All that the text says of a head.

    Args:
      head: its name.
      classes, features: of it.
      saved_bytes: of the struct.
      what: number that a saved state has.
      fields: members of the struct, with a last one where bytes up to a whole word are `unused`.
      parameters: names and values of the parameter struct.
      tables: arrays that it names, too.
      first: what fields begin with, those that do not begin with zeros.
    """

    head: str
    classes: int
    features: int
    saved_bytes: int
    what: int
    fields: tuple[Field, ...]
    parameters: tuple[tuple[str, int], ...]
    tables: tuple[Array, ...]
    first: tuple[Array, ...]


def first_state(learning: Learning, readout: Readout, learned: bytes | None) -> dict[str, np.ndarray]:
    """What each field begins with: the head's own, or what was learned before, the saved part of the struct."""
    head = HEADS[learning.head]
    return head.first(learning, readout) if learned is None else fields_of(head, learning, learned)


def head_of(proved: ProvedPlan, learned: bytes | None = None) -> HeadText | None:
    """The head of a plan that has one.

    Args:
      proved: the plan.
      learned: the saved part of the struct, as it is to begin; None: as the head itself says.
    """
    learning, readout = proved.plan.learning, proved.graph.readout
    if learning is None or readout is None:
        return None
    head = HEADS[learning.head]
    own = tuple(field for field in head.fields(learning) if field.count)
    unused = saved_bytes(head, learning) - sum(field.bytes for field in own)
    first = first_state(learning, readout, learned)
    return HeadText(
        learning.head,
        learning.classes,
        learning.features,
        saved_bytes(head, learning),
        what_of(learning, proved.graph.sha256),
        (*own, *([Field("unused", "uint8", unused)] if unused else [])),
        tuple(head.parameters(learning, readout).items()),
        tuple(Array.of(name, values) for name, values in head.tables().items()),
        tuple(Array.of(name, values) for name, values in first.items() if values.any()),
    )


def head_text(head: HeadText, title: str, prefix: str) -> dict[str, str]:
    """The header and the C file."""
    named = [(table.name, table) for table in head.tables] + [(f"first_{array.name}", array) for array in head.first]
    arrays = [constant_text(Constant(name, np.array(array.values, array.dtype))) for name, array in named]
    value = {"g": head, "p": prefix, "P": prefix.upper(), "version": verify.__version__, "arrays": arrays}
    value["title"] = "".join(c if c.isalnum() or c in "._-" else "_" for c in title)
    return {f"{prefix}_head.{kind}": _TEMPLATES.get_template(f"head.{kind}.j2").render(value) for kind in ("h", "c")}


def head_differences(files: Mapping[str, str], expected: HeadText, prefix: str) -> Iterator[str]:
    """What the text of a head says that the facts do not: nothing, if the emitter is right."""
    header, code = (_plain(files[f"{prefix}_head.{kind}"]) for kind in ("h", "c"))
    try:
        found = _parsed(header, code, prefix)
    except (AttributeError, KeyError, ValueError) as error:
        yield f"{prefix}_head.h and {prefix}_head.c are not a head: {error!r}"
        return
    for field in fields(HeadText):
        if getattr(found, field.name) != getattr(expected, field.name):
            yield f"head: {field.name} in the C is not what the plan says"
    printed = head_text(found, "", prefix)
    if [header, code] != [_plain(printed[f"{prefix}_head.{kind}"]) for kind in ("h", "c")]:
        yield f"{prefix}_head.h or {prefix}_head.c has code of an unknown shape"


def _parsed(header: str, code: str, prefix: str) -> HeadText:
    macros = dict(re.findall(rf"#define {prefix.upper()}_(\w+) (0x[0-9A-F]+|\d+)", header))
    struct = re.search(r"typedef struct \{ (.*?) int32_t scores", header)
    params = re.search(r"static const stj_(\w+)_params params = \{ (.*?) \};", code)
    assert struct is not None and params is not None
    types = {ctype: dtype for dtype, ctype in C_TYPES.items() if dtype != "bool"}
    members = re.findall(r"(\w+) (\w+)\[(\d+)\];", struct[1])
    arrays = [
        Array(name, types[ctype], tuple(int(value) for value in values.rstrip(", ").split(",")))
        for ctype, name, _, values in re.findall(r"static const (\w+) (\w+)\[(\d+)\] = \{ ([^}]*) \};", code)
    ]
    return HeadText(
        params[1],
        int(macros["CLASSES"]),
        int(macros["FEATURES"]),
        int(macros["HEAD_SAVED_BYTES"]),
        int(macros["HEAD_WHAT"], 16),
        tuple(Field(name, types[ctype], int(count)) for ctype, name, count in members),
        tuple((name, int(value)) for name, value in re.findall(r"\.(\w+) = (-?\d+),", params[2])),
        tuple(array for array in arrays if not array.name.startswith("first_")),
        tuple(Array(a.name.removeprefix("first_"), a.dtype, a.values) for a in arrays if a.name.startswith("first_")),
    )


def _plain(text: str) -> str:
    """Without comments, every run of white space one blank."""
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL))
