"""Datasets by name. Nothing is downloaded; what a dataset needs beyond NumPy is imported when it is loaded."""

from dataclasses import dataclass
from typing import Any

from stjax.data.clips import ClipSource
from stjax.data.errors import DataError
from stjax.data.registry import dataset_named


@dataclass(frozen=True)
class DatasetConfig:
    """Which dataset, and where its files are.

    Args:
      name: one of those that `stjax.data.registry.datasets` finds, such as "fir16/fold1" or
        "capfingerid/reversed_copies"; the module of the same name in stjax/data/sets says what it is.
      manual_dir: folder of files that came by hand; None: the environment variable STJAX_DATA.
      data_dir: where prepared files go; None: tensorflow-datasets' own choice (TFDS_DATA_DIR, or a folder at home). For
        clips on disk: where the numbers of their frames are kept, so that they are counted once; None: nowhere.
      shapes: the options of "moving_shapes", by the name that they had first.
      options: what else there is to say about a dataset: an object of the class that its module names.
    """

    name: str
    manual_dir: str | None = None
    data_dir: str | None = None
    shapes: Any = None
    options: Any = None


@dataclass(frozen=True, eq=False)
class Splits:
    """What training needs: clips to learn from, to watch, and to report on."""

    train: ClipSource
    validation: ClipSource
    test: ClipSource


def load_splits(config: DatasetConfig) -> Splits:
    """All three splits; prepares the dataset first if it needs that and it has not happened yet.

    Raises:
      DataError: if there is no such dataset, its files are not there, or the options are another dataset's.
    """
    dataset, variant = dataset_named(config.name)
    options = config.shapes if config.options is None else config.options
    if options is not None and (dataset.options is None or not isinstance(options, dataset.options)):
        takes = "takes no options" if dataset.options is None else f"takes a {dataset.options.__name__} as options"
        raise DataError(f'"{config.name}" {takes}, found {options!r}')
    return dataset.load(config, variant)


def load(config: DatasetConfig, split: str) -> ClipSource:
    """One split: "train", "validation" or "test". Raises as `load_splits` does."""
    return getattr(load_splits(config), split)
