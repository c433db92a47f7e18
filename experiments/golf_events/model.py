"""The event head: a network that answers for every frame which event it is, trained, quantized, and run over streams.

It is StreamTinyNet with a class per event and one for none. It looks back only, so its answer about a frame comes
`late` frames after it. A stream of a clip begins with the clip's first frame, repeated until the window is full, and
ends with its last frame, repeated until the last answer is out: every frame of a clip has an answer.
"""
# pyright: reportMissingImports=false

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jaxtyping import Float, UInt8

from experiments.early_exit.streams import Answers, Recordings
from export.tflite import to_tflite
from export.tflite.model import read_model
from stjax.data import Augment, Batches, ClipSource, ClipWindow, DatasetConfig, PipelineConfig, Splits, to_int8, to_real
from stjax.data.frames import resize
from stjax.models import StreamTinyNet, config
from stjax.train import OptimizerConfig, Result, TrainConfig, train_and_evaluate

Probabilities = Float[np.ndarray, "frames classes"]
_PADDED = 64
"""Clips are filled up to multiples of so many frames, so that few lengths are compiled."""


@dataclass(frozen=True)
class EventConfig:
    """A network, and how it is trained.

    Args:
      dataset: where the clips come from, for the run's identity.
      network: a preset of `stjax.models`; frame size, classes and T are replaced.
      frames: T of its window.
      late: frames by which its answer comes later than the frame that it is about.
      window: frames of a training example.
      size: (height, width) of its frames; None: the clips'.
      epochs, seed, batch_size, learning_rate: of the training.
      none_weight: what a frame without an event counts in the loss; one with an event counts 1.
      augment: in training.
      calibration_clips: training windows that fix the scales of activations.
      device_frames: of the test stream, on the emulated microcontroller.
      oracle_windows: so many answers are compared with TensorFlow Lite Micro's.
      board: the emulated microcontroller.
    """

    dataset: DatasetConfig
    network: str = "streamtinynet-fir"
    frames: int = 12
    late: int = 6
    window: int = 36
    size: tuple[int, int] | None = None
    epochs: int = 30
    seed: int = 0
    batch_size: int = 24
    learning_rate: float = 5e-3
    none_weight: float = 0.2
    augment: Augment = field(default_factory=Augment)
    calibration_clips: int = 128
    device_frames: int = 1000
    oracle_windows: int = 200
    board: str = "mps2-an500"


def training_of(events: EventConfig, train: ClipSource) -> TrainConfig:
    """The training of a network for a source's classes; labels come late already."""
    height, width, channels = prepared(events, train, 0, 1).shape[1:]
    shape = {"height": height, "width": width, "channels": channels}
    count = len(train.classes)
    sizes = replace(config(events.network), classes=count, frames=events.frames, **shape)
    return TrainConfig(
        model=StreamTinyNet(sizes),
        dataset=events.dataset,
        pipeline=PipelineConfig(
            ClipWindow(events.window, sampling="window"),
            events.batch_size,
            size=events.size,
            augment=events.augment,
            labels="frame",
        ),
        optimizer=OptimizerConfig(events.learning_rate),
        epochs=events.epochs,
        seed=events.seed,
        class_weights=(1.0,) * (count - 1) + (events.none_weight,),
    )


def trained(events: EventConfig, data: Splits, work: Path) -> tuple[TrainConfig, Result, bytes]:
    """The training, its result, and the int8 clip model of T frames."""
    training = training_of(events, data.train)
    result = train_and_evaluate(training, work, data=data)
    pipeline = replace(training.pipeline, window=ClipWindow(events.frames, sampling="window"))
    batches = Batches(data.train, pipeline, training.seed, training=True)
    count = min(events.calibration_clips, len(data.train))
    chosen = np.random.default_rng(training.seed).choice(len(data.train), count, replace=False)
    samples = [to_real(batches.example(int(clip))[0]) for clip in chosen]
    apply: Any = training.model.apply
    contents = to_tflite(apply, result.variables, samples[0], samples, input_range=(0, 1))
    (work / "clip.tflite").write_bytes(contents)
    return training, result, contents


def prepared(
    events: EventConfig, source: ClipSource, clip: int, frames: int | None = None
) -> UInt8[np.ndarray, "time height width channels"]:
    """A clip's frames in the network's size."""
    numbers = np.arange(source.length(clip) if frames is None else frames)
    found = source.read(clip, numbers)
    return found if events.size is None else np.asarray(resize(found, *events.size))


def stream_of(events: EventConfig, clips: Sequence[np.ndarray]) -> Recordings:
    """Clips as one stream of int8 frames, each begun and ended as the module says."""
    parts = [_filled(events, clip) for clip in clips]
    offsets = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
    return Recordings(to_int8(np.concatenate(parts)), offsets, np.full(int(offsets[-1]), -1, np.int32))


def _filled(events: EventConfig, clip: np.ndarray) -> np.ndarray:
    before, after = np.repeat(clip[:1], events.frames - 1, 0), np.repeat(clip[-1:], events.late, 0)
    return np.concatenate([before, clip, after])


def float_answers(
    events: EventConfig, training: TrainConfig, variables: Any, clips: Sequence[np.ndarray]
) -> list[Probabilities]:
    """What the network says in float about each frame of each clip."""
    apply: Any = jax.jit(training.model.apply)
    found = []
    for clip in clips:
        filled = _filled(events, clip)
        padded = np.concatenate([filled, np.repeat(filled[-1:], -len(filled) % _PADDED, 0)])
        logits = np.asarray(apply(variables, to_real(padded)))
        found.append(np.asarray(jax.nn.softmax(logits[events.late : events.late + len(clip)])))
    return found


def int8_answers(
    events: EventConfig, contents: bytes, stream: Recordings, answers: Answers, output: int = 0
) -> list[Probabilities]:
    """The same of a firmware's answers to `stream_of` these clips."""
    model = read_model(contents)
    quantization = model.tensors[model.outputs[output]].quantization
    assert quantization is not None, "the model is int8"
    logits = (answers.outputs[output].astype(np.float32) - quantization.zero_point[0]) * quantization.scale[0]
    probabilities = np.asarray(jax.nn.softmax(logits))
    first = events.frames - 1 + events.late
    return [probabilities[a + first : b] for a, b in zip(stream.offsets[:-1], stream.offsets[1:], strict=True)]
