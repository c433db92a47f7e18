"""The datasets as tensorflow-datasets builders: `moving_shapes` and `capfingerid`.

After `import stjax.data.builders`, `tfds.load("moving_shapes")` works as for any other dataset. An example is
{"video": uint8 [time, height, width, 1], "label": int64, "group": int32}, in the order of the source.
"""
# pyright: reportMissingImports=false

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds

from stjax.data import moving_shapes
from stjax.data.clips import ClipSet, clip_set
from stjax.data.datasets import Splits
from stjax.data.moving_shapes import MovingShapesConfig
from stjax.data.sets import capfingerid
from stjax.data.symmetry import Symmetry


def _info(builder: tfds.core.DatasetBuilder, shape: tuple[int, int, int], classes: tuple[str, ...], text: str):
    return tfds.core.DatasetInfo(
        builder=builder,
        description=text,
        features=tfds.features.FeaturesDict(
            {
                # Compressed as a whole: clips are small, and an image file per frame would be mostly headers.
                "video": tfds.features.Tensor(shape=(None, *shape), dtype=np.uint8, encoding="zlib"),
                "label": tfds.features.ClassLabel(names=list(classes)),
                "group": tfds.features.Scalar(dtype=np.int32),
            }
        ),
        supervised_keys=("video", "label"),
        disable_shuffling=True,
    )


def _examples(clips: ClipSet) -> Iterator[tuple[int, dict[str, Any]]]:
    for index in range(len(clips)):
        yield (
            index,
            {"video": clips.clip(index), "label": clips.label(index), "group": int(clips.groups[index])},
        )


@dataclass(eq=False)
class MovingShapesBuilderConfig(tfds.core.BuilderConfig):
    """Make one with `shapes_config`: the name, and with it the folder, must say what is in the files."""

    shapes: MovingShapesConfig = field(default_factory=MovingShapesConfig)


def shapes_config(shapes: MovingShapesConfig, name: str | None = None) -> MovingShapesBuilderConfig:
    """Names the prepared files after everything that decides what is in them, unless there is a short name."""
    values = (f"{f.name}{getattr(shapes, f.name)}" for f in fields(shapes))
    text = f"{shapes.train} clips of {shapes.frames} frames, {shapes.side} x {shapes.side} pixels"
    return MovingShapesBuilderConfig(name=name or "-".join(values), description=text, shapes=shapes)


class MovingShapes(tfds.core.GeneratorBasedBuilder):
    """Generated, seeded, needs no files."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS: ClassVar = [shapes_config(MovingShapesConfig(), "default")]
    SYMMETRY = moving_shapes.SYMMETRY

    @property
    def shapes(self) -> MovingShapesConfig:
        assert isinstance(self.builder_config, MovingShapesBuilderConfig)
        return self.builder_config.shapes

    def _info(self) -> tfds.core.DatasetInfo:
        shape = (self.shapes.side, self.shapes.side, 1)
        return _info(self, shape, moving_shapes.CLASSES, "The same objects in opposite motions; no frame tells.")

    def _split_generators(self, dl_manager: Any) -> dict[str, Iterator]:
        return {split: _examples(moving_shapes.generate(self.shapes, split)) for split in moving_shapes.SPLITS}

    def _generate_examples(self) -> Iterator:
        raise AssertionError("each split brings its own generator")


@dataclass(eq=False)
class CapFingerIdConfig(tfds.core.BuilderConfig):
    """`reversed_copies` adds every moving clip played backwards, in all splits, under the opposite label."""

    reversed_copies: bool = False


class CapFingerId(tfds.core.GeneratorBasedBuilder):
    """Reads the archive from tensorflow-datasets' manual_dir."""

    name = "capfingerid"
    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS: ClassVar = [
        CapFingerIdConfig(name="as_recorded", description="every clip once, forwards"),
        CapFingerIdConfig(name="reversed_copies", reversed_copies=True, description="moving clips backwards as well"),
    ]
    MANUAL_DOWNLOAD_INSTRUCTIONS = capfingerid.INSTRUCTIONS
    SYMMETRY = capfingerid.SYMMETRY

    def _info(self) -> tfds.core.DatasetInfo:
        return _info(self, capfingerid.FRAME_SHAPE, capfingerid.CLASSES, "Touch-sensor video of moving fingers.")

    def _split_generators(self, dl_manager: Any) -> dict[str, Iterator]:
        clips = capfingerid.read(capfingerid.find_archive(Path(dl_manager.manual_dir)))
        assert isinstance(self.builder_config, CapFingerIdConfig)
        if self.builder_config.reversed_copies:
            clips = clips.with_reversed_copies()
        return {name: _examples(split) for name, split in capfingerid.splits(clips).items()}

    def _generate_examples(self) -> Iterator:
        raise AssertionError("each split brings its own generator")


def clips_of(builder: Any, split: str) -> ClipSet:
    """A prepared split, in memory."""
    rows = list(tfds.as_numpy(builder.as_dataset(split=split, shuffle_files=False)))
    symmetry: Symmetry = builder.SYMMETRY
    return clip_set(
        [row["video"] for row in rows],
        [int(row["label"]) for row in rows],
        tuple(builder.info.features["label"].names),
        symmetry,
        [int(row["group"]) for row in rows],
    )


def splits_of(builder: Any) -> Splits:
    """All splits of a prepared dataset."""
    return Splits(*(clips_of(builder, split) for split in ("train", "validation", "test")))
