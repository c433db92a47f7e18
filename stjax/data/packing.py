"""Clips on disk as records of tensorflow-datasets: a few large files in place of millions of small ones.

For disks and file servers on which opening a file is what takes the time. Done once, by

    pack(DatasetConfig("jester", manual_dir="/data"), "/fast/disk", "jester")

after which DatasetConfig("packed", data_dir="/fast/disk", options=PackedConfig("jester")) are the same clips, splits,
labels and label tables, in another order, and the original files are not looked at any more.

JPEG files are taken byte for byte; frames of anything else are decoded and stored as PNG, which loses nothing either.
With `beam_runner` Apache Beam does it, on as many processes or machines as its runner has: "DirectRunner" is this one.
"""
# pyright: reportMissingImports=false

import functools
import importlib.util
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds

from stjax.data import media
from stjax.data.clips import NO_GROUP, ClipSource
from stjax.data.datasets import DatasetConfig, Splits, load_splits
from stjax.data.errors import DataError

NAME, VERSION = "packed_clips", "1.0.0"


@dataclass(eq=False)
class PackedBuilderConfig(tfds.core.BuilderConfig):
    """Which clips, and how many channels their frames have."""

    source: Splits | None = field(default=None, repr=False)
    channels: int = 3
    with_beam: bool = False


class PackedClips(tfds.core.GeneratorBasedBuilder):
    """Stores the splits of its config. An example is {"video", "label", "frame_labels", "group"}; the last three are -1
    or empty where there is none."""

    name = NAME
    VERSION = tfds.core.Version(VERSION)
    BUILDER_CONFIGS: ClassVar = []

    @property
    def packed(self) -> tuple[PackedBuilderConfig, Splits]:
        config = self.builder_config
        assert isinstance(config, PackedBuilderConfig) and config.source is not None
        return config, config.source

    def _info(self) -> tfds.core.DatasetInfo:
        config, source = self.packed
        encoding = "jpeg" if _jpegs(source.train, 0) else "png"
        return tfds.core.DatasetInfo(
            builder=self,
            features=tfds.features.FeaturesDict(
                {
                    "video": tfds.features.Video((None, None, None, config.channels), encoding_format=encoding),
                    "label": tfds.features.Scalar(np.int32),
                    "frame_labels": tfds.features.Tensor(shape=(None,), dtype=np.int32),
                    "group": tfds.features.Scalar(np.int32),
                }
            ),
            metadata=tfds.core.MetadataDict(
                classes=list(source.train.classes),
                symmetry={name: list(table) for name, table in asdict(source.train.symmetry).items()},
                frames_are_labelled=source.train.frame_labels(0) is not None,
            ),
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        config, source = self.packed
        make = _by_beam if config.with_beam else _one_by_one
        return {name: make(clips) for name, clips in vars(source).items()}

    def _generate_examples(self) -> Iterator:
        raise AssertionError("each split brings its own generator")


def pack(
    config: DatasetConfig, data_dir: str, name: str, beam_runner: str | None = None, beam_options: Any = None
) -> Path:
    """Writes the splits of a dataset; returns the folder, or the one that is there already.

    Args:
      config: the dataset.
      data_dir: where the folder goes.
      name: of the packed clips, letters, digits, - and _.
      beam_runner: such as "DirectRunner"; None: this process does it, without Apache Beam.
      beam_options: apache_beam.options.pipeline_options.PipelineOptions for the runner.

    Raises:
      DataError: as loading does; if clips cannot be stored alike; or if Apache Beam is asked for and not installed.
    """
    if beam_runner is not None and importlib.util.find_spec("apache_beam") is None:
        raise DataError(
            "Apache Beam is not installed: pip install apache-beam, in an environment of its own if its versions of "
            "other packages are not yours; or leave `beam_runner` out"
        )
    source = load_splits(config)
    channels = source.train.read(0, np.zeros(1, np.int64)).shape[3]
    description = f"{config.name}, packed"
    choice = PackedBuilderConfig(
        name=name, description=description, source=source, channels=channels, with_beam=beam_runner is not None
    )
    builder = PackedClips(data_dir=data_dir, config=choice, file_format="array_record")
    builder.download_and_prepare(
        download_config=tfds.download.DownloadConfig(beam_runner=beam_runner, beam_options=beam_options)
    )
    return Path(builder.data_dir)


def _jpegs(clips: ClipSource, clip: int) -> list[str] | None:
    """The files of a clip that is a folder of JPEGs."""
    paths = getattr(clips, "paths", None)
    if paths is None or not Path(paths[clip]).is_dir():
        return None
    names = media.image_names(Path(paths[clip]))
    return (
        [str(Path(paths[clip]) / n) for n in names]
        if all(n.lower().endswith((".jpg", ".jpeg")) for n in names)
        else None
    )


def _example(clips: ClipSource, clip: int) -> tuple[int, dict[str, Any]]:
    labels = clips.frame_labels(clip)
    groups = getattr(clips, "groups", None)
    return clip, {
        "video": _jpegs(clips, clip) or clips.read(clip, np.arange(clips.length(clip))),
        "label": clips.label(clip),
        "frame_labels": np.zeros(0, np.int32) if labels is None else labels,
        "group": NO_GROUP if groups is None else int(groups[clip]),
    }


def _one_by_one(clips: ClipSource) -> Iterator[tuple[int, dict[str, Any]]]:
    return (_example(clips, clip) for clip in range(len(clips)))


def _by_beam(clips: ClipSource) -> Any:
    import apache_beam as beam

    return beam.Create(list(range(len(clips)))) | beam.Map(functools.partial(_example, clips))
