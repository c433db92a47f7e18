"""Datasets by name: prepared once by tensorflow-datasets, then read into memory.

Nothing is downloaded. tensorflow-datasets is imported only when something is loaded.
"""
# pyright: reportMissingImports=false

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stjax.data.capfingerid import INSTRUCTIONS, DataError
from stjax.data.clips import ClipSet
from stjax.data.moving_shapes import MovingShapesConfig

NAMES = ("moving_shapes", "capfingerid", "capfingerid/reversed_copies")
FOLDER_VARIABLE = "STJAX_DATA"


@dataclass(frozen=True)
class DatasetConfig:
    """Which dataset, and where its files are.

    Args:
      name: one of NAMES. "capfingerid/reversed_copies" adds each moving clip played backwards, in all splits.
      manual_dir: folder of files that came by hand; None: the environment variable STJAX_DATA.
      data_dir: where prepared files go; None: tensorflow-datasets' own choice (TFDS_DATA_DIR, or a folder at home).
      shapes: for "moving_shapes"; None: its default.
    """

    name: str
    manual_dir: str | None = None
    data_dir: str | None = None
    shapes: MovingShapesConfig | None = None


@dataclass(frozen=True, eq=False)
class Splits:
    """What training needs: clips to learn from, to watch, and to report on."""

    train: ClipSet
    validation: ClipSet
    test: ClipSet


def load_splits(config: DatasetConfig) -> Splits:
    """All three splits; prepares the dataset first if that has not happened yet.

    Raises:
      DataError: if there is no such dataset, or its files are not there.
    """
    from stjax.data.builders import clips_of

    builder = prepared(config)
    return Splits(*(clips_of(builder, split) for split in ("train", "validation", "test")))


def load(config: DatasetConfig, split: str) -> ClipSet:
    """One split: "train", "validation" or "test". Raises as `load_splits` does."""
    from stjax.data.builders import clips_of

    return clips_of(prepared(config), split)


def prepared(config: DatasetConfig) -> Any:
    """The tensorflow-datasets builder, its files written. Raises as `load_splits` does."""
    if config.name not in NAMES:
        raise DataError(f'there is no dataset "{config.name}"; there are {", ".join(NAMES)}')
    if config.name == "moving_shapes":
        return _moving_shapes(config)
    if config.shapes is not None:
        raise DataError(f'`shapes` describes moving_shapes, not "{config.name}"')
    return _capfingerid(config)


def _moving_shapes(config: DatasetConfig) -> Any:
    from stjax.data import builders

    choice = "default" if config.shapes is None else builders.shapes_config(config.shapes)
    builder = builders.MovingShapes(data_dir=config.data_dir, config=choice)
    builder.download_and_prepare()
    return builder


def _capfingerid(config: DatasetConfig) -> Any:
    import tensorflow_datasets as tfds

    from stjax.data import builders, capfingerid

    choice = "reversed_copies" if config.name.endswith("/reversed_copies") else "as_recorded"
    builder = builders.CapFingerId(data_dir=config.data_dir, config=choice)
    if Path(builder.data_dir).is_dir():
        return builder
    folder = config.manual_dir or os.environ.get(FOLDER_VARIABLE)
    if not folder:
        raise DataError(f"no folder was named. {INSTRUCTIONS}")
    capfingerid.find_archive(Path(folder))
    builder.download_and_prepare(download_config=tfds.download.DownloadConfig(manual_dir=folder))
    return builder
