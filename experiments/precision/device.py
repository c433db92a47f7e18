"""What precision costs on the device: models of other bits, exported for real, planned, proved, built and run.

Weights of at most 4 bits lie two in a byte in flash (`verify.plan --packed-weights`), so 2 bits take what 4 do.
Activations of 16 bits are int16 models, with biases of 64 bits. All run with the kernels in plain C: packed weights
have no others.
"""
# pyright: reportMissingImports=false

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.precision.config import PrecisionConfig, training
from experiments.precision.run import PACKED_BITS, PTQ, QAT, exported
from experiments.precision.train import calibration_clips, observed, quantization_tuned, trained, tuned
from export.tflite import to_tflite
from stjax.assess.device import clip_answers, frame_program, prove, run_clips
from stjax.assess.int8 import accuracy, subset, test_clips
from stjax.data import Splits
from stjax.nn import fold_batch_norm
from stjax.quant import QuantConfig
from verify.report.summary import plan_value

Say = Callable[[str], None]


@dataclass(frozen=True)
class Setting:
    """A way to few or many bits.

    Args:
      method: PTQ or QAT.
      weight_bits, activation_bits: of the exported model.
      calibration: training clips whose results fix the grids of activations.
    """

    method: str
    weight_bits: int
    activation_bits: int
    calibration: int


@dataclass(frozen=True)
class DeviceRow:
    """One setting on the device. Bytes.

    Args:
      setting: which.
      seed: of the trainings.
      clips, accuracy: test clips, and what the exported clip model gets right in TFLM.
      sram: proved for the program of one frame, everything counted.
      flash: its constants as they lie in flash.
      instructions: executed for a frame with an answer, mean.
      device_clips, different: clips that ran on the board, and output bytes there that differ from TFLM's.
    """

    setting: Setting
    seed: int
    clips: int
    accuracy: float
    sram: int
    flash: int
    instructions: float | None
    device_clips: int
    different: int


def settings(config: PrecisionConfig) -> list[Setting]:
    """Three sizes of calibration at 8 bits, activations of 16, and every number of bits by both methods."""
    own = config.calibration_clips
    found = [Setting(PTQ, 8, 8, clips) for clips in config.calibration_sizes] + [Setting(PTQ, 8, 16, own)]
    return found + [Setting(method, bits, 8, own) for bits in config.weight_bits for method in (PTQ, QAT)]


def device_rows(config: PrecisionConfig, seed: int, work: Path, say: Say, splits: Splits) -> Iterator[DeviceRow]:
    """All settings with one seed; trainings that `work` holds are not repeated."""
    start = trained(config, seed, splits, work)
    plain = tuned(config, seed, start, splits, work)
    for setting in settings(config):
        say(f"seed {seed}, on the device: {setting}")
        own = replace(config, calibration_clips=setting.calibration)
        quant = QuantConfig(weight_bits=setting.weight_bits)
        if setting.activation_bits == 16:
            contents = _wide(own, setting, seed, plain, splits)
        elif setting.method == QAT:
            aware = quantization_tuned(own, quant, seed, start, splits, work)
            contents = exported(own, quant, seed, aware, splits.train)
        else:
            contents = exported(own, quant, seed, observed(own, quant, seed, plain, splits.train), splits.train)
        yield _row(config, setting, seed, contents, splits)


def _wide(config: PrecisionConfig, setting: Setting, seed: int, variables: Any, splits: Splits) -> bytes:
    samples = calibration_clips(config, seed, splits.train)
    return to_tflite(
        config.module.apply,
        fold_batch_norm(variables),
        samples[0],
        samples,
        input_range=(0.0, 1.0),
        weight_bits=setting.weight_bits,
        activation_bits=16,
    )


def _row(config: PrecisionConfig, setting: Setting, seed: int, contents: bytes, splits: Splits) -> DeviceRow:
    clips, labels = test_clips(training(config, seed), splits.test)
    if setting.activation_bits == 16:
        clips = as_int16(clips)
    _, answers = clip_answers(contents, clips)
    proved = prove(frame_program(contents), packed=setting.weight_bits <= PACKED_BITS)
    chosen = subset(len(clips), config.device_clips)
    with tempfile.TemporaryDirectory(prefix="stjax-precision-") as folder:
        device = run_clips(proved, clips[chosen], config.board, Path(folder))
    if device.problems:
        raise RuntimeError(f"{setting}: {'; '.join(device.problems)}")
    return DeviceRow(
        setting=setting,
        seed=seed,
        clips=len(clips),
        accuracy=accuracy(answers, labels),
        sram=proved.plan.sram_bytes,
        flash=plan_value(proved.graph, proved.plan)["flash_bytes"]["weights"],
        instructions=None if device.instructions is None else float(device.instructions.mean()),
        device_clips=len(chosen),
        different=int((device.logits != answers[chosen]).sum()),
    )


def as_int16(clips: np.ndarray) -> np.ndarray:
    """Pixels as an int16 model with an input in [0, 1] takes them, from what an int8 model takes."""
    return np.rint((clips.astype(np.float64) + 128) / 255 * 32767).astype(np.int16)
