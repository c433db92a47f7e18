"""Real touch-sensor video: fingers that move left, right, up, down, or stay, on a 27 x 15 grid of capacitances.

Recorded by 17 people on a phone's touch screen, about 14 frames per second, one uint8 value per cell. The classes come
from the track of the finger. Source: the CapFingerId study (Interaction Lab, IUI 2019), under the MIT licence.

The archive `capfingerid_clips.npz` holds
    frames   uint8  [total, 27, 15]     all clips, one after the other
    offsets  int    [clips + 1]         clip i is frames[offsets[i] : offsets[i + 1]]
    label    int    [clips]             index into label_names
    meta     int    [clips, 5]          the participant first
    label_names                         left right up down still
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from stjax.data.clips import ClipSet
from stjax.data.datasets import DatasetConfig, Splits
from stjax.data.errors import DataError
from stjax.data.registry import Dataset, find_file, folder_of
from stjax.data.symmetry import Symmetry

CLASSES = ("left", "right", "up", "down", "still")
SYMMETRY = Symmetry.of(
    CLASSES,
    horizontal_flip=[("left", "right")],
    vertical_flip=[("up", "down")],
    reversal=[("left", "right"), ("up", "down")],
)
FRAME_SHAPE = (27, 15, 1)

# Nobody is in two splits: what counts is how a network does on a stranger's fingers.
TEST_PARTICIPANTS = (3, 9, 14, 18)
VALIDATION_PARTICIPANTS = (6, 15)

ARCHIVE = "capfingerid_clips.npz"
INSTRUCTIONS = (
    f"capfingerid is read from {ARCHIVE}. Put that file into a folder, by itself or in a subfolder capfingerid, and "
    "name the folder: load(..., manual_dir=FOLDER), or the environment variable STJAX_DATA=FOLDER."
)


def find_archive(folder: Path) -> Path:
    """The archive in a folder or in its subfolder `capfingerid`; a DataError says that it is in neither."""
    return find_file(folder, ARCHIVE, "capfingerid", INSTRUCTIONS)


def read(path: Path) -> ClipSet:
    """All clips; `groups` is the participant.

    Raises:
      DataError: if the file is not such an archive.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in ("frames", "offsets", "label", "meta", "label_names")}
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path} is not a readable .npz archive: {error}. {INSTRUCTIONS}") from None
    except KeyError as error:
        raise DataError(f"{path} is another archive: {error}. {INSTRUCTIONS}") from None
    _check(path, arrays)
    try:
        return ClipSet(
            frames=arrays["frames"][..., None],
            offsets=arrays["offsets"].astype(np.int64),
            labels=arrays["label"].astype(np.int32),
            groups=arrays["meta"][:, 0].astype(np.int32),
            classes=CLASSES,
            symmetry=SYMMETRY,
        )
    except ValueError as error:
        raise DataError(f"{path}: {error}") from None


def _check(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    frames, names = arrays["frames"], tuple(str(name) for name in arrays["label_names"])
    if frames.dtype != np.uint8 or frames.shape[1:] != FRAME_SHAPE[:2]:
        raise DataError(f"{path}: frames must be uint8 of 27 x 15, found {frames.dtype} {frames.shape}")
    if names != CLASSES:
        raise DataError(f"{path}: label_names must be {' '.join(CLASSES)}, found {' '.join(names)}")
    if arrays["meta"].ndim != 2:
        raise DataError(f"{path}: meta must have one row per clip, found shape {arrays['meta'].shape}")


def splits(clips: ClipSet) -> dict[str, ClipSet]:
    """Train, validation and test, by participant."""
    test = np.isin(clips.groups, TEST_PARTICIPANTS)
    validation = np.isin(clips.groups, VALIDATION_PARTICIPANTS)
    return {
        "train": clips.select(~test & ~validation),
        "validation": clips.select(validation),
        "test": clips.select(test),
    }


def _load(config: DatasetConfig, variant: str) -> Splits:
    import tensorflow_datasets as tfds

    from stjax.data import builders

    builder = builders.CapFingerId(data_dir=config.data_dir, config=variant or "as_recorded")
    if not Path(builder.data_dir).is_dir():
        folder = folder_of(config, INSTRUCTIONS)
        find_archive(folder)
        builder.download_and_prepare(download_config=tfds.download.DownloadConfig(manual_dir=str(folder)))
    return builders.splits_of(builder)


DATASET = Dataset(
    "capfingerid",
    'fingers that move on a phone\'s touch screen; "reversed_copies" adds each moving clip played backwards',
    _load,
    variants=("", "reversed_copies"),
    symmetry=SYMMETRY,
    instructions=INSTRUCTIONS,
    licence="MIT, (c) 2018 Interaction Lab",
)
