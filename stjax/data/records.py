"""Clips in a dataset that tensorflow-datasets has prepared, read one by one: only the frames of a window are decoded.

Needs files in a format with random access: `download_and_prepare` of a builder with file_format="array_record".
"""
# pyright: reportMissingImports=false

import functools
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int32, Int64, UInt8

from stjax.data import media
from stjax.data.clips import NO_GROUP
from stjax.data.errors import DataError
from stjax.data.symmetry import Symmetry

INDEX = "stjax_index.npz"
"""Written beside the prepared files: lengths, labels and groups, for which all records have to be read once."""


@dataclass(frozen=True, eq=False)
class RecordClips:
    """Clips of a prepared split whose examples have a `video` of encoded images and a `label`.

    Args:
      records: the examples, as bytes.
      parser: from bytes to a dictionary.
      numbers: which of the records.
      lengths: frames of each of all records.
      labels: class of each of all records; NO_LABEL where only frames have one.
      all_groups: who or what made each of all records; NO_GROUP where nobody says.
      classes: names, in label order.
      symmetry: label tables for flips and reversal.
      frame_classes: classes of the frames of all records, one after the other; None: frames are not labelled.
    """

    records: Any
    parser: Any
    numbers: Int64[np.ndarray, " clips"]
    lengths: Int64[np.ndarray, " records"]
    labels: Int32[np.ndarray, " records"]
    all_groups: Int32[np.ndarray, " records"]
    classes: tuple[str, ...]
    symmetry: Symmetry
    frame_classes: Int32[np.ndarray, " frames"] | None = None

    @property
    def groups(self) -> Int32[np.ndarray, " clips"]:
        """Who or what made each clip."""
        return self.all_groups[self.numbers]

    def __len__(self) -> int:
        return len(self.numbers)

    def length(self, clip: int) -> int:
        return int(self.lengths[self.numbers[clip]])

    def label(self, clip: int) -> int:
        return int(self.labels[self.numbers[clip]])

    def frame_labels(self, clip: int) -> Int32[np.ndarray, " length"] | None:
        if self.frame_classes is None:
            return None
        stop = int(self._stops[self.numbers[clip]])
        return self.frame_classes[stop - self.length(clip) : stop]

    @functools.cached_property
    def _stops(self) -> Int64[np.ndarray, " records"]:
        return np.cumsum(self.lengths)

    def read(self, clip: int, frame_numbers: np.ndarray) -> UInt8[np.ndarray, "time height width channels"]:
        return self.decode(clip, frame_numbers)

    def decode(
        self, clip: int, frame_numbers: np.ndarray, size: tuple[int, int] | None = None, channels: int | None = None
    ) -> UInt8[np.ndarray, "time height width channels"]:
        """The same, decoded straight to a size and to grey (`stjax.data.media.read_frames`)."""
        images = self.parser.parse_example(self.records[int(self.numbers[clip])])["video"]
        names = [f"frame {number}" for number in range(len(images))]
        try:
            return media.stacked(
                frame_numbers, names, lambda n: media.read_image(io.BytesIO(images[n]), names[n], size, channels)
            )
        except DataError as error:
            raise DataError(f"record {self.numbers[clip]}: {error}") from None

    def select(self, chosen: np.ndarray) -> "RecordClips":
        """The clips with these numbers, or where this mask is true, in this order."""
        return replace(self, numbers=self.numbers[chosen])


def record_clips(
    builder: Any, split: str, classes: tuple[str, ...], symmetry: Symmetry, frames_are_labelled: bool = False
) -> RecordClips:
    """A split of a prepared builder. The first time all records are read, to count their frames.

    Args:
      builder: of tensorflow-datasets; its examples have a `video` and a `label`, and may have a `group`.
      split: which part of it.
      classes: names, in label order.
      symmetry: label tables for flips and reversal.
      frames_are_labelled: whether examples have `frame_labels`.

    Raises:
      DataError: if the files are of a format without random access.
    """
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.example_parser import ExampleParserNp

    try:
        records = builder.as_data_source(split, deserialize_method=tfds.decode.DeserializeMethod.RAW_BYTES)
    except NotImplementedError:
        raise DataError(
            f"{builder.data_dir} is prepared as {builder.info.file_format.value}, of which single clips cannot be "
            'read; remove that folder and prepare it anew, by a builder with file_format="array_record"'
        ) from None
    parser = ExampleParserNp(builder.info.features.get_serialized_info())
    index = Path(builder.data_dir) / f"{split}_{INDEX}"
    if not index.is_file():
        np.savez(index, **_index(records, parser))
    with np.load(index) as stored:
        found = dict(stored)
    return RecordClips(
        records,
        parser,
        np.arange(len(records)),
        found["lengths"],
        found["labels"],
        found["groups"],
        classes,
        symmetry,
        found["frame_classes"] if frames_are_labelled else None,
    )


def _index(records: Any, parser: Any) -> dict[str, np.ndarray]:
    lengths, labels, groups, of_frames = [], [], [], [np.zeros(0, np.int32)]
    for number in range(len(records)):
        example = parser.parse_example(records[number])
        lengths.append(len(example["video"]))
        labels.append(example["label"])
        groups.append(example.get("group", NO_GROUP))
        of_frames.append(np.asarray(example.get("frame_labels", ()), np.int32))
    return {
        "lengths": np.array(lengths, np.int64),
        "labels": np.array(labels, np.int32),
        "groups": np.array(groups, np.int32),
        "frame_classes": np.concatenate(of_frames),
    }
