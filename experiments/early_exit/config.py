"""What the experiment runs, as data; its network of two answers, and how that is trained."""
# pyright: reportMissingImports=false

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from export.tflite import to_tflite
from stjax.data import Augment, Batches, ClipWindow, DatasetConfig, PipelineConfig, Splits, to_real
from stjax.nn import Conv, Dense, EarlyExit, Flatten, InvertedResidual, Pool, Sequential, TemporalConv
from stjax.train import OptimizerConfig, TrainConfig, train_and_evaluate

NEVER = 255
"""A margin that no two int8 values have."""


@dataclass(frozen=True)
class ExitConfig:
    """All that decides the result.

    Args:
      clips: what the network is trained on: one action per clip.
      streams: whole recordings of the same actions, with a label for each frame or none.
      frames: T of the window.
      epochs, seed, batch_size, learning_rate: of the training.
      early_weight: of the early answer in the loss; the full one has 1.
      calibration_clips: training clips that fix the scales of activations.
      margins: above which the early answer ends a frame, in steps of its int8 logits.
      thresholds: how far a frame may be from the last one let through to be held back, on average, in steps of the
        int8 input.
      tolerance: how much less accurate than without the chosen settings may be, on the validation recordings.
      recordings: of the validation split, and of the test split; None is all of them.
      device_frames: of the test recordings, on the emulated microcontroller.
      oracle_windows: so many answers are compared with TensorFlow Lite Micro's.
      board: the emulated microcontroller.
    """

    clips: DatasetConfig
    streams: DatasetConfig
    frames: int = 12
    epochs: int = 40
    seed: int = 0
    batch_size: int = 24
    learning_rate: float = 5e-3
    early_weight: float = 0.5
    calibration_clips: int = 128
    margins: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 48, NEVER)
    thresholds: tuple[float, ...] = (0, 1, 2, 3, 4, 5, 6, 8, 10)
    tolerance: float = 0.005
    recordings: int | None = None
    device_frames: int = 1000
    oracle_windows: int = 200
    board: str = "mps2-an500"


def network(classes: int, frames: int) -> EarlyExit:
    """A convolution and a block per frame, and the window over time; then the early answer, or two more blocks and the
    full one."""
    first = Sequential(
        (
            Conv(8, 3, stride=2, activation="relu6", name="stem"),
            InvertedResidual(16, expansion=3, name="block0"),
            TemporalConv(frames, 1, time="valid", activation="relu", name="temporal"),
        ),
        name="first",
    )
    classifier = Sequential(
        (Pool(2, name="pool"), Flatten(name="flat"), Dense(classes, name="early")), name="classifier"
    )
    rest = Sequential(
        (
            InvertedResidual(24, stride=2, expansion=3, name="block1"),
            InvertedResidual(24, expansion=3, name="block2"),
            Flatten(name="flatten"),
            Dense(32, activation="relu", name="dense"),
            Dense(classes, name="logits"),
        ),
        name="rest",
    )
    return EarlyExit(first, classifier, rest)


def trained(config: ExitConfig, clips: Splits, work: Path) -> bytes:
    """The int8 clip model of two outputs, the early one first."""
    training = TrainConfig(
        model=network(len(clips.train.classes), config.frames),
        dataset=config.clips,
        pipeline=PipelineConfig(
            ClipWindow(config.frames, sampling="window"),
            config.batch_size,
            augment=Augment(horizontal_flip=True, vertical_flip=True, shift=1),
        ),
        optimizer=OptimizerConfig(config.learning_rate),
        epochs=config.epochs,
        seed=config.seed,
        method="both",
        output_weights=(config.early_weight, 1.0),
    )
    result = train_and_evaluate(training, work, data=clips)
    batches = Batches(clips.train, training.pipeline, training.seed)
    count = min(config.calibration_clips, len(clips.train))
    chosen = np.random.default_rng(training.seed).choice(len(clips.train), count, replace=False)
    samples = [to_real(batches.example(int(clip))[0]) for clip in chosen]
    both: Any = partial(training.model.apply, method="both")
    return to_tflite(both, result.variables, samples[0], samples, input_range=(0, 1))
