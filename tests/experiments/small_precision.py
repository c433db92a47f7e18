"""A lopsided network and clips that it learns in seconds: for the tests of the experiments on quantization."""

import numpy as np

from experiments.precision.config import PrecisionConfig
from stjax.data import Augment, Splits
from stjax.data.clips import ClipSet, clip_set
from stjax.data.symmetry import Symmetry
from stjax.models import Block, VideoConfig

CLASSES = ("rising", "falling")
NETWORK = VideoConfig(
    *(11, 7, 2), classes=2, frames=3, stem=5, blocks=(Block(6), Block(7, 2)), hidden=(9,), batch_norm=True
)
CONFIG = PrecisionConfig(
    network=NETWORK,
    weight_bits=(4,),
    seeds=(3,),
    epochs=4,
    learning_rate=1e-2,
    tuning_epochs=1,
    batch_size=16,
    augment=Augment(),
    calibration_clips=8,
    calibration_sizes=(4,),
    board="host",
    device_clips=3,
)


def clips(count: int, seed: int) -> ClipSet:
    """Noise that gets brighter, or darker, from frame to frame."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    levels = np.linspace(40, 160, 5)[:, None, None, None]
    found = [rng.integers(0, 90, (5, 11, 7, 2)) + (levels[::-1] if label else levels) for label in labels]
    symmetry = Symmetry.of(CLASSES, reversal=[CLASSES])
    return clip_set([clip.astype(np.uint8) for clip in found], labels.tolist(), CLASSES, symmetry)


SPLITS = Splits(clips(64, 0), clips(16, 1), clips(24, 2))
