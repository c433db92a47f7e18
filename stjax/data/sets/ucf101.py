"""UCF101: 13,320 clips of 101 human actions from the web, by tensorflow-datasets' own builder.

Source: K. Soomro, A. R. Zamir, M. Shah, "UCF101: A Dataset of 101 Human Actions Classes From Videos in The Wild", 2012.

The builder downloads about 6.5 GB from its authors' hosts, and needs an executable `ffmpeg`; stjax does neither. It is
prepared once, in a format that single clips can be read from:

    builder = tfds.builder("ucf101/ucf101_1", file_format="array_record")        # ucf101_1_256: 256 x 256 pixels
    builder.download_and_prepare()

"ucf101/split1" is then the authors' first split at its own size, "ucf101/split1_256" the one that was scaled. `test` is
the authors' test list; `validation` is every tenth of the training records of each class. The prepared records do not
say which clips are cut from one film, so films are shared between training and validation: accuracy on `validation` is
too high, and only good for choosing.
"""
# pyright: reportMissingImports=false

from pathlib import Path

import numpy as np

from stjax.data.datasets import DatasetConfig, Splits
from stjax.data.errors import DataError
from stjax.data.records import RecordClips, record_clips
from stjax.data.registry import Dataset
from stjax.data.symmetry import Symmetry

VALIDATION_EVERY = 10
INSTRUCTIONS = (
    "ucf101 is read from files that tensorflow-datasets has prepared, in data_dir (or TFDS_DATA_DIR, or its folder at "
    'home): tfds.builder("ucf101/ucf101_1", file_format="array_record").download_and_prepare(), which needs the '
    "network and an executable ffmpeg. STJAX_DATA is not looked at."
)


def symmetry(classes: tuple[str, ...]) -> Symmetry:
    """A mirrored action is the same action. Upside down, or backwards, nobody knows of all 101 what they are."""
    unknown = [(name, None) for name in classes]
    return Symmetry.of(classes, vertical_flip=unknown, reversal=unknown)


def _load(config: DatasetConfig, variant: str) -> Splits:
    import tensorflow_datasets as tfds

    builder = tfds.builder(f"ucf101/ucf101_{variant.removeprefix('split')}", data_dir=config.data_dir)
    if not Path(builder.data_dir).is_dir():
        raise DataError(f"{builder.data_dir} does not exist. {INSTRUCTIONS}")
    classes = tuple(builder.info.features["label"].names)
    train, test = (record_clips(builder, split, classes, symmetry(classes)) for split in ("train", "test"))
    watched = _every_tenth(train)
    return Splits(train.select(~watched), train.select(watched), test)


def _every_tenth(clips: RecordClips) -> np.ndarray:
    chosen = np.zeros(len(clips), bool)
    for label in range(len(clips.classes)):
        chosen[np.flatnonzero(clips.labels == label)[VALIDATION_EVERY - 1 :: VALIDATION_EVERY]] = True
    return chosen


DATASET = Dataset(
    "ucf101",
    "101 human actions from the web, prepared by tensorflow-datasets; the authors' three splits",
    _load,
    variants=("split1", "split1_256", "split2", "split3"),
    instructions=INSTRUCTIONS,
    frames_from="disk",
)
