"""One cell of the table: train with one T and one seed, quantize, and run on the emulated microcontroller."""
# pyright: reportMissingImports=false

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import jax
import numpy as np

from experiments.temporal_window.config import ORDER_FREE, STREAMTINYNET, ExperimentConfig, train_config
from stjax.assess.device import DeviceRun, clip_answers, frame_program, macs, prove, run_clips
from stjax.assess.int8 import accuracy, quantized, subset, test_clips
from stjax.assess.remembered import remembered
from stjax.data import ClipSource, Splits, load_splits
from stjax.train import TrainConfig, evaluate, train_and_evaluate

Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """One training and what became of it.

    Args:
      model: STREAMTINYNET, ORDER_FREE.
      frames: T.
      seed: of the training.
      epochs: passes over the training clips.
      clips: test clips.
      parameters: numbers that were learned.
      macs_per_frame: of the exported program of one frame.
      sram_bytes: proved for that program.
      weight_bytes: size of the .tflite file.
      float_accuracy: over all classes, and over those that only order tells apart.
      float_ordered_accuracy: the latter.
      int8_accuracy, int8_ordered_accuracy: of the int8 clip model on the same clips.
      oracle: who ran the int8 clip model.
      shuffled_accuracy, shuffled_ordered_accuracy: with frames shuffled at test; None where not asked for.
      device_clips: test clips run frame by frame on the board; the fields below are None where that is None.
      device_accuracy: there.
      device_different: output bytes that differ from the clip model's.
      instructions_per_frame: mean executed for a frame with an answer.
      problems: where the firmware breaks what the plan proved.
    """

    model: str
    frames: int
    seed: int
    epochs: int
    clips: int
    parameters: int
    macs_per_frame: int
    sram_bytes: int
    weight_bytes: int
    float_accuracy: float
    float_ordered_accuracy: float
    int8_accuracy: float
    int8_ordered_accuracy: float
    oracle: str
    shuffled_accuracy: float | None = None
    shuffled_ordered_accuracy: float | None = None
    device_clips: int | None = None
    device_accuracy: float | None = None
    device_different: int | None = None
    instructions_per_frame: float | None = None
    problems: tuple[str, ...] = ()


def outcomes(experiment: ExperimentConfig, work: Path, say: Say, splits: Splits | None = None) -> Iterator[Outcome]:
    """All trainings, seed by seed, so that the first seed's row of every T comes first.

    Args:
      experiment: what to run.
      work: folder for checkpoints and models; finished trainings in it are not repeated, nor what the same code
        found with them.
      say: is told what is being done.
      splits: the clips; None loads them.
    """
    splits = load_splits(experiment.dataset) if splits is None else splits
    cells = [(STREAMTINYNET, frames) for frames in experiment.frames] + [(ORDER_FREE, experiment.control_frames)]
    for number, seed in enumerate(experiment.seeds):
        for name, frames in cells:
            say(f"{name}, T = {frames}, seed {seed}")
            on_device = name == STREAMTINYNET and number < experiment.device_seeds
            yield _remembered(experiment, name, frames, seed, on_device, splits, work)


def _remembered(
    experiment: ExperimentConfig, name: str, frames: int, seed: int, on_device: bool, splits: Splits, work: Path
) -> Outcome:
    """The outcome from the last time that the same was asked of the same code, or a new one."""
    folder = _folder(work, name, frames, seed)
    device_clips = experiment.device_clips if on_device else None
    same = replace(experiment, frames=(), seeds=(), device_seeds=0, device_clips=device_clips)
    counts = f"{len(splits.train)}, {len(splits.test)}"
    key = f"{same}, {on_device}, {frames == experiment.control_frames}, {counts}"

    def make() -> dict[str, Any]:
        return asdict(outcome(experiment, name, frames, seed, on_device, splits, folder))

    found = remembered(folder / "outcome.json", key, make)
    return Outcome(**{**found, "problems": tuple(found["problems"])})


def _folder(work: Path, name: str, frames: int, seed: int) -> Path:
    return work / f"{name.split()[0]}-{frames}-seed{seed}".lower()


def outcome(
    experiment: ExperimentConfig, name: str, frames: int, seed: int, on_device: bool, splits: Splits, folder: Path
) -> Outcome:
    """Trains, quantizes and evaluates one network."""
    training = train_config(experiment, name, frames, seed)
    result = train_and_evaluate(training, folder, data=splits)
    contents = quantized(training, result.variables, splits.train, experiment.calibration_clips)
    (folder / "clip.tflite").write_bytes(contents)
    clips, labels = test_clips(training, splits.test)
    oracle, expected = clip_answers(contents, clips)
    proved = prove(frame_program(contents))
    ordered = np.isin(labels, splits.test.symmetry.ordered)
    found = Outcome(
        model=name,
        frames=frames,
        seed=seed,
        epochs=training.epochs,
        clips=len(clips),
        parameters=sum(x.size for x in jax.tree.leaves(result.variables)),
        macs_per_frame=macs(proved.graph),
        sram_bytes=proved.plan.sram_bytes,
        weight_bytes=len(contents),
        float_accuracy=result.test.accuracy,
        float_ordered_accuracy=result.test.ordered_accuracy,
        int8_accuracy=accuracy(expected, labels),
        int8_ordered_accuracy=accuracy(expected[ordered], labels[ordered]),
        oracle=oracle,
    )
    if name == STREAMTINYNET and frames == experiment.control_frames:
        found = replace(found, **_shuffled(training, result.variables, splits.test))
    if on_device:
        chosen = subset(len(clips), experiment.device_clips)
        with tempfile.TemporaryDirectory(prefix="stjax-window-") as firmware:
            device = run_clips(proved, clips[chosen], experiment.board, Path(firmware))
        found = replace(found, **_compared(device, expected[chosen], labels[chosen]))
    return found


def _shuffled(training: TrainConfig, variables: Any, clips: ClipSource) -> dict[str, float]:
    window = replace(training.pipeline.window, order="shuffled")
    found = evaluate(training, variables, clips, pipeline=replace(training.pipeline, window=window))
    return {"shuffled_accuracy": found.accuracy, "shuffled_ordered_accuracy": found.ordered_accuracy}


def _compared(device: DeviceRun, expected: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    executed = device.instructions
    return {
        "device_clips": len(labels),
        "device_accuracy": accuracy(device.logits, labels),
        "device_different": int((device.logits != expected).sum()),
        "instructions_per_frame": None if executed is None else float(executed.mean()),
        "problems": device.problems,
    }
