"""One row of the table: a network at one precision, by one of the ways to get there."""
# pyright: reportMissingImports=false

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax
import numpy as np

from experiments.precision.config import PrecisionConfig, training
from experiments.precision.train import calibration_clips, observed, quantization_tuned, trained, tuned
from experiments.quantization.litert import reference_kernels
from export.tflite import to_tflite
from export.tflite.model import read_model, write_model
from export.tflite.quantize import with_packed_weights
from stjax.assess.device import clip_answers
from stjax.assess.int8 import accuracy, test_clips
from stjax.data import ClipSource, Splits
from stjax.data.moving_shapes import generate
from stjax.quant import QuantConfig, learned, quantization_aware, with_results
from stjax.train import evaluate

Say = Callable[[str], None]

FLOAT, PTQ, QAT = "float", "PTQ", "QAT"
WIDE = 16
"""Bits of activations in the reference, simulated; `device` exports such models."""
PACKED_BITS = 4
"""Of weights, at most, that .tflite files hold two to a byte."""


@dataclass(frozen=True)
class Row:
    """One network.

    Args:
      method: FLOAT; PTQ, rounded after training; QAT, tuned with rounding.
      weight_bits: None in float.
      seed: of the trainings.
      clips: test clips.
      wide_accuracy: with such weights and activations of 16 bits, simulated; in float where weights are.
      simulated_accuracy: the fake-quantized forward pass, activations of 8 bits. This field and those below are None in
        float.
      int8_accuracy: of the .tflite file.
      oracle: who ran it.
      weight_bytes: of all kernels, as many bits each as they have.
      file_bytes: of the .tflite file, each weight in a byte.
      packed_bytes: of the file with two weights in a byte; None where weights have more than 4 bits.
      packed_different: test clips for which that file's outputs differ from the other's.
    """

    method: str
    weight_bits: int | None
    seed: int
    clips: int
    wide_accuracy: float
    simulated_accuracy: float | None = None
    int8_accuracy: float | None = None
    oracle: str | None = None
    weight_bytes: int | None = None
    file_bytes: int | None = None
    packed_bytes: int | None = None
    packed_different: int | None = None


def clips_of(config: PrecisionConfig) -> Splits:
    return Splits(*(generate(config.shapes, split) for split in ("train", "validation", "test")))


def rows(config: PrecisionConfig, work: Path, say: Say, splits: Splits | None = None) -> Iterator[Row]:
    """All rows, seed by seed.

    Args:
      config: what to run.
      work: folder of the trainings; what is finished in it is not repeated.
      say: is told what is being done.
      splits: the clips; None draws them.
    """
    splits = clips_of(config) if splits is None else splits
    for seed in config.seeds:
        say(f"seed {seed}: {config.epochs} + {config.tuning_epochs} epochs in float")
        start = trained(config, seed, splits, work)
        plain = tuned(config, seed, start, splits, work)
        found = evaluate(training(config, seed), plain, splits.test)
        yield Row(FLOAT, None, seed, len(splits.test), found.accuracy)
        for bits in config.weight_bits:
            quant = QuantConfig(weight_bits=bits)
            say(f"seed {seed}: weights of {bits} bits, post-training")
            rounded = observed(config, quant, seed, plain, splits.train)
            yield _row(config, PTQ, quant, seed, rounded, splits)
            say(f"seed {seed}: weights of {bits} bits, {config.tuning_epochs} epochs of quantization-aware training")
            aware = quantization_tuned(config, quant, seed, start, splits, work)
            yield _row(config, QAT, quant, seed, aware, splits)


def exported(config: PrecisionConfig, quant: QuantConfig, seed: int, variables: Any, clips: ClipSource) -> bytes:
    """The int8 clip model on the grids that are in the variables."""
    found, samples = learned(variables, quant), calibration_clips(config, seed, clips)
    return to_tflite(
        with_results(config.module),
        found.variables,
        samples[0],
        samples,
        grids=found.grids,
        weight_bits=found.weight_bits,
    )


def _row(config: PrecisionConfig, method: str, quant: QuantConfig, seed: int, variables: Any, splits: Splits) -> Row:
    run = training(config, seed)
    wide = replace(quant, activation_bits=WIDE)
    contents = exported(config, quant, seed, variables, splits.train)
    clips, labels = test_clips(run, splits.test)
    oracle, answers = clip_answers(contents, clips)
    bits = quant.weight_bits
    assert bits is not None
    row = Row(
        method=method,
        weight_bits=bits,
        seed=seed,
        clips=len(clips),
        wide_accuracy=evaluate(run, variables, splits.test, wrap=quantization_aware(wide)).accuracy,
        simulated_accuracy=evaluate(run, variables, splits.test, wrap=quantization_aware(quant)).accuracy,
        int8_accuracy=accuracy(answers, labels),
        oracle=oracle,
        weight_bytes=-(-kernel_elements(variables) * bits // 8),
        file_bytes=len(contents),
    )
    if bits > PACKED_BITS:
        return row
    packed = write_model(with_packed_weights(read_model(contents)))
    return replace(row, packed_bytes=len(packed), packed_different=_different(contents, packed, clips))


def _different(plain: bytes, packed: bytes, clips: np.ndarray) -> int:
    """For how many clips the two models' outputs differ, both in LiteRT: TFLM does not run all packed operators."""
    output = read_model(plain).tensors[read_model(plain).outputs[0]].name
    first, second = reference_kernels(plain), reference_kernels(packed)
    return sum(not np.array_equal(first(clip)[output], second(clip)[output]) for clip in clips)


def kernel_elements(variables: Any) -> int:
    """How many weights the network has, biases and normalization not counted."""
    leaves = jax.tree_util.tree_leaves_with_path(variables["params"])
    return sum(np.size(leaf) for path, leaf in leaves if path[-1].key == "kernel")
