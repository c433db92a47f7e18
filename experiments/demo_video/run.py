"""Generates clips, trains a StreamTinyNet for each T, quantizes, plans, proves, builds and runs it frame by frame.

The clips are moving shapes: opposite motions show the same frames in another order, so one frame says nothing.
"""
# pyright: reportMissingImports=false

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from stjax.assess.device import clip_answers, frame_program, macs, prove, run_clips
from stjax.assess.int8 import accuracy, quantized, test_clips
from stjax.data import Augment, ClipWindow, DatasetConfig, MovingShapesConfig, PipelineConfig, Splits
from stjax.data.moving_shapes import generate
from stjax.data.symmetry import Table
from stjax.models import Block, StreamTinyNet, VideoConfig
from stjax.train import OptimizerConfig, TrainConfig, train_and_evaluate
from verify.graph.plan import InputMode
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.tflite import read_model

# Objects move by 1 to 2.5 pixels per frame: small frames, and features at every fourth pixel, keep that visible.
NETWORK = VideoConfig(
    *(16, 16, 1), classes=6, frames=4, stem=8, blocks=(Block(16), Block(24, 2)), multiplier=4, hidden=(64,)
)

SHAPES = MovingShapesConfig(side=16, frames=8, train=6000, validation=300, test=600)
FLIPS = Augment(horizontal_flip=True, vertical_flip=True)


@dataclass(frozen=True)
class DemoConfig:
    """All that decides the result.

    Args:
      shapes: sizes of the generated dataset.
      frames: the lengths T of the window; one training each.
      network: a StreamTinyNet for such frames; its T is replaced.
      epochs, batch_size, learning_rate, augment: of the trainings.
      calibration_clips: training clips that fix the scales of activations.
      device_clips: test clips that run on the board, from the first one on.
      board: the emulated microcontroller.
      sram: budget in bytes.
      seed: of the trainings.
    """

    shapes: MovingShapesConfig = SHAPES
    frames: tuple[int, ...] = (1, 4)
    network: VideoConfig = NETWORK
    epochs: int = 12
    batch_size: int = 64
    learning_rate: float = 4e-3
    augment: Augment = FLIPS
    calibration_clips: int = 128
    device_clips: int = 120
    board: str = "mps2-an500"
    sram: int = 128 << 10
    seed: int = 0


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Args:
      frames: T.
      float_accuracy, int8_accuracy: over all test clips and classes.
      pair_accuracy: of the int8 model when it need only choose between a clip's class and the opposite one.
      oracle: who ran the int8 clip model.
      device_clips: test clips run frame by frame.
      device_accuracy, clip_accuracy: on these clips, of the board and of the clip model.
      different: output bytes in which the two differ.
      macs_per_frame, clip_macs: of the program of one frame, and of the clip model.
      sram_bytes, clip_sram_bytes: proved for that program, and planned for the clip model run whole.
      instructions_per_frame: mean executed for a frame with an answer.
      problems: where the firmware breaks what the plan proved.
      seconds: spent on this row.
    """

    frames: int
    float_accuracy: float
    int8_accuracy: float
    pair_accuracy: float
    oracle: str
    device_clips: int
    device_accuracy: float
    clip_accuracy: float
    different: int
    macs_per_frame: int
    clip_macs: int
    sram_bytes: int
    clip_sram_bytes: int
    instructions_per_frame: float
    problems: tuple[str, ...]
    seconds: float


def demonstrate(demo: DemoConfig, work: Path, say: Callable[[str], None]) -> Iterator[Row]:
    """One row per T. `work` is for checkpoints, models, generated C and firmware; `say` is told what is being done."""
    say(f"drawing {demo.shapes.train + demo.shapes.validation + demo.shapes.test} clips")
    splits = Splits(*(generate(demo.shapes, split) for split in ("train", "validation", "test")))
    for frames in demo.frames:
        yield _row(demo, frames, splits, work / f"t{frames}", say)


def _row(demo: DemoConfig, frames: int, splits: Splits, folder: Path, say: Callable[[str], None]) -> Row:
    began = time.monotonic()
    say(f"T = {frames}: training {demo.epochs} epochs of {len(splits.train)} clips")
    training = _train_config(demo, frames)
    result = train_and_evaluate(training, folder, data=splits)
    say(f"T = {frames}: quantizing to int8")
    contents = quantized(training, result.variables, splits.train, demo.calibration_clips)
    (folder / "clip.tflite").write_bytes(contents)
    clips, labels = test_clips(training, splits.test)
    oracle, expected = clip_answers(contents, clips)
    say(f"T = {frames}: planning and proving the program of one frame")
    whole = read_model(contents, "clip")
    proved = prove(frame_program(contents), demo.sram)
    count = min(demo.device_clips, len(clips))
    say(f"T = {frames}: running {count} clips frame by frame on {demo.board}")
    device = run_clips(proved, clips[:count], demo.board, folder)
    executed = device.instructions
    return Row(
        frames=frames,
        float_accuracy=result.test.accuracy,
        int8_accuracy=accuracy(expected, labels),
        pair_accuracy=pair_accuracy(expected, labels, splits.test.symmetry.reversal),
        oracle=oracle,
        device_clips=count,
        device_accuracy=accuracy(device.logits, labels[:count]),
        clip_accuracy=accuracy(expected[:count], labels[:count]),
        different=int((device.logits != expected[:count]).sum()),
        macs_per_frame=macs(proved.graph),
        clip_macs=macs(whole),
        sram_bytes=device.sram_bytes,
        clip_sram_bytes=make_plan(whole, Request("stream", InputMode.WHOLE)).sram_bytes,
        instructions_per_frame=float("nan") if executed is None else float(executed.mean()),
        problems=device.problems,
        seconds=time.monotonic() - began,
    )


def _train_config(demo: DemoConfig, frames: int) -> TrainConfig:
    return TrainConfig(
        model=StreamTinyNet(replace(demo.network, frames=frames)),
        dataset=DatasetConfig("moving_shapes", shapes=demo.shapes),
        pipeline=PipelineConfig(ClipWindow(frames, sampling="window"), demo.batch_size, augment=demo.augment),
        optimizer=OptimizerConfig(demo.learning_rate),
        epochs=demo.epochs,
        seed=demo.seed,
    )


def pair_accuracy(logits: np.ndarray, labels: np.ndarray, opposite: Table) -> float:
    """Share of clips whose class has a larger output than the opposite motion; of equal outputs the first class wins.

    Args:
      logits: [clips, classes].
      labels: [clips].
      opposite: the label of each class played backwards, never None.
    """
    others = np.array([-1 if other is None else other for other in opposite])[labels]
    clips = np.arange(len(labels))
    own, other = logits[clips, labels], logits[clips, others]
    return float(np.where(own == other, labels < others, own > other).mean())
