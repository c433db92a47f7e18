"""Clips that `stjax.data.packing.pack` has written as records: DatasetConfig("packed", data_dir=FOLDER, options=...).

Classes, splits and label tables are those of the dataset that was packed, and so is its licence.
"""
# pyright: reportMissingImports=false

from dataclasses import dataclass
from pathlib import Path

from stjax.data.datasets import DatasetConfig, Splits
from stjax.data.errors import DataError
from stjax.data.records import record_clips
from stjax.data.registry import Dataset
from stjax.data.symmetry import Symmetry

INSTRUCTIONS = (
    "packed is read from records in data_dir that stjax.data.packing.pack(config, data_dir, name) has written; "
    "options=PackedConfig(name) says which. STJAX_DATA is not looked at."
)


@dataclass(frozen=True)
class PackedConfig:
    """`name` is what the clips were packed under."""

    name: str


def _load(config: DatasetConfig, variant: str) -> Splits:
    import tensorflow_datasets as tfds

    from stjax.data.packing import NAME, VERSION

    if config.options is None or config.data_dir is None:
        raise DataError(f"`options` and `data_dir` are needed. {INSTRUCTIONS}")
    folder = Path(config.data_dir) / NAME / config.options.name / VERSION
    if not folder.is_dir():
        raise DataError(f"{folder} does not exist. {INSTRUCTIONS}")
    builder = tfds.builder_from_directory(str(folder))
    said = builder.info.metadata
    symmetry = Symmetry(**{name: tuple(table) for name, table in said["symmetry"].items()})
    classes, labelled = tuple(said["classes"]), said["frames_are_labelled"]
    return Splits(
        *(record_clips(builder, split, classes, symmetry, labelled) for split in ("train", "validation", "test"))
    )


DATASET = Dataset(
    "packed",
    "any of the others, once packed into records",
    _load,
    options=PackedConfig,
    instructions=INSTRUCTIONS,
    frames_from="disk",
)
