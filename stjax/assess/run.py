"""One network assessed: trained or restored, exported, planned, proved, built, run on the board, and compared.

Reference: the rows are those that StreamTinyNet's research proposal asks of an assessment.
"""
# pyright: reportMissingImports=false

import dataclasses
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from embedded.tools.board import load_board
from embedded.tools.firmware import build
from export.__main__ import write_folder
from export.c.emit import emit
from export.tflite.__main__ import trained
from stjax import cost
from stjax.assess.device import clip_answers, macs, program_or_clip, prove, run_firmware
from stjax.assess.int8 import accuracy, int8_model, quantized, subset, test_clips
from stjax.assess.parts import sram_parts
from stjax.assess.remembered import remembered
from stjax.data import Augment, ClipWindow, DatasetConfig, PipelineConfig, Splits, to_int8
from stjax.data.window import Sampling
from stjax.models import Named
from stjax.nn import Layer
from stjax.train import OptimizerConfig, TrainConfig, evaluate, train_and_evaluate
from verify.proof.check import ProvedPlan
from verify.report.summary import plan_value
from verify.targets.registry import PORTABLE

Say = Callable[[str], None]
UNTRAINED_CALIBRATION = 8
"""Clips of noise that fix the scales of a network without data: their values do not matter then."""


@dataclass(frozen=True)
class Settings:
    """How networks are trained and what they run on; the same for all that are compared.

    Args:
      dataset: clips; None: nothing is trained, weights are random, and accuracies are not known.
      epochs, batch_size, learning_rate, augment: of every training.
      sampling, stride: which frames of a clip (`stjax.data.ClipWindow`).
      calibration_clips: training clips that fix the scales of activations.
      workers: processes that make batches for training; 0: none but this one.
      board: of embedded/boards.
      target: kernels for the board.
      scheme: of plans: "stream" by whole rows, "auto" by pixels too where that takes less SRAM, for more instructions.
      device_clips: test clips that run there, at equal distances; None is all.
    """

    dataset: DatasetConfig | None = None
    epochs: int = 10
    batch_size: int = 64
    learning_rate: float = 3e-3
    augment: Augment = dataclasses.field(default_factory=Augment)
    sampling: Sampling = "span"
    stride: int = 1
    calibration_clips: int = 256
    workers: int = 0
    board: str = "mps2-an500"
    target: str = PORTABLE
    scheme: str = "stream"
    device_clips: int | None = 60


@dataclass(frozen=True)
class Assessment:
    """One network, one seed. Bytes; None is what is not known.

    Args:
      network, seed: which.
      weights: "random", "trained" here, or "checkpoint".
      frames: T, frames that an answer depends on.
      parameters: numbers that were learned.
      macs, flops: of one streamed frame, of the exported int8 program and of the float trace.
      clips: test clips.
      float_accuracy, int8_accuracy: over all test clips; `ordered` ones over classes that only order tells apart.
      confusion: int8, clips by true class (row) and answer.
      oracle: who ran the int8 clip model.
      whole_clip: why the network runs as a whole clip on the device, "" where it runs frame by frame.
      sram: proved, everything counted.
      parts, parts_alone: of it (`stjax.assess.parts`).
      peak: the operator at which most bytes are in use.
      weights_flash, code_flash: constants, and code of kernels and generated files where a board was built for.
      instructions: of a frame with an answer: executed on the board, mean over `device_clips`, or estimated.
      measured: whether they were executed.
      device_clips, device_accuracy, device_different: clips that ran on the board, accuracy there, and output bytes
        that differ from the int8 clip model's.
      problems: where the firmware breaks what the plan proved.
    """

    network: str
    seed: int
    weights: str
    frames: int
    parameters: int
    macs: int
    flops: int | None
    clips: int
    float_accuracy: float | None
    float_ordered: float | None
    int8_accuracy: float | None
    int8_ordered: float | None
    confusion: list[list[int]] | None
    oracle: str
    whole_clip: str
    sram: int
    parts: dict[str, int]
    parts_alone: dict[str, int]
    peak: str
    weights_flash: int
    code_flash: int | None
    instructions: float
    measured: bool
    device_clips: int
    device_accuracy: float | None
    device_different: int
    problems: list[str]


def assess(
    network: Named,
    settings: Settings,
    folder: Path,
    seed: int = 0,
    *,
    splits: Splits | None = None,
    checkpoint: Path | None = None,
    training: TrainConfig | None = None,
    say: Say = lambda text: None,
) -> Assessment:
    """Assesses a network; what the same code found with the same arguments before is not repeated.

    Args:
      network: what `stjax.models.named` gives.
      settings: see there.
      folder: for checkpoints, `clip.tflite` and what was found.
      seed: of training, calibration and random weights.
      splits: the clips of settings.dataset; None: no data.
      checkpoint: folder of a training run whose weights are taken; None: trained here, or random without data.
      training: the training; None: `train_config(...)`.
      say: is told what is being done.

    Raises:
      ConversionError: the network has no int8 form.
      TrainError: it does not fit the data.
    """
    training = train_config(network, settings, seed) if training is None else training
    key = f"{network.clip_shape}, {training}, {settings}, {checkpoint}, {None if splits is None else len(splits.test)}"

    def make() -> dict[str, Any]:
        return dataclasses.asdict(_assessed(network, settings, training, folder, seed, splits, checkpoint, say))

    folder.mkdir(parents=True, exist_ok=True)
    return Assessment(**remembered(folder / "assessment.json", key, make))


def train_config(network: Named, settings: Settings, seed: int) -> TrainConfig:
    """The training that the settings mean for this network: frames are resized, and made grey, to what it takes."""
    window = ClipWindow(network.frames, settings.stride, settings.sampling)
    height, width, channels = network.frame_shape
    pipeline = PipelineConfig(
        window,
        settings.batch_size,
        size=(height, width),
        channels=1 if channels == 1 else None,
        augment=settings.augment,
    )
    return TrainConfig(
        model=network.model,
        dataset=settings.dataset or DatasetConfig("none"),
        pipeline=pipeline,
        optimizer=OptimizerConfig(settings.learning_rate),
        epochs=settings.epochs,
        seed=seed,
        workers=settings.workers,
    )


def _assessed(
    network: Named,
    settings: Settings,
    training: TrainConfig,
    folder: Path,
    seed: int,
    splits: Splits | None,
    checkpoint: Path | None,
    say: Say,
) -> Assessment:
    variables, found = _weights(network, training, folder, seed, splits, checkpoint, say)
    say(f"{network.name}: int8")
    if splits is None:
        noise = np.random.default_rng(seed).random((UNTRAINED_CALIBRATION, *network.clip_shape), np.float32)
        contents = int8_model(network.model, variables, noise[0], noise)
        clips, labels = to_int8(np.random.default_rng(seed).integers(0, 256, (1, *network.clip_shape), np.uint8)), None
    else:
        contents = quantized(training, variables, splits.train, settings.calibration_clips)
        clips, labels = test_clips(training, splits.test)
    (folder / "clip.tflite").write_bytes(contents)
    oracle, expected = clip_answers(contents, clips)
    program, whole_clip = program_or_clip(contents)
    say(f"{network.name}: plan and proof")
    proved = prove(program, target=settings.target, scheme=settings.scheme)
    parts = sram_parts(proved.graph, proved.plan)
    value = plan_value(proved.graph, proved.plan)
    say(f"{network.name}: {load_board(settings.board).title}")
    chosen = subset(len(clips), settings.device_clips)
    device, code = _on_board(proved, clips[chosen], settings.board)
    executed = device.instructions
    if labels is not None:
        ordered = np.isin(labels, splits.test.symmetry.ordered) if splits else np.zeros(len(labels), bool)
        found |= {
            "clips": len(clips),
            "int8_accuracy": accuracy(expected, labels),
            "int8_ordered": accuracy(expected[ordered], labels[ordered]) if ordered.any() else None,
            "confusion": _confusion(expected, labels),
            "device_accuracy": accuracy(device.logits, labels[chosen]),
        }
    return Assessment(
        network=network.name,
        seed=seed,
        frames=network.frames,
        parameters=sum(leaf.size for leaf in jax.tree.leaves(variables["params"])),
        macs=macs(proved.graph),
        flops=cost.step_cost(network.model, network.frame_shape).flops if isinstance(network.model, Layer) else None,
        oracle=oracle,
        whole_clip=whole_clip,
        sram=proved.plan.sram_bytes,
        parts=parts.together,
        parts_alone=parts.alone,
        peak=value["peak"].get("label", ""),
        weights_flash=value["flash_bytes"]["weights"],
        code_flash=code,
        instructions=value["instructions_estimated"] if executed is None else float(executed.mean()),
        measured=executed is not None,
        device_clips=len(chosen),
        device_different=int((device.logits != expected[chosen]).sum()),
        problems=list(device.problems),
        **found,
    )


def _weights(
    network: Named,
    training: TrainConfig,
    folder: Path,
    seed: int,
    splits: Splits | None,
    checkpoint: Path | None,
    say: Say,
) -> tuple[Any, dict[str, Any]]:
    """The network's variables, and what is known of them before they are int8."""
    found: dict[str, Any] = dict.fromkeys(
        ("float_accuracy", "float_ordered", "int8_accuracy", "int8_ordered", "confusion", "device_accuracy")
    ) | {"clips": 0}
    if checkpoint is not None:
        variables = trained(checkpoint, network.model, network.clip_shape)
        metrics = None if splits is None else evaluate(training, variables, splits.test)
        found["weights"] = "checkpoint"
    elif splits is None:
        variables = network.model.init(jax.random.key(seed), np.zeros(network.clip_shape, np.float32))
        return variables, found | {"weights": "random"}
    else:
        say(f"{network.name}: training, seed {seed}")
        result = train_and_evaluate(training, folder, data=splits, show=False)
        variables, metrics = result.variables, result.test
        found["weights"] = "trained"
    if metrics is not None:
        found |= {
            "float_accuracy": metrics.accuracy,
            "float_ordered": metrics.ordered_accuracy if metrics.ordered else None,
        }
    return variables, found


def _on_board(proved: ProvedPlan, clips: np.ndarray, board: str) -> tuple[Any, int | None]:
    """What the board answered, and the bytes of code."""
    with tempfile.TemporaryDirectory(prefix="stjax-assess-") as name:
        folder = Path(name)
        write_folder(folder / "gen", emit(proved))
        firmware = build(folder / "gen", board, folder / "build")
        return run_firmware(firmware, proved, clips), firmware.figures.flash.code


def _confusion(logits: np.ndarray, labels: np.ndarray) -> list[list[int]]:
    counts = np.zeros((logits.shape[-1],) * 2, int)
    np.add.at(counts, (labels, logits.argmax(-1)), 1)
    return counts.tolist()
