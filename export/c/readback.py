"""Compares the emitted C, as text, with the program that was proved, and its constants with the model.

The text is parsed (export.c.parse) and has to be that program, whole. Of the constants, weights, biases, multipliers
and shifts are compared with the operators' own, and the kernels' parameters with what their emitters state.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from export.c.head import head_differences, head_of
from export.c.names import PREFIX
from export.c.parse import UnknownCodeError, parse
from export.c.text import C_TYPES, field_text
from verify.program.program import Program
from verify.proof.check import ProvedPlan
from verify.targets.choice import kernels_of
from verify.targets.flash import kernel_calls


def differences(
    files: Mapping[str, str],
    proved: ProvedPlan,
    program: Program,
    prefix: str = PREFIX,
    learned: bytes | None = None,
) -> list[str]:
    """What the generated files do that the program does not say: nothing, if the emitter is right.

    Args:
      files: name -> text, as `export.c.emit.emit` returns them.
      proved, program: what was proved, and its program with the options that it was emitted with.
      prefix: what the names in the text begin with.
      learned: what a head that learns begins with, where that was given.
    """
    try:
        found = parse(files, prefix)
    except UnknownCodeError as error:
        return [str(error)]
    head = head_of(proved, learned)
    return [
        *_unequal("program", found, program),
        *_wrong_constants(files[f"{prefix}_constants.h"], proved),
        *([] if head is None else head_differences(files, head, prefix)),
    ]


def _unequal(where: str, found: Any, expected: Any) -> Iterator[str]:
    """The innermost differences of two values, as sentences."""
    if found == expected:
        return
    if is_dataclass(found) and type(found) is type(expected):
        for field in fields(found):
            if field.compare:
                yield from _unequal(f"{where}.{field.name}", getattr(found, field.name), getattr(expected, field.name))
    elif isinstance(found, tuple) and isinstance(expected, tuple) and len(found) == len(expected):
        for number, pair in enumerate(zip(found, expected, strict=True)):
            yield from _unequal(f"{where}[{number}]", *pair)
    else:
        yield f"{where}: the C has {found}, the plan {expected}"


# -- constants

_ARRAY = re.compile(r"static const (\w+) (\w+)\[(\d+)\] = \{\n([^}]*)\n\};\n")
_STRUCT = re.compile(r"static const (\w+) (op_\d+) = \{\n((?:    \.\w+ = .*,\n)*)\};\n")
_CHECK = re.compile(
    r"#ifdef STJ_CHECK_CONSTANTS\n#define CHECKED_CRC32 0x([0-9A-F]{8})u\n"
    r"static const struct \{\n    const void \*bytes;\n    size_t count;\n\} checked\[\] = \{\n"
    r"((?:    \{(\w+), sizeof \3\},\n)*)    \{NULL, 0\},\n\};\n#endif\n"
)
_DTYPES = {ctype: np.dtype(name).newbyteorder("<") for name, ctype in C_TYPES.items() if name != "bool"}


def _wrong_constants(text: str, proved: ProvedPlan) -> Iterator[str]:
    """Weights, biases, multipliers and shifts are the operators' own; parameters are what their kernels state."""
    graph, kernels = proved.graph, kernels_of(proved.graph, proved.plan)
    arrays = {name: (ctype, int(count), values) for ctype, name, count, values in _ARRAY.findall(text)}
    structs = {name: (ctype, _fields(body)) for ctype, name, body in _STRUCT.findall(text)}
    rest = re.sub(r"/\*.*?\*/|\s+", "", _CHECK.sub("", _STRUCT.sub("", _ARRAY.sub("", text)), count=1))
    yield from _wrong_check(text, arrays)
    if rest:
        yield f"the file of constants has code of an unknown shape: {rest[:80]!r}"
    calls = kernel_calls(graph, kernels)
    for node in graph.nodes:
        name, call = f"op_{node.index}", calls[node.index]
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
                read[re.sub(r"^op_\d+_", "", constant.name)] = found
        restored = kernels[node.index].restored(node, read)
        for constant, values in node.op.constants.items():
            if constant not in restored or not np.array_equal(restored[constant], values):
                yield f"{node.label}: its arrays do not hold the model's {constant}"
        for tensor in node.inputs:
            data = graph.tensors[tensor].data
            found = None if data is None else _array(arrays.get(f"tensor_{tensor}"), data)
            if data is not None and (found is None or not np.array_equal(found, data.reshape(-1))):
                yield f"{node.label}: constant tensor_{tensor} does not hold the model's values"


def _wrong_check(text: str, arrays: Mapping[str, tuple[str, int, str]]) -> Iterator[str]:
    """The table of the check at `begin` has every array, in order, and the CRC-32 is that of their values."""
    found = _CHECK.search(text)
    if found is None:
        yield "the file of constants has no table for their check"
        return
    listed = re.findall(r"\{(\w+), sizeof", found[2])
    if listed != list(arrays):
        yield f"the check of the constants is of {', '.join(listed)}, the arrays are {', '.join(arrays)}"
    crc = 0
    for ctype, _, values in arrays.values():
        dtype = _DTYPES.get(ctype)
        if dtype is None:
            yield f"an array of {ctype}, which no constant is"
            return
        crc = zlib.crc32(_numbers(values, dtype).tobytes(), crc)
    if int(found[1], 16) != crc:
        yield f"the constants' CRC-32 is {crc:08X}, the text has {found[1]}"


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
    values = _numbers(found[2], like.dtype)
    return values if values.size == like.size else None


def _numbers(text: str, dtype: np.dtype) -> np.ndarray:
    """The values of an array's text; none at all where one of them does not fit the type."""
    texts = [part for part in text.replace("\n", " ").split(",") if part.strip()]
    if dtype.kind == "f":
        return np.array([float(part.strip().rstrip("f")) for part in texts], dtype)
    wide = np.array([_integer(part) for part in texts], np.int64)
    values = wide.astype(dtype)
    return values if np.array_equal(values, wide) else np.zeros(0, dtype)


def _integer(text: str) -> int:
    text = text.strip()
    least = re.fullmatch(r"\((-\d+) - 1\)", text)
    return int(least[1]) - 1 if least else int(text)
