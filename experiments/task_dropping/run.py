"""One network, its test clips as several gates let them through, and what a frame of those costs.

A gate that reuses old results changes the network's input: a row or a frame that it holds back is the one before.
So accuracy is the plain int8 model's on the clips that the gate lets through, and a frame's work is what
stj_model_push_frame_rows computes for the rows in which that stream really changes. Both are exact.
"""
# pyright: reportMissingImports=false

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Int8

from embedded.tools.firmware import build, run
from experiments.temporal_window import config as video
from export.__main__ import write_folder
from export.c.emit import emit
from stjax.assess.device import clip_answers, frame_program, prove
from stjax.assess.int8 import accuracy, quantized, test_clips
from stjax.data import DatasetConfig, Splits, load_splits
from stjax.nn import Gated, RowGate, Sequential
from stjax.train import train_and_evaluate
from verify.graph.graph import Graph
from verify.program.reuse import intervals_of
from verify.proof.check import ProvedPlan

Clips = Int8[np.ndarray, "clips time height width channels"]
ROWS, FRAMES = "rows", "frames"


@dataclass(frozen=True)
class DroppingConfig:
    """All that decides the result.

    Args:
      dataset: of video clips.
      network: a preset of `stjax.models`.
      frames: T of its window.
      epochs, seed, batch_size: of the training.
      clips: clips of the test split, and so many of the validation split, spread over all; None is all of them.
      row_tolerances: how far every value of a row may be from the row let through before, in steps of the int8 input,
        for the row to count as unchanged.
      frame_thresholds: how far a frame may be from the one let through before, on average, in the same steps.
      device_clips: test clips that run on the emulated microcontroller, at threshold 0 and at the chosen ones.
      board: the emulated microcontroller.
    """

    dataset: DatasetConfig
    network: str = "streamtinynet-touch"
    frames: int = 8
    epochs: int = 4
    seed: int = 0
    batch_size: int = 64
    clips: int | None = 402
    row_tolerances: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6, 8, 12, 20, 32, 64, 100)
    frame_thresholds: tuple[float, ...] = (0, 1, 1.5, 2, 2.5, 3, 4, 6)
    device_clips: int = 12
    board: str = "mps2-an500"


@dataclass(frozen=True)
class Outcome:
    """One gate at one threshold. Shares and MACs are means over the frames of each clip but its first.

    Args:
      gate: ROWS or FRAMES.
      threshold: in steps of the int8 input.
      chosen: whether this is the threshold that the validation clips choose (`choice`).
      validation_agreement: share of validation clips that get the class which they get without a gate.
      validation_clips: how many those are.
      clips: test clips. They and they alone decide all that follows.
      accuracy: of the int8 model on what the gate lets through.
      agreement: share of clips that get the class which they get without a gate.
      same_bits: share of clips whose outputs are the same, bit for bit, as without a gate.
      frames_skipped: share of frames that nothing changes in.
      rows_changed: share of the input's rows from the first to the last that changes.
      macs: multiply-accumulates per frame.
      macs_whole: those of a frame that is computed in full.
      instructions: per frame on the board; None where it did not run there.
      instructions_whole: there, of the same firmware without reuse.
      wrong_bytes: there, output bytes that differ from the clip model's.
    """

    gate: str
    threshold: float
    chosen: bool
    validation_agreement: float
    validation_clips: int
    clips: int
    accuracy: float
    agreement: float
    same_bits: float
    frames_skipped: float
    rows_changed: float
    macs: float
    macs_whole: int
    instructions: float | None = None
    instructions_whole: float | None = None
    wrong_bytes: int | None = None


def outcomes(
    config: DroppingConfig, work: Path, say: Callable[[str], None], splits: Splits | None = None
) -> Iterator[Outcome]:
    """Trains (once per folder `work`) and then measures every gate at every threshold.

    Raises:
      RuntimeError: the firmware breaks what its plan proved.
    """
    splits = load_splits(config.dataset) if splits is None else splits
    experiment = video.ExperimentConfig(
        config.dataset, network=config.network, epochs=config.epochs, batch_size=config.batch_size
    )
    training = video.train_config(experiment, video.STREAMTINYNET, config.frames, config.seed)
    say("training")
    result = train_and_evaluate(training, work, data=splits)
    contents = quantized(training, result.variables, splits.train, experiment.calibration_clips)
    (work / "clip.tflite").write_bytes(contents)
    validation, _ = spread(*test_clips(training, splits.validation), config.clips)
    clips, labels = spread(*test_clips(training, splits.test), config.clips)
    graph = frame_program(contents)
    proved, plain = prove(graph), clip_answers(contents, clips)[1]
    whole = executed(proved, clips[: config.device_clips], config.board, False)[0]
    for gate, thresholds in ((ROWS, config.row_tolerances), (FRAMES, config.frame_thresholds)):
        say(f"{gate}, on validation clips")
        kept = agreements(contents, gate, thresholds, validation)
        chosen = choice(kept)
        for threshold in thresholds:
            say(f"{gate}, threshold {threshold:g}")
            let_through = gated(gate, threshold, clips)
            answers = clip_answers(contents, let_through)[1]
            found = replace(
                measured(gate, threshold, let_through, graph),
                chosen=threshold == chosen,
                validation_agreement=kept[threshold],
                validation_clips=len(validation),
                accuracy=accuracy(answers, labels),
                agreement=accuracy(answers, plain.argmax(-1)),
                same_bits=float((answers == plain).all(-1).mean()),
            )
            if threshold in (0, chosen):
                count = config.device_clips
                instructions, outputs = executed(proved, let_through[:count], config.board, True)
                wrong = int((outputs != answers[:count]).sum())
                found = replace(found, instructions=instructions, instructions_whole=whole, wrong_bytes=wrong)
            yield found


def spread(clips: Clips, labels: np.ndarray, wanted: int | None) -> tuple[Clips, np.ndarray]:
    """So many clips at equal distances with their labels, which are grouped along the file; None is all of them."""
    if wanted is None or wanted >= len(clips):
        return clips, labels
    chosen = np.arange(wanted) * len(clips) // wanted
    return clips[chosen], labels[chosen]


def agreements(contents: bytes, gate: str, thresholds: tuple[float, ...], clips: Clips) -> dict[float, float]:
    """Per threshold, the share of clips whose class is what it is without a gate."""
    plain = clip_answers(contents, clips)[1].argmax(-1)
    return {t: accuracy(clip_answers(contents, gated(gate, t, clips))[1], plain) for t in thresholds}


def choice(kept: dict[float, float]) -> float:
    """The largest threshold up to which all clips keep their class; 0 always does."""
    chosen = 0.0
    for threshold in sorted(kept):
        if kept[threshold] < 1:
            break
        chosen = threshold
    return chosen


def gated(gate: str, threshold: float, clips: Clips) -> Clips:
    """What a gate of stjax lets through of each clip. Values up to 255 and their means are exact enough in float32."""
    import jax
    import jax.numpy as jnp

    layer = RowGate(float(threshold)) if gate == ROWS else Gated(Sequential(()), float(threshold))
    through = jax.jit(jax.vmap(lambda clip: layer.apply({}, clip)))
    return np.asarray(through(jnp.asarray(clips, jnp.float32))).astype(np.int8)


def measured(gate: str, threshold: float, clips: Clips, graph: Graph) -> Outcome:
    """What frames cost; shares of clips are left at 0."""
    height = clips.shape[2]
    different = (clips[:, 1:] != clips[:, :-1]).any((3, 4)).reshape(-1, height)
    any_row = different.any(1)
    first = np.where(any_row, different.argmax(1), height)
    last = np.where(any_row, height - different[:, ::-1].argmax(1), 0)
    macs = frame_macs(graph, first, last)
    return Outcome(
        gate=gate,
        threshold=threshold,
        chosen=False,
        validation_agreement=0,
        validation_clips=0,
        clips=len(clips),
        accuracy=0,
        agreement=0,
        same_bits=0,
        frames_skipped=float(1 - any_row.mean()),
        rows_changed=float(np.maximum(last - first, 0).mean() / height),
        macs=float(macs.mean()),
        macs_whole=sum(node.macs for node in graph.nodes),
    )


def frame_macs(graph: Graph, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """MACs of frames that differ from the one before in rows [first, last)."""
    reuse, total = intervals_of(graph), np.zeros(len(first))
    for node in graph.nodes:
        if interval := reuse.nodes.get(node.index):
            rows = np.maximum(interval.last[last] - interval.first[first], 0)
            total += node.macs * rows / interval.rows
        else:
            total += node.macs
    return total


def executed(proved: ProvedPlan, clips: Clips, board: str, reuse: bool) -> tuple[float | None, np.ndarray]:
    """Instructions per frame (None on the host), and the answers to the clips.

    Raises:
      RuntimeError: see `outcomes`.
    """
    with tempfile.TemporaryDirectory(prefix="stjax-dropping-") as name:
        folder = Path(name)
        write_folder(folder / "gen", emit(proved, reuse_rows=reuse))
        firmware = build(folder / "gen", board, folder / "firmware")
        result = run(firmware, [clips.reshape(-1, *proved.graph.input_shapes[0])])
    if result.problems:
        raise RuntimeError("; ".join(result.problems))
    frames = clips.shape[1]
    answers = result.outputs[0].reshape(len(clips), frames, -1)[:, -1]
    if result.instructions is None:
        return None, answers
    # The window is full, and the head runs, from the first clip's last frame on.
    counts = np.array(result.instructions).reshape(len(clips), frames)[1:, 1:]
    return float(counts.mean()), answers
