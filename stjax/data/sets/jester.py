"""20BN-Jester: people in front of a camera, 27 hand gestures, 148,092 clips of about three seconds at 12 frames/s.

The files are for research under the licence that their publisher asks users to accept, and are not passed on: whoever
has them names their folder. It holds, by itself or in a subfolder jester,

    jester-v1-labels.csv                   one class name per line; the line's number, from 0, is the label
    jester-v1-train.csv                    <id>;<class name>
    jester-v1-validation.csv               <id>;<class name>
    20bn-jester-v1/<id>/00001.jpg ...      "jester": JPEG frames 100 pixels high, of several widths
    20bn-jester-v1-videos/<id>.mp4         "jester/videos": the same clips re-encoded

The labels of jester-v1-test.csv were never published. `test` is therefore the published validation split, and
`validation` a tenth of the training clips of each class, by the SHA-256 of their id (stjax.data.division).

The re-encoded files claim 20 frames/s. Frames are taken by number, never by time, so that both forms give a network
the same frames; whoever computes with seconds takes 12 frames/s.

Widths differ from clip to clip: PipelineConfig(size=...) makes them one.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stjax.data import media
from stjax.data.clips import NO_GROUP
from stjax.data.datasets import DatasetConfig, Splits
from stjax.data.disk import DiskClips, counted
from stjax.data.division import divided
from stjax.data.errors import DataError
from stjax.data.registry import Dataset, find_file, folder_of
from stjax.data.symmetry import Symmetry

FRAMES_PER_SECOND = 12
LABELS, TRAIN, VALIDATION = (f"jester-v1-{name}.csv" for name in ("labels", "train", "validation"))
IMAGES, VIDEOS = "20bn-jester-v1", "20bn-jester-v1-videos"
VALIDATION_PART = 0.1
INSTRUCTIONS = (
    f"jester is read from the official download: {LABELS}, {TRAIN}, {VALIDATION} and the folder {IMAGES} of JPEG "
    f'frames (for "jester/videos" the folder {VIDEOS} of mp4 files). Register with its publisher, unpack it, and name '
    "the folder: load(..., manual_dir=FOLDER), or the environment variable STJAX_DATA=FOLDER, of which jester may be a "
    "subfolder."
)
LICENCE = "research use, by agreement with the publisher (TwentyBN, now Qualcomm); may not be passed on"

# What a mirror, an upside-down camera and a film run backwards make of one gesture. Others stay what they are.
HORIZONTAL = (
    ("Swiping Left", "Swiping Right"),
    ("Sliding Two Fingers Left", "Sliding Two Fingers Right"),
    ("Turning Hand Clockwise", "Turning Hand Counterclockwise"),
)
VERTICAL = (
    ("Swiping Down", "Swiping Up"),
    ("Sliding Two Fingers Down", "Sliding Two Fingers Up"),
    ("Turning Hand Clockwise", "Turning Hand Counterclockwise"),
    ("Rolling Hand Forward", "Rolling Hand Backward"),
    ("Thumb Up", "Thumb Down"),
)
REVERSAL = (
    ("Swiping Left", "Swiping Right"),
    ("Swiping Down", "Swiping Up"),
    ("Pushing Hand Away", "Pulling Hand In"),
    ("Sliding Two Fingers Left", "Sliding Two Fingers Right"),
    ("Sliding Two Fingers Down", "Sliding Two Fingers Up"),
    ("Pushing Two Fingers Away", "Pulling Two Fingers In"),
    ("Rolling Hand Forward", "Rolling Hand Backward"),
    ("Turning Hand Clockwise", "Turning Hand Counterclockwise"),
    ("Zooming In With Full Hand", "Zooming Out With Full Hand"),
    ("Zooming In With Two Fingers", "Zooming Out With Two Fingers"),
)


@dataclass(frozen=True)
class JesterConfig:
    """What may be left out.

    Args:
      classes: only clips of these, in this label order; None: all, in the order of the labels file.
      skip_unreadable: leaves out clips that are missing or cannot be read, with a warning that names them, in place of
        an error.
    """

    classes: tuple[str, ...] | None = None
    skip_unreadable: bool = False


def symmetry(classes: tuple[str, ...]) -> Symmetry:
    """Tables for these classes. A change that leads to a gesture that is not among them is ruled out."""

    def among(pairs: tuple[tuple[str, str], ...]) -> list[tuple[str, str | None]]:
        kept: list[tuple[str, str | None]] = []
        for first, second in pairs:
            if first in classes and second in classes:
                kept.append((first, second))
            else:
                kept += [(name, None) for name in (first, second) if name in classes]
        return kept

    return Symmetry.of(classes, among(HORIZONTAL), among(VERTICAL), among(REVERSAL))


def read_labels(path: Path) -> tuple[str, ...]:
    """Class names in label order."""
    names = tuple(row[0] for _, row in _rows(path, 1))
    if len(set(names)) != len(names):
        raise DataError(f"{path}: a class is listed twice")
    return names


def read_ids(path: Path, classes: tuple[str, ...]) -> dict[str, str]:
    """Clip id -> class name."""
    found: dict[str, str] = {}
    for line, (clip, name) in _rows(path, 2):
        if name not in classes:
            raise DataError(f'{path}, line {line}: there is no class "{name}" in {LABELS}')
        if clip in found:
            raise DataError(f"{path}, line {line}: clip {clip} is listed twice")
        found[clip] = name
    return found


def _rows(path: Path, columns: int) -> Iterator[tuple[int, list[str]]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file, delimiter=";", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}. {INSTRUCTIONS}") from None
    for line, row in enumerate(rows, 1):
        if row and len(row) != columns:
            form = "<id>;<class name>" if columns == 2 else "<class name>"
            raise DataError(f'{path}, line {line}: must be {form}, found "{";".join(row)}"')
        if row:
            yield line, row


def _frames(path: Path) -> int:
    """Frames of a clip; images are numbered from 1, so that the last name tells whether some are missing."""
    count = media.count_frames(path)
    if path.is_dir():
        last = media.image_names(path)[-1]
        if last != f"{count:05d}.jpg":
            raise DataError(f"{path}: has {count} images, but the last is called {last}: some are missing")
    return count


def _load(config: DatasetConfig, variant: str) -> Splits:
    folder = find_file(folder_of(config, INSTRUCTIONS), LABELS, "jester", INSTRUCTIONS).parent
    options = config.options or JesterConfig()
    known = read_labels(folder / LABELS)
    classes = options.classes or known
    if unknown := [name for name in classes if name not in known]:
        raise DataError(f'there is no class "{unknown[0]}" in {folder / LABELS}; there are {", ".join(known)}')
    labelled = {TRAIN: read_ids(folder / TRAIN, known), VALIDATION: read_ids(folder / VALIDATION, known)}
    if twice := labelled[TRAIN].keys() & labelled[VALIDATION].keys():
        raise DataError(f"{folder}: clip {min(twice)} is in {TRAIN} and in {VALIDATION}")
    split = divided(labelled[TRAIN], {"validation": VALIDATION_PART}, "train")
    split |= dict.fromkeys(labelled[VALIDATION], "test")
    names = {clip: name for part in labelled.values() for clip, name in part.items() if name in classes}
    paths = [folder / VIDEOS / f"{clip}.mp4" if variant == "videos" else folder / IMAGES / clip for clip in names]
    lengths = counted(paths, options.skip_unreadable, _frames, config.data_dir)
    clips = DiskClips(
        paths=tuple(map(str, paths)),
        lengths=lengths,
        labels=np.array([classes.index(name) for name in names.values()], np.int32),
        groups=np.full(len(names), NO_GROUP, np.int32),
        classes=classes,
        symmetry=symmetry(classes),
    )
    of_clip = np.array([split[clip] for clip in names])
    return Splits(*(clips.select((of_clip == part) & (lengths > 0)) for part in ("train", "validation", "test")))


DATASET = Dataset(
    "jester",
    "27 hand gestures in front of a camera; official JPEG frames, or the same clips as mp4 files",
    _load,
    variants=("", "videos"),
    options=JesterConfig,
    instructions=INSTRUCTIONS,
    frames_from="disk",
    licence=LICENCE,
)
