"""What the experiment runs, as data."""
# pyright: reportMissingImports=false

from dataclasses import dataclass

from stjax.data import Augment, ClipWindow, DatasetConfig, PipelineConfig
from stjax.models import VideoNet, preset
from stjax.train import OptimizerConfig, TrainConfig

STREAMTINYNET, ORDER_FREE = "StreamTinyNet", "order-free pooling"

# Flips change the label with the picture; a finger may be anywhere and press as hard as it likes.
AUGMENT = Augment(horizontal_flip=True, vertical_flip=True, shift=2, gain=0.2)


@dataclass(frozen=True)
class ExperimentConfig:
    """All that decides the result.

    Args:
      dataset: clips of class pairs that only order tells apart.
      frames: the lengths T of the window.
      seeds: of parameters, order and augmentation; one training each.
      network: a preset of `stjax.models`; its T is replaced.
      epochs, batch_size, learning_rate, augment: of every training alike.
      calibration_clips: training clips that fix the scales of activations.
      device_seeds: so many of the seeds also run on the emulated microcontroller.
      device_clips: test clips that run there; None is all of them.
      board: the emulated microcontroller.
    """

    dataset: DatasetConfig
    frames: tuple[int, ...] = (1, 2, 4, 8, 12)
    seeds: tuple[int, ...] = (0, 1, 2)
    network: str = "streamtinynet-touch"
    epochs: int = 8
    batch_size: int = 64
    learning_rate: float = 5e-3
    augment: Augment = AUGMENT
    calibration_clips: int = 256
    device_seeds: int = 1
    device_clips: int | None = None
    board: str = "mps2-an500"

    @property
    def control_frames(self) -> int:
        """T of the controls without order: the longest window."""
        return max(self.frames)


def train_config(experiment: ExperimentConfig, name: str, frames: int, seed: int) -> TrainConfig:
    """One training. `name` is STREAMTINYNET or ORDER_FREE."""
    return TrainConfig(
        model=preset(experiment.network, frames) if name == STREAMTINYNET else _order_free(experiment, frames),
        dataset=experiment.dataset,
        # Every T sees the whole gesture, at as many moments; training sees the moments that the test will.
        pipeline=PipelineConfig(ClipWindow(frames, sampling="span"), experiment.batch_size, augment=experiment.augment),
        optimizer=OptimizerConfig(experiment.learning_rate),
        epochs=experiment.epochs,
        seed=seed,
    )


def _order_free(experiment: ExperimentConfig, frames: int) -> VideoNet:
    # The preset has the hidden width that makes up for what temporal filters would give the dense layer to read.
    return preset(f"orderfree-{experiment.network.partition('-')[2]}", frames)
