"""Thermal video of seven human actions: 16 x 16 pixels, seen straight from above, about nine frames per second.

Nine people walk, sit down, stand up and fall, sit, stand and lie, one at a time, under a thermopile array on the
ceiling; the labels were typed by people. `sitdown` and `standup` are nearly each other's reversal. The people came in
four groups on four days, and fold k tests on group k, validates on the next (4 is followed by 1) and trains on the
other two, so nobody is in two splits. `groups` of the clips is the person.

Source: "Nagoya University Extremely Low-resolution FIR Image Action Dataset", T. Kawashima, Y. Kawanishi, I. Ide,
H. Murase, D. Deguchi, T. Aizawa, M. Kawade, "Action recognition from extremely low-resolution thermal image sequence",
IEEE AVSS 2017. Its licence is CC BY-NC-SA 4.0, so the files are read from where they lie and are no part of this
project: whoever shows results names the source.

A pixel p of the files is a temperature of 21.9 + 0.02 p degrees. The sensor's offset drifts, so by default each frame's
own median is taken off, in integers that a microcontroller can follow (see `without_median`); the variants that end in
"/raw" leave the pixels as they are.

`fir16_clips.npz` holds, one clip per action,
    frames   uint8  [total, 16, 16]     all clips, one after the other
    offsets  int    [clips + 1]         clip i is frames[offsets[i] : offsets[i + 1]]
    label    int    [clips]             index into names
    subject  int    [clips]             person 1 .. 9
    group    int    [clips]             1 .. 4
    names                               walk sitdown standup fall sit stand lie
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from stjax.data.clips import ClipSet
from stjax.data.datasets import DatasetConfig, Splits
from stjax.data.errors import DataError
from stjax.data.registry import Dataset, find_file, folder_of
from stjax.data.symmetry import Symmetry

CLASSES = ("walk", "sitdown", "standup", "fall", "sit", "stand", "lie")
# From straight above a mirrored or turned action is the same action. A fall backwards is none of these.
SYMMETRY = Symmetry.of(CLASSES, reversal=[("sitdown", "standup"), ("fall", None)], transposition=())
SIDE = 16
GROUPS = (1, 2, 3, 4)
FRAMES_PER_SECOND = 1 / 0.109
"""From the median of the steps between frames, which vary from 47 to 203 ms."""

ARCHIVE = "fir16_clips.npz"
ARRAYS = ("frames", "offsets", "label", "subject", "group", "names")
VARIANTS = tuple(f"fold{group}{raw}" for group in GROUPS for raw in ("", "/raw"))

LICENCE = (
    "CC BY-NC-SA 4.0; cite T. Kawashima et al., Action recognition from extremely low-resolution thermal image "
    "sequence, IEEE AVSS 2017"
)


def instructions(archive: str) -> str:
    """Where an archive has to be."""
    return (
        f"fir16 is read from {archive}, made from the recordings of github.com/muralab/"
        "Low-Resolution-FIR-Action-Dataset. Put that file into a folder, by itself or in a subfolder fir16, and name "
        "the folder: load(..., manual_dir=FOLDER), or the environment variable STJAX_DATA=FOLDER. "
        f"Its licence is {LICENCE}."
    )


def without_median(frames: UInt8[np.ndarray, "time height width"]) -> UInt8[np.ndarray, "time height width"]:
    """Each frame relative to its own median, in integers: (17 * min(max(50 + p - median, 0), 150) + 5) // 10.

    The median of n pixels is the one at place (n - 1) // 2 of the sorted ones, counted from 0: the lower of the two
    in the middle. From one degree below it to two above (-50 .. 100 steps of 0.02) becomes 0 .. 255, rounded to the
    nearest, halves up.
    """
    flat = frames.reshape(len(frames), -1)
    median = np.partition(flat, (flat.shape[1] - 1) // 2, axis=1)[:, (flat.shape[1] - 1) // 2]
    relative = np.clip(50 + frames.astype(np.int16) - median[:, None, None].astype(np.int16), 0, 150)
    return ((17 * relative + 5) // 10).astype(np.uint8)


def read_arrays(path: Path, names: tuple[str, ...], help_text: str) -> dict[str, np.ndarray]:
    """Those arrays of an archive, its frames and class names checked.

    Raises:
      DataError: if the file is not such an archive.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in names}
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path} is not a readable .npz archive: {error}. {help_text}") from None
    except KeyError as error:
        raise DataError(f"{path} is another archive: {error}. {help_text}") from None
    frames, classes = arrays["frames"], tuple(str(name) for name in arrays["names"])
    if frames.dtype != np.uint8 or frames.shape[1:] != (SIDE, SIDE):
        raise DataError(f"{path}: frames must be uint8 of {SIDE} x {SIDE}, found {frames.dtype} {frames.shape}")
    if classes != CLASSES:
        raise DataError(f"{path}: names must be {' '.join(CLASSES)}, found {' '.join(classes)}")
    return arrays


def prepared_frames(arrays: Mapping[str, np.ndarray], variant: str) -> UInt8[np.ndarray, "time height width 1"]:
    """The frames as the variant has them."""
    frames = arrays["frames"]
    return (frames if variant.endswith("/raw") else without_median(frames))[..., None]


def folds(clips: ClipSet, group: np.ndarray, variant: str) -> Splits:
    """The splits of a variant such as "fold2" or "fold2/raw"; `group` is each clip's."""
    test = int(variant.removeprefix("fold").removesuffix("/raw"))
    validation = test % len(GROUPS) + 1
    return Splits(
        train=clips.select(~np.isin(group, (test, validation))),
        validation=clips.select(group == validation),
        test=clips.select(group == test),
    )


def read(path: Path, variant: str) -> Splits:
    """The clips of an archive.

    Raises:
      DataError: if the file is not such an archive.
    """
    arrays = read_arrays(path, ARRAYS, instructions(ARCHIVE))
    return checked(
        path,
        lambda: folds(
            ClipSet(
                frames=prepared_frames(arrays, variant),
                offsets=arrays["offsets"].astype(np.int64),
                labels=arrays["label"].astype(np.int32),
                groups=arrays["subject"].astype(np.int32),
                classes=CLASSES,
                symmetry=SYMMETRY,
            ),
            arrays["group"],
            variant,
        ),
    )


def checked(path: Path, make: Callable[[], Splits]) -> Splits:
    """What `make` gives; a ValueError or IndexError in it, of arrays that do not fit together, names the file."""
    try:
        return make()
    except (ValueError, IndexError) as error:
        raise DataError(f"{path}: {error}") from None


def _load(config: DatasetConfig, variant: str) -> Splits:
    help_text = instructions(ARCHIVE)
    return read(find_file(folder_of(config, help_text), ARCHIVE, "fir16", help_text), variant)


DATASET = Dataset(
    "fir16",
    "people who walk, sit down, stand up or fall under a 16 x 16 thermal array; fold k tests on group k",
    _load,
    variants=VARIANTS,
    symmetry=SYMMETRY,
    instructions=instructions(ARCHIVE),
    licence=LICENCE,
)
