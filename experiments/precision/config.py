"""What the experiment runs, as data."""
# pyright: reportMissingImports=false

from dataclasses import dataclass, field, replace

from experiments.demo_video.run import FLIPS, NETWORK
from stjax.data import Augment, ClipWindow, DatasetConfig, MovingShapesConfig, PipelineConfig
from stjax.models import StreamTinyNet, VideoConfig
from stjax.train import OptimizerConfig, TrainConfig

SHAPES = MovingShapesConfig(side=16, frames=8, train=6000, validation=300, test=600)


@dataclass(frozen=True)
class PrecisionConfig:
    """All that decides the result.

    Args:
      shapes: sizes of the generated dataset.
      network: a StreamTinyNet for such frames.
      weight_bits: each is tried.
      seeds: of the trainings.
      epochs, learning_rate: of the training in float.
      tuning_epochs, tuning_rate: of what follows it: once in float, for post-training quantization, and once for each
        number of bits with fake quantization, so that all networks have seen the same number of clips.
      batch_size, augment: of all trainings.
      calibration_clips: training clips whose results fix the ranges after training, or those that tuning starts with.
      calibration_sizes: other numbers of them, tried at 8 bits.
      board: where exported models run.
      device_clips: test clips there, at equal distances.
    """

    shapes: MovingShapesConfig = SHAPES
    network: VideoConfig = NETWORK
    weight_bits: tuple[int, ...] = (8, 6, 4, 2)
    seeds: tuple[int, ...] = (0, 1)
    epochs: int = 10
    learning_rate: float = 4e-3
    tuning_epochs: int = 2
    tuning_rate: float = 1e-3
    batch_size: int = 64
    augment: Augment = field(default=FLIPS)
    calibration_clips: int = 64
    calibration_sizes: tuple[int, ...] = (4, 32, 256)
    board: str = "mps2-an500"
    device_clips: int = 20

    @property
    def module(self) -> StreamTinyNet:
        return StreamTinyNet(self.network)


def training(config: PrecisionConfig, seed: int) -> TrainConfig:
    """The training in float."""
    return TrainConfig(
        model=config.module,
        dataset=DatasetConfig("moving_shapes", shapes=config.shapes),
        pipeline=PipelineConfig(
            ClipWindow(config.network.frames, sampling="window"), config.batch_size, augment=config.augment
        ),
        optimizer=OptimizerConfig(config.learning_rate),
        epochs=config.epochs,
        seed=seed,
    )


def tuning(config: PrecisionConfig, seed: int) -> TrainConfig:
    """What follows it, in float or fake-quantized."""
    # Another seed: the same one would draw the batches of the first epochs again.
    return replace(
        training(config, seed),
        optimizer=OptimizerConfig(config.tuning_rate),
        epochs=config.tuning_epochs,
        seed=seed + 1000,
    )
