"""Any folder of clips: DatasetConfig("clip_folder", manual_dir=FOLDER, options=ClipFolderConfig(...)).

Without a CSV file the folder's own folders are the classes:

    FOLDER/<class>/<clip>/*.jpg            a clip is a folder of images ...
    FOLDER/<class>/<clip>.mp4              ... or a file (see stjax.data.media for the endings)

With one (`csv`, a path within the folder or an absolute one) its lines say what is a clip. The first line names the
columns, separated by commas: `path` (within the folder) and `label`, the class's name; `split` (train, validation or
test) and `group` (who or what made the clip) may follow.

Where no split is given, each class is divided by itself, by the path of its clips within the folder, written with
slashes (stjax.data.division): first test clips, then validation clips. With a column `group` whole groups are divided
so, by their names and not by class: nobody is then in two splits.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stjax.data import media
from stjax.data.clips import NO_GROUP
from stjax.data.datasets import DatasetConfig, Splits
from stjax.data.disk import DiskClips, counted
from stjax.data.division import divided
from stjax.data.errors import DataError
from stjax.data.registry import Dataset, folder_of
from stjax.data.symmetry import Symmetry

NamePairs = tuple[tuple[str, str | None], ...]
SPLITS = ("train", "validation", "test")
INSTRUCTIONS = (
    "clip_folder is read from FOLDER/<class>/<clip>, a folder of images or a video file, or as a CSV file in FOLDER "
    "says; name the folder: load(..., manual_dir=FOLDER), or the environment variable STJAX_DATA=FOLDER."
)


@dataclass(frozen=True)
class ClipFolderConfig:
    """What the folder itself does not say.

    Args:
      csv: file that lists the clips; None: folders are classes.
      classes: names in label order; None: all that occur, in alphabetical order.
      validation, test: parts of the clips where no split is given.
      horizontal_flip, vertical_flip, reversal: pairs of classes that the change swaps, as for `Symmetry.of`; other
        classes keep their label, so () says that all do. None: nobody knows, so no clip is ever changed so.
      skip_unreadable: leaves out clips that cannot be read, with a warning that names them, in place of an error.
    """

    csv: str | None = None
    classes: tuple[str, ...] | None = None
    validation: float = 0.1
    test: float = 0.1
    horizontal_flip: NamePairs | None = None
    vertical_flip: NamePairs | None = None
    reversal: NamePairs | None = None
    skip_unreadable: bool = False

    def __post_init__(self) -> None:
        if not (0 < self.validation < 1 and 0 < self.test < 1 and self.validation + self.test < 1):
            raise ValueError(
                f"`validation` (={self.validation}) and `test` (={self.test}) must be parts between 0 and 1 that "
                "leave something for training"
            )


@dataclass(frozen=True)
class _Listed:
    """A clip as a folder or a line of a CSV file names it. `name` is its path within the folder, with slashes."""

    name: str
    label: str
    split: str | None = None
    group: str | None = None


def _load(config: DatasetConfig, variant: str) -> Splits:
    folder, options = folder_of(config, INSTRUCTIONS), config.options or ClipFolderConfig()
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder. {INSTRUCTIONS}")
    listed = _by_folders(folder) if options.csv is None else _by_csv(folder / options.csv)
    classes = options.classes or tuple(sorted({clip.label for clip in listed}))
    for clip in listed:
        if clip.label not in classes:
            raise DataError(f'{folder / clip.name} has the label "{clip.label}"; the classes are {", ".join(classes)}')
    paths = [folder / clip.name for clip in listed]
    lengths = counted(paths, options.skip_unreadable, data_dir=config.data_dir)
    groups = {name: number for number, name in enumerate(sorted({clip.group for clip in listed if clip.group}))}
    clips = DiskClips(
        paths=tuple(map(str, paths)),
        lengths=lengths,
        labels=np.array([classes.index(clip.label) for clip in listed], np.int32),
        groups=np.array([groups.get(clip.group or "", NO_GROUP) for clip in listed], np.int32),
        classes=classes,
        symmetry=_symmetry(classes, options),
    )
    split = _splits(listed, options)
    parts = {name: clips.select((split == name) & (lengths > 0)) for name in SPLITS}
    for name, part in parts.items():
        if not len(part):
            raise DataError(f"{folder}: no clip that can be read is in the {name} split, of {len(listed)} in all")
    return Splits(**parts)


def _by_folders(folder: Path) -> list[_Listed]:
    """Every entry of every class's folder; a hidden one is none. A clip beside the classes belongs to nobody."""
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if stray := [path for path in entries if path.suffix.lower() in media.ENDINGS and path.is_file()]:
        raise DataError(f"{stray[0]} lies beside the folders of classes, not in one of them. {INSTRUCTIONS}")
    found = [
        _Listed(f"{category.name}/{path.name}", category.name)
        for category in entries
        if category.is_dir()
        for path in sorted(category.iterdir())
        if not path.name.startswith(".")
    ]
    if not found:
        raise DataError(f"{folder} has no folder with clips in it. {INSTRUCTIONS}")
    return found


def _by_csv(path: Path) -> list[_Listed]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a readable CSV file: {error}") from None
    if not rows:
        raise DataError(f"{path} lists no clips; its first line names the columns path,label[,split][,group]")
    found: dict[str, _Listed] = {}
    for line, row in enumerate(rows, 2):
        where = f"{path}, line {line}"
        if not row.get("path") or not row.get("label"):
            columns = ", ".join(str(name) for name in row)
            raise DataError(f"{where}: needs a path and a label; the columns are {columns}, separated by commas")
        if row["path"] in found:
            raise DataError(f"{where}: {row['path']} is listed twice")
        if (split := row.get("split") or None) not in (None, *SPLITS):
            raise DataError(f'{where}: the split is "{split}", not one of {", ".join(SPLITS)}')
        found[row["path"]] = _Listed(row["path"], row["label"], split, row.get("group") or None)
    without = [clip.name for clip in found.values() if clip.split is None]
    if without and len(without) < len(found):
        raise DataError(f"{path}: {without[0]} has no split, though others have: give all of them one, or none")
    return list(found.values())


def _symmetry(classes: tuple[str, ...], options: ClipFolderConfig) -> Symmetry:
    unknown = tuple((name, None) for name in classes)
    given = (options.horizontal_flip, options.vertical_flip, options.reversal)
    try:
        return Symmetry.of(classes, *(unknown if pairs is None else pairs for pairs in given))
    except ValueError as error:
        raise DataError(f"options of clip_folder: {error}") from None


def _splits(clips: Sequence[_Listed], options: ClipFolderConfig) -> np.ndarray:
    """The name of each clip's split."""
    if clips[0].split is not None:
        return np.array([clip.split for clip in clips])
    grouped = any(clip.group for clip in clips)
    # What is divided (a clip or a group), by what it is divided by (its class, or all in one).
    units = {(clip.group or clip.name): ("" if grouped else clip.label) for clip in clips}
    chosen = divided(units, {"test": options.test, "validation": options.validation}, "train")
    return np.array([chosen[clip.group or clip.name] for clip in clips])


DATASET = Dataset(
    "clip_folder",
    "any folder of clips: folders of images, video files, arrays; classes by folder or by a CSV file",
    _load,
    options=ClipFolderConfig,
    instructions=INSTRUCTIONS,
    frames_from="disk",
)
