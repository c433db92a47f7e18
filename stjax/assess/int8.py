"""From a trained network to its int8 clip model, the clips that it is tested on, and how many it gets right."""
# pyright: reportMissingImports=false

from typing import Any

import numpy as np

from export.tflite import to_tflite
from stjax.data import Batches, ClipSource, to_int8, to_real
from stjax.train import TrainConfig


def quantized(training: TrainConfig, variables: Any, clips: ClipSource, calibration: int) -> bytes:
    """The int8 clip model, its scales fixed by training clips without augmentation."""
    batches = Batches(clips, training.pipeline, training.seed)
    chosen = np.random.default_rng(training.seed).choice(len(clips), min(calibration, len(clips)), replace=False)
    samples = [to_real(batches.example(int(clip))[0]) for clip in chosen]
    return to_tflite(training.model.apply, variables, samples[0], samples, input_range=(0, 1))


def test_clips(training: TrainConfig, clips: ClipSource) -> tuple[np.ndarray, np.ndarray]:
    """All clips as the int8 model takes them, and their labels; the frames are those that evaluation in float sees."""
    batches = Batches(clips, training.pipeline, training.seed)
    examples = [batches.example(clip) for clip in range(len(clips))]
    return to_int8(np.stack([clip for clip, _ in examples])), np.array([label for _, label in examples])


def accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Share of clips whose largest output is the label's; of equal outputs the first counts."""
    return float((logits.argmax(-1) == labels).mean())


def subset(count: int, wanted: int | None) -> np.ndarray:
    """So many clips at equal distances: labels are grouped along the file."""
    return np.arange(count) if wanted is None or wanted >= count else np.arange(wanted) * count // wanted
