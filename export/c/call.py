"""What an operator's emitter returns: the kernel, its parameter struct, the constants that struct points to."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Constant:
    """A `static const` array: `ctype` is the C element type ("int8_t", "int32_t", "float"), `values` any shape."""

    name: str
    ctype: str
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class KernelCall:
    """One kernel and its arguments.

    Args:
      kernel: name of the C function, which takes (params, in, out, y0, y1) as stj_nn.h says.
      params_type: C type of the parameter struct.
      fields: designated initialisers in order: field name -> C expression (an int, or the name of a constant).
        Nested structs and arrays are written out as C text.
      constants: arrays to define before it.
      tiles: whether the kernel's file also has one for regions, which takes the same parameters (stj_tile.h).
    """

    kernel: str
    params_type: str
    fields: dict[str, str | int]
    constants: tuple[Constant, ...] = ()
    tiles: bool = False

    @property
    def tile(self) -> str | None:
        """Name of the C function for regions, declared in the same header; None where there is none."""
        return f"{self.kernel}_tile" if self.tiles else None
