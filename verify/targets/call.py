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


def sharing(calls: Mapping[int, KernelCall], weights: str = "weights") -> dict[int, KernelCall]:
    """The calls, with the arrays of an earlier one in place of equal arrays of their own.

    Only of one that stores the same weights: operators of a model seldom do, those that compute one operator of a clip
    model of different frames always (verify.clip).
    """
    found: dict[int, KernelCall] = {}
    owners: dict[tuple[str, bytes], Mapping[str, Constant]] = {}
    for index, call in calls.items():
        own = {constant.name.removeprefix(f"op_{index}_"): constant for constant in call.constants}
        if weights in own:
            theirs = owners.setdefault((call.params_type, own[weights].values.tobytes()), own)
            names = {c.name: theirs[name].name for name, c in own.items() if name in theirs and _equal(c, theirs[name])}
            call = _renamed(call, names)
        found[index] = call
    return found


def _equal(one: Constant, other: Constant) -> bool:
    return one.values.dtype == other.values.dtype and np.array_equal(one.values, other.values)


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
