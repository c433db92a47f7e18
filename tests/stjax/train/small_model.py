"""A network of a thousand parameters, data it can learn, and a config: what the tests of the loop train."""

import flax.linen as nn
import jax
import numpy as np

from stjax.data.augment import Augment
from stjax.data.datasets import DatasetConfig, Splits
from stjax.data.moving_shapes import MovingShapesConfig, generate
from stjax.data.pipeline import PipelineConfig
from stjax.data.window import ClipWindow
from stjax.train.config import OptimizerConfig, TrainConfig

SHAPES = MovingShapesConfig(side=8, frames=4, train=60, validation=12, test=12)


class SmallNet(nn.Module):
    """Convolution per frame, dense layer over all frames in order."""

    classes: int = 6

    @nn.compact
    def __call__(self, clip: jax.Array) -> jax.Array:
        features = nn.relu(nn.Conv(4, (3, 3), (2, 2))(clip))
        return nn.Dense(self.classes)(features.reshape(-1))


def splits() -> Splits:
    return Splits(*(generate(SHAPES, split) for split in ("train", "validation", "test")))


def config(model: nn.Module | None = None, **changes) -> TrainConfig:
    """15 steps per run: three epochs of five."""
    pipeline = PipelineConfig(ClipWindow(4), batch_size=12, augment=Augment(horizontal_flip=True, shift=1, noise=2.0))
    fields = {"epochs": 3, "optimizer": OptimizerConfig(learning_rate=1e-2), "checkpoint_every": 4} | changes
    return TrainConfig(
        SmallNet() if model is None else model, DatasetConfig("moving_shapes", shapes=SHAPES), pipeline, **fields
    )


def flat(variables: dict) -> dict[str, np.ndarray]:
    """Arrays by path, for files."""
    return {jax.tree_util.keystr(path): np.asarray(x) for path, x in jax.tree_util.tree_leaves_with_path(variables)}
