"""From a trained network to its int8 clip model, the clips that it is tested on, and how many it gets right."""
# pyright: reportMissingImports=false

from collections.abc import Iterable, Mapping
from typing import Any

import flax.linen as linen
import jax
import numpy as np

from export.tflite import to_tflite
from export.tflite.calibrate import Progress
from stjax.data import Batches, ClipSource, to_int8, to_real
from stjax.models import Named
from stjax.nn import Layer
from stjax.quant import QuantConfig, learned, with_results
from stjax.train import TrainConfig


def quantized(training: TrainConfig, variables: Any, clips: ClipSource, calibration: int) -> bytes:
    """The int8 clip model, its scales fixed by so many training clips without augmentation."""
    batches = Batches(clips, training.pipeline, training.seed)
    chosen = np.random.default_rng(training.seed).choice(len(clips), min(calibration, len(clips)), replace=False)
    samples = [to_real(batches.example(int(clip))[0]) for clip in chosen]
    return int8_model(training.model, variables, samples[0], samples)


def int8_model(
    network: linen.Module,
    variables: Mapping[str, Any],
    example: np.ndarray,
    samples: Iterable[np.ndarray],
    weight_bits: int = 8,
    progress: Progress | None = None,
) -> bytes:
    """The int8 clip model of any network; of layers of stjax.nn, batch normalization is folded, and ranges that
    quantization-aware training has learned are kept.

    Args:
      network: maps one clip [time height width channels] to answers.
      variables: its collections.
      example: a clip; only its shape matters.
      samples: clips in [0, 1] that fix the scales of what has none yet; read once, one at a time.
      weight_bits: as in training, if that was quantization-aware.
      progress: see `to_tflite`.
    """
    if not isinstance(network, Layer):
        return to_tflite(
            network.apply, variables, example, samples, progress, input_range=(0.0, 1.0), weight_bits=weight_bits
        )
    found = learned(dict(variables), QuantConfig(weight_bits=weight_bits))
    # The input's range is known to all; other grids come from quantization-aware training only.
    aware = len(found.grids) > 1
    return to_tflite(
        with_results(network) if aware else network.apply,
        found.variables,
        example,
        samples,
        progress,
        input_range=(0.0, 1.0),
        grids=found.grids if aware else None,
        weight_bits=weight_bits,
    )


def untrained(network: Named, clips: int, seed: int = 0) -> tuple[bytes, Any]:
    """The int8 clip model with random weights, and those: a plan depends on shapes only.

    Args:
      network: what `stjax.models.named` gives.
      clips: of noise, that fix the scales; their values do not matter then.
      seed: of noise and weights.
    """
    noise = np.random.default_rng(seed).random((clips, *network.clip_shape), np.float32)
    variables = network.model.init(jax.random.key(seed), noise[0])
    return int8_model(network.model, variables, noise[0], noise), variables


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
