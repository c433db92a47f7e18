"""A kernel's call as data: the function, the fields of its parameter struct, and the arrays that they point to.

Numbers and names only; what they look like in a language is the printer's (export.c.text).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

Field = int | float | str | None | tuple["Field", ...]
"""An int32, a float32, the name of an array (a pointer to it), None (a null pointer), or a nested struct or array."""

WORD_BYTES = 4
"""Of an int32, a float32 and a pointer of a 32-bit target. Compilers begin arrays at multiples of it, too."""


@dataclass(frozen=True, eq=False)
class Constant:
    """A read-only array. Its element type is that of `values`, which may have any shape."""

    name: str
    values: np.ndarray

    @property
    def size_bytes(self) -> int:
        return self.values.nbytes


@dataclass(frozen=True, eq=False)
class KernelCall:
    """One kernel and its arguments.

    Args:
      kernel: name of the function, which takes (params, in, out, y0, y1) as stj_nn.h says.
      params_type: type of the parameter struct.
      fields: its fields in the order of their declaration.
      constants: the arrays that the fields name.
      tiles: whether the kernel's file also has a function for regions, which takes the same parameters (stj_tile.h).
    """

    kernel: str
    params_type: str
    fields: Mapping[str, Field]
    constants: tuple[Constant, ...] = ()
    tiles: bool = False

    @property
    def tile(self) -> str | None:
        """Name of the function for regions, declared in the same header; None where there is none."""
        return f"{self.kernel}_tile" if self.tiles else None

    @property
    def flash_bytes(self) -> int:
        """Read-only bytes on a 32-bit target: each array from a word's boundary on, and the parameter struct."""
        return flash_bytes_of([self])


def flash_bytes_of(calls: Iterable[KernelCall]) -> int:
    """The same of several calls together; arrays of one name are one array."""
    calls = list(calls)
    sizes = {constant.name: constant.size_bytes for call in calls for constant in call.constants}
    words = sum(_words(field) for call in calls for field in call.fields.values())
    return sum(-(-size // WORD_BYTES) * WORD_BYTES for size in sizes.values()) + WORD_BYTES * words


def sharing(calls: Mapping[int, KernelCall]) -> dict[int, KernelCall]:
    """The calls, with the arrays of earlier ones in place of equal arrays of their own that are for the same.

    Operators that compute one operator of a clip model of different frames have the same weights (verify.clip), and
    those of an unrolled recurrent network the same tables.
    """
    found: dict[int, KernelCall] = {}
    owners: dict[tuple[str, str, bytes], str] = {}
    for index, call in calls.items():
        names = dict[str, str]()
        for constant in call.constants:
            use, values = constant.name.removeprefix(f"op_{index}_"), constant.values
            names[constant.name] = owners.setdefault((use, values.dtype.str, values.tobytes()), constant.name)
        found[index] = _renamed(call, names)
    return found


def _renamed(call: KernelCall, names: Mapping[str, str]) -> KernelCall:
    fields = {field: _field_renamed(value, names) for field, value in call.fields.items()}
    constants = tuple(replace(constant, name=names.get(constant.name, constant.name)) for constant in call.constants)
    return replace(call, fields=fields, constants=constants)


def _field_renamed(field: Field, names: Mapping[str, str]) -> Field:
    if isinstance(field, tuple):
        return tuple(_field_renamed(part, names) for part in field)
    return names.get(field, field) if isinstance(field, str) else field


def _words(field: Field) -> int:
    return sum(map(_words, field)) if isinstance(field, tuple) else 1
