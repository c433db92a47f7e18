"""The trainings: a network in float, the same tuned in float, and tuned with fake quantization."""
# pyright: reportMissingImports=false

from pathlib import Path
from typing import Any

import numpy as np

from experiments.precision.config import PrecisionConfig, training, tuning
from stjax.data import Batches, ClipSource, Splits, to_real
from stjax.quant import QuantConfig, observe, quantization_aware
from stjax.train import train_and_evaluate

Variables = dict[str, Any]


def trained(config: PrecisionConfig, seed: int, splits: Splits, work: Path) -> Variables:
    """Parameters after the training in float. Like the next two, it is not repeated where `work` holds it."""
    return train_and_evaluate(training(config, seed), work / f"seed{seed}-float", data=splits).variables


def tuned(config: PrecisionConfig, seed: int, start: Variables, splits: Splits, work: Path) -> Variables:
    """Parameters after some more training in float: what post-training quantization takes."""
    folder = work / f"seed{seed}-tuned"
    return train_and_evaluate(tuning(config, seed), folder, data=splits, initial=start).variables


def quantization_tuned(
    config: PrecisionConfig, quant: QuantConfig, seed: int, start: Variables, splits: Splits, work: Path
) -> Variables:
    """Parameters and ranges after as much training with fake quantization."""
    folder = work / f"seed{seed}-{quant.weight_bits}bit-{quant.ranges}"
    return train_and_evaluate(
        tuning(config, seed),
        folder,
        data=splits,
        wrap=quantization_aware(quant),
        initial=observed(config, quant, seed, start, splits.train),
    ).variables


def observed(config: PrecisionConfig, quant: QuantConfig, seed: int, start: Variables, clips: ClipSource) -> Variables:
    """Parameters with the ranges of all results on the calibration clips."""
    return observe(config.module, start, calibration_clips(config, seed, clips), quant)


def calibration_clips(config: PrecisionConfig, seed: int, clips: ClipSource) -> list[np.ndarray]:
    """Training clips without augmentation, in [0, 1]."""
    batches = Batches(clips, training(config, seed).pipeline, seed)
    chosen = np.random.default_rng(seed).choice(len(clips), min(config.calibration_clips, len(clips)), replace=False)
    return [to_real(batches.example(int(clip))[0]) for clip in chosen]
