"""Starting from variables of an earlier training: a file of arrays by name, of which what fits is taken.

Names are paths through the variables, "params/block0/expand/kernel".
"""
# pyright: reportMissingImports=false

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
from flax.core import unfreeze
from flax.traverse_util import flatten_dict, unflatten_dict

from stjax.train.journal import write_atomically

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class WarmStart:
    """Variables to start from, and where they came from.

    Args:
      variables: the network's, some of them taken from the file.
      taken: names in both, of one shape.
      fresh: names of the network that the file has not, with their first values.
      unused: names of the file that the network has not.
      other: names in both of other shapes or kinds, as text: the network's were kept.
    """

    variables: dict[str, Any]
    taken: tuple[str, ...]
    fresh: tuple[str, ...]
    unused: tuple[str, ...]
    other: tuple[str, ...]

    def report(self) -> str:
        """What was and was not taken, a line each."""
        parts = {"taken": self.taken, "not in the file": self.fresh, "not in the network": self.unused}
        lines = [f"{what}: {len(names)}" + "".join(f"\n  {name}" for name in names) for what, names in parts.items()]
        return "\n".join([*lines, f"of another shape: {len(self.other)}" + "".join(f"\n  {x}" for x in self.other)])


def save_variables(path: str | Path, variables: Mapping[str, Any]) -> None:
    """Writes variables, such as `Result.variables`, as an .npz file of arrays by name."""
    contents = io.BytesIO()
    np.savez(contents, allow_pickle=False, **arrays_of(variables))
    write_atomically(Path(path), contents.getvalue())


def load_variables(path: str | Path) -> Arrays:
    """Arrays by name, as `save_variables` wrote them.

    Raises:
      ValueError: if there is no such file, or it is none.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, AttributeError) as error:
        raise ValueError(f"{path} holds no variables (`save_variables` writes them): {error}") from None


def arrays_of(variables: Mapping[str, Any]) -> Arrays:
    """Variables as arrays by name."""
    found: Any = flatten_dict(unfreeze(dict(variables)), sep="/")
    return {name: np.asarray(value) for name, value in found.items()}


def warm_start(variables: Mapping[str, Any], given: Mapping[str, np.ndarray]) -> WarmStart:
    """Takes what has the same name, shape and kind of number.

    Args:
      variables: the network's own.
      given: arrays by name.

    Raises:
      ValueError: if nothing fits.
    """
    own = arrays_of(variables)
    both = [name for name in own if name in given]
    taken = [name for name in both if _kind(own[name]) == _kind(given[name])]
    if not taken:
        raise ValueError(
            f"nothing of the file fits the network: it has {_some(given)}, the network {_some(own)}, or of other shapes"
        )
    chosen = own | {name: np.asarray(given[name], own[name].dtype) for name in taken}
    return WarmStart(
        variables=unflatten_dict(chosen, sep="/"),
        taken=tuple(taken),
        fresh=tuple(name for name in own if name not in given),
        unused=tuple(name for name in given if name not in own),
        other=tuple(
            f"{name}: {given[name].shape} in the file, {own[name].shape} in the network"
            for name in both
            if name not in taken
        ),
    )


def same_kind(found: Any, expected: Any) -> bool:
    """Whether two sets of variables have the same names, shapes and types."""

    def shapes(tree: Any) -> Any:
        return jax.tree.map(lambda values: (np.shape(values), str(values.dtype)), tree)

    return shapes(found) == shapes(expected)


def _kind(values: np.ndarray) -> tuple[tuple[int, ...], bool]:
    return values.shape, bool(np.issubdtype(values.dtype, np.floating))


def _some(names: Mapping[str, Any]) -> str:
    return ", ".join(list(names)[:3]) + (", ..." if len(names) > 3 else "")
