"""A kernel's call as data: the function, the fields of its parameter struct, and the arrays that they point to.

Numbers and names only; what they look like in a language is the printer's (export.c.text).
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
        arrays = sum(-(-constant.size_bytes // WORD_BYTES) * WORD_BYTES for constant in self.constants)
        return arrays + WORD_BYTES * sum(_words(field) for field in self.fields.values())


def _words(field: Field) -> int:
    return sum(map(_words, field)) if isinstance(field, tuple) else 1
