"""Which datasets there are. A module in stjax/data/sets is a dataset by being there, if it has a `DATASET`."""

import functools
import importlib
import os
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import stjax.data.sets
from stjax.data.errors import DataError
from stjax.data.symmetry import Symmetry

if TYPE_CHECKING:
    from stjax.data.datasets import DatasetConfig, Splits

FOLDER_VARIABLE = "STJAX_DATA"


@dataclass(frozen=True)
class Dataset:
    """What a module of stjax.data.sets says about its dataset.

    Args:
      name: what stands before the first slash of `DatasetConfig.name`; the module's name.
      summary: one sentence: what the clips show, and where they come from.
      load: (config, variant) -> splits; the variant is one of `variants`.
      variants: what may stand after the name and a slash; "" is the name alone.
      options: the class of `DatasetConfig.options`; None: there are none.
      symmetry: what flips and reversal do to labels; None: it comes with the files or the options.
      instructions: what to do when files are missing; empty where none are needed.
      frames_from: "memory", read as a whole when loaded, or "disk", read and decoded when a batch needs them.
      licence: of the files, and whom to cite; empty where there are none.
    """

    name: str
    summary: str
    load: Callable[["DatasetConfig", str], "Splits"]
    variants: tuple[str, ...] = ("",)
    options: type | None = None
    symmetry: Symmetry | None = None
    instructions: str = ""
    frames_from: Literal["memory", "disk"] = "memory"
    licence: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All names that it answers to."""
        return tuple(f"{self.name}/{variant}".rstrip("/") for variant in self.variants)


def datasets() -> dict[str, Dataset]:
    """All datasets by name, in alphabetical order."""
    return _datasets(tuple(stjax.data.sets.__path__))


@functools.cache
def _datasets(folders: tuple[str, ...]) -> dict[str, Dataset]:
    names = sorted(info.name for info in pkgutil.iter_modules(folders))
    modules = [importlib.import_module(f"stjax.data.sets.{name}") for name in names]
    found: dict[str, Dataset] = {
        module.DATASET.name: module.DATASET for module in modules if hasattr(module, "DATASET")
    }
    if not set(found) <= set(names):
        raise AssertionError(f"a dataset is called as its module is: {names}, found {list(found)}")
    return found


def dataset_named(name: str) -> tuple[Dataset, str]:
    """The dataset of a name, and which variant of it the name means.

    Raises:
      DataError: if there is none; the message lists all.
    """
    first, _, variant = name.partition("/")
    dataset = datasets().get(first)
    if dataset is None or variant not in dataset.variants:
        known = [known for other in datasets().values() for known in other.names]
        raise DataError(f'there is no dataset "{name}"; there are {", ".join(known)}')
    return dataset, variant


def folder_of(config: "DatasetConfig", instructions: str) -> Path:
    """The folder of files that came by hand: `manual_dir`, or what STJAX_DATA names.

    Raises:
      DataError: if neither is given.
    """
    folder = config.manual_dir or os.environ.get(FOLDER_VARIABLE)
    if not folder:
        raise DataError(f"no folder was named. {instructions}")
    return Path(folder)


def find_file(folder: Path, file: str, subfolder: str, instructions: str) -> Path:
    """A file in a folder or in a subfolder of it.

    Raises:
      DataError: if it is in neither.
    """
    candidates = [folder / file, folder / subfolder / file]
    for path in candidates:
        if path.is_file():
            return path
    raise DataError(f"neither {candidates[0]} nor {candidates[1]} exists. {instructions}")
