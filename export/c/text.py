"""Constants and kernel calls to C99 text. Pure: the same data gives the same text, nothing is read or written.

Numbers are wrapped at a fixed count per line, taken from the widest one, so that two megabytes of weights become text
in about a second and a changed weight changes one line of the generated file.
"""

import zlib
from collections.abc import Sequence

import numpy as np

from verify.targets.call import Constant, Field, KernelCall

LINE_WIDTH = 120
INDENT = "    "
C_TYPES = {name: f"{name}_t" for name in ("int8", "uint8", "int16", "uint16", "int32", "int64")}
C_TYPES |= {"float32": "float", "bool": "uint8_t"}


def c_integers(values: np.ndarray) -> list[str]:
    """Decimal literals; the least of 32 and 64 bits as expressions, because C has no negative literals."""
    texts = [str(int(value)) for value in values.reshape(-1).tolist()]
    if values.dtype.itemsize >= 4:
        least = (str(-(2**31)), str(-(2**63)))
        texts = [f"({int(text) + 1} - 1)" if text in least else text for text in texts]
    return texts


def c_float(value: float) -> str:
    """A float literal with nine significant digits, which name every float32 exactly."""
    text = format(np.float32(value), ".9g")
    return text + ("f" if "." in text or "e" in text else ".0f")


def field_text(field: Field) -> str:
    """A field's initialiser on one line: `3`, `0.5f`, `op_3_weights`, `{1, {2, 3}}`; a null pointer is `0`."""
    if field is None:
        return "0"
    if isinstance(field, tuple):
        return "{" + ", ".join(map(field_text, field)) + "}"
    if isinstance(field, float):
        return c_float(field)
    return field if isinstance(field, str) else c_integers(np.array(field, np.int64))[0]


def wrapped(texts: list[str]) -> str:
    """Comma-separated initialisers, indented, the same number on every line."""
    widest = max(map(len, texts))
    per_line = max(1, (LINE_WIDTH - len(INDENT) + 1) // (widest + 2))
    lines = (", ".join(texts[i : i + per_line]) for i in range(0, len(texts), per_line))
    return INDENT + (",\n" + INDENT).join(lines)


def constant_text(constant: Constant) -> str:
    """`static const int8_t op_3_weights[432] = {...};`, ending in a newline.

    Raises:
      ValueError: for an array without elements (C has none) or with a value that is not finite.
    """
    values = np.asarray(constant.values)
    if values.size == 0:
        raise ValueError(f"constant {constant.name} has no elements")
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise ValueError(f"constant {constant.name} holds a value that is not finite")
        texts = [c_float(value) for value in values.reshape(-1)]
    else:
        texts = c_integers(values)
    return f"static const {C_TYPES[values.dtype.name]} {constant.name}[{values.size}] = {{\n{wrapped(texts)},\n}};\n"


def params_text(call: KernelCall, name: str) -> str:
    """`static const stj_conv_2d_params op_3 = {.stride_h = 2, ...};`, one field a line, ending in a newline."""
    fields = "".join(f"{INDENT}.{field} = {field_text(value)},\n" for field, value in call.fields.items())
    return f"static const {call.params_type} {name} = {{\n{fields}}};\n"


def call_text(call: KernelCall, name: str) -> str:
    """All definitions of one call: its constants, then the parameter struct `name` that points to them."""
    return "".join(constant_text(constant) for constant in call.constants) + params_text(call, name)


def check_text(constants: Sequence[Constant]) -> str:
    """What a check of the constants needs: a table of the arrays, in order, and the CRC-32 of their bytes.

    Kernel parameters are not in it: they hold addresses, which the linker gives.
    """
    crc = 0
    for constant in constants:
        values = np.asarray(constant.values)
        crc = zlib.crc32(values.astype(values.dtype.newbyteorder("<")).tobytes(), crc)
    listed = "".join(f"{INDENT}{{{constant.name}, sizeof {constant.name}}},\n" for constant in constants)
    return (
        "/* All arrays above, and the CRC-32 of their bytes, one array after the other, numbers little-endian. */\n"
        f"#ifdef STJ_CHECK_CONSTANTS\n#define CHECKED_CRC32 0x{crc:08X}u\n"
        f"static const struct {{\n{INDENT}const void *bytes;\n{INDENT}size_t count;\n}} checked[] = {{\n"
        f"{listed}{INDENT}{{NULL, 0}},\n}};\n#endif\n"
    )
