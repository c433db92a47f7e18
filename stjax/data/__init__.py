"""Labelled video clips: datasets, windows of frames, augmentation that keeps labels true, reproducible batches.

NumPy and Pillow; what a dataset needs besides is imported when it is loaded.
"""

from stjax.data.augment import Augment
from stjax.data.clips import ClipSet, ClipSource, clip_set
from stjax.data.datasets import DatasetConfig, Splits, load, load_splits
from stjax.data.errors import DataError
from stjax.data.frames import INPUT_SCALE, INPUT_ZERO_POINT, to_int8, to_real
from stjax.data.moving_shapes import MovingShapesConfig
from stjax.data.pipeline import Batch, Batches, PipelineConfig
from stjax.data.sets.clip_folder import ClipFolderConfig
from stjax.data.sets.golfdb import GolfDbConfig
from stjax.data.sets.jester import JesterConfig
from stjax.data.sets.packed import PackedConfig
from stjax.data.sliding import SlidingWindows
from stjax.data.symmetry import Symmetry
from stjax.data.window import ClipWindow

__all__ = [
    "INPUT_SCALE",
    "INPUT_ZERO_POINT",
    "Augment",
    "Batch",
    "Batches",
    "ClipFolderConfig",
    "ClipSet",
    "ClipSource",
    "ClipWindow",
    "DataError",
    "DatasetConfig",
    "GolfDbConfig",
    "JesterConfig",
    "MovingShapesConfig",
    "PackedConfig",
    "PipelineConfig",
    "SlidingWindows",
    "Splits",
    "Symmetry",
    "clip_set",
    "load",
    "load_splits",
    "to_int8",
    "to_real",
]
