"""GolfDB: 1,400 clips of golf swings, 160 x 160 pixels, with the frame at which each of eight events happens.

Source: W. McNally, K. Vats, T. Pinto, C. Dulhanty, J. McPhee, A. Wong, "GolfDB: A Video Database for Golf Swing
Sequencing", CVPR Workshops 2019; annotations and code CC BY-NC 4.0, clips cut from public videos. Nothing of it is part
of this project: whoever has the files names their folder. It holds, by itself or in a subfolder golfdb,

    golfDB.mat               the annotations
    videos_160/<id>.mp4      the clips, made from the annotations by the authors' script

An annotation has ten frame numbers of the whole video, from 1: the clip's first frame, eight events, the clip's last
frame. Within the clip, event k is therefore at frame events[k + 1] - events[0], from 0. Every other frame is of class
8, "no event"; about one frame in 35 is an event. Clips have no class as a whole (`label` is -1), `groups` is the id.

One annotation does not increase: that of id 677, whose impact is a frame after its mid-follow-through. It is taken as
it stands, since events are looked for one by one; `GolfDbConfig(unordered=False)` leaves it out.

The authors' four splits are of videos, not of people. "golfdb/split1" tests on split 1, validates on split 2 (4 is
followed by 1) and trains on the other two. "golfdb/split1/published" is as published: it trains on all three others,
and watches the very clips that it reports on, so nothing may be chosen by its validation numbers.
"""
# pyright: reportMissingImports=false

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int32, Int64

from stjax.data import media
from stjax.data.datasets import DatasetConfig, Splits
from stjax.data.disk import DiskClips, counted
from stjax.data.errors import DataError
from stjax.data.registry import Dataset, find_file, folder_of
from stjax.data.symmetry import NO_LABEL, Symmetry

EVENTS = ("address", "toe-up", "mid-backswing", "top", "mid-downswing", "impact", "mid-follow-through", "finish")
CLASSES = (*EVENTS, "no event")
NO_EVENT = len(EVENTS)
# A left-handed swing has the same events. Upside down or backwards it is no swing at all.
_NONE = [(name, None) for name in CLASSES]
SYMMETRY = Symmetry.of(CLASSES, vertical_flip=_NONE, reversal=_NONE)

TABLE, VIDEOS = "golfDB.mat", "videos_160"
NUMBERS = (1, 2, 3, 4)
LICENCE = "CC BY-NC 4.0 (annotations); cite W. McNally et al., GolfDB, CVPR Workshops 2019"
INSTRUCTIONS = (
    f"golfdb is read from {TABLE} (in the repository wmcnally/golfdb, folder data) and {VIDEOS}/<id>.mp4 (its README "
    "says where). Put both into a folder, by themselves or in a subfolder golfdb, and name the folder: load(..., "
    f"manual_dir=FOLDER), or the environment variable STJAX_DATA=FOLDER. Licence: {LICENCE}."
)


@dataclass(frozen=True)
class GolfDbConfig:
    """What may be left out.

    Args:
      unordered: takes clips whose events are not in order.
      skip_unreadable: leaves out clips that are missing, cannot be read or are too short for their events, with a
        warning that names them, in place of an error.
    """

    unordered: bool = True
    skip_unreadable: bool = False


@dataclass(frozen=True, eq=False)
class Annotations:
    """The table.

    Args:
      ids: of each clip, as in its file's name.
      events: frames within the clip, from 0, of the eight events, and the clip's last frame.
      split: 1 to 4.
      slow: whether the clip is in slow motion.
    """

    ids: Int32[np.ndarray, " clips"]
    events: Int64[np.ndarray, "clips 9"]
    split: Int32[np.ndarray, " clips"]
    slow: Int32[np.ndarray, " clips"]

    @property
    def unordered(self) -> np.ndarray:
        """Which clips have an event that is not after the one before it."""
        return (np.diff(self.events[:, :NO_EVENT]) <= 0).any(1)


def read_annotations(path: Path) -> Annotations:
    """What golfDB.mat says.

    Raises:
      DataError: if it is not such a file, or an event is outside its clip or at the same frame as another.
    """
    from scipy.io import loadmat

    try:
        rows = loadmat(str(path))["golfDB"].ravel()
        columns = {name: [np.ravel(row[name]) for row in rows] for name in ("id", "events", "split", "slow")}
        absolute = np.array([np.asarray(value).ravel() for value in columns["events"]], np.int64)
        ids, split, slow = (_numbers(columns[name]) for name in ("id", "split", "slow"))
    except (OSError, KeyError, TypeError, ValueError, IndexError, NotImplementedError) as error:
        raise DataError(f"{path} is not the table of GolfDB: {error}. {INSTRUCTIONS}") from None
    if absolute.shape != (len(ids), len(EVENTS) + 2) or len(set(ids.tolist())) != len(ids):
        raise DataError(f"{path}: needs one id and {len(EVENTS) + 2} frame numbers per clip, found {absolute.shape}")
    events = absolute[:, 1:] - absolute[:, :1]
    for clip, row in zip(ids.tolist(), events.tolist(), strict=True):
        if not all(0 <= frame <= row[-1] for frame in row):
            raise DataError(f"{path}: an event of clip {clip} lies outside of it: {row[:-1]} in 0 .. {row[-1]}")
        if len(set(row[:-1])) != len(EVENTS):
            raise DataError(f"{path}: two events of clip {clip} are at one frame: {row[:-1]}")
    return Annotations(ids, events, split, slow)


def _numbers(column: list[Any]) -> Int32[np.ndarray, " clips"]:
    return np.array([int(value.item()) for value in column], np.int32)


def _load(config: DatasetConfig, variant: str) -> Splits:
    table = find_file(folder_of(config, INSTRUCTIONS), TABLE, "golfdb", INSTRUCTIONS)
    options = config.options or GolfDbConfig()
    annotated = read_annotations(table)
    paths = [table.parent / VIDEOS / f"{clip}.mp4" for clip in annotated.ids]
    last = dict(zip(paths, annotated.events[:, :NO_EVENT].max(1).tolist(), strict=True))

    def frames(path: Path) -> int:
        count = media.count_frames(path)
        if count <= last[path]:
            raise DataError(f"{path}: has {count} frames, but an event at frame {last[path]}")
        return count

    lengths = counted(paths, options.skip_unreadable, frames, config.data_dir)
    clips = DiskClips(
        paths=tuple(map(str, paths)),
        lengths=lengths,
        labels=np.full(len(paths), NO_LABEL, np.int32),
        groups=annotated.ids,
        classes=CLASSES,
        symmetry=SYMMETRY,
        frame_classes=tuple(map(_frame_classes, annotated.events, lengths.tolist())),
    )
    kept = (lengths > 0) & (options.unordered | ~annotated.unordered)
    number, published = int(variant.removeprefix("split")[0]), variant.endswith("/published")
    following = number if published else number % len(NUMBERS) + 1
    train = ~np.isin(annotated.split, (number, following))
    watched, test = annotated.split == following, annotated.split == number
    return Splits(*(clips.select(chosen & kept) for chosen in (train, watched, test)))


def _frame_classes(events: np.ndarray, length: int) -> Int32[np.ndarray, " length"]:
    classes = np.full(max(length, 0), NO_EVENT, np.int32)
    if length > 0:
        classes[events[:NO_EVENT]] = np.arange(NO_EVENT)
    return classes


DATASET = Dataset(
    "golfdb",
    "golf swings with the frames of eight events; split k tests on the authors' split k",
    _load,
    variants=tuple(f"split{number}{how}" for number in NUMBERS for how in ("", "/published")),
    options=GolfDbConfig,
    symmetry=SYMMETRY,
    instructions=INSTRUCTIONS,
    frames_from="disk",
    licence=LICENCE,
)
