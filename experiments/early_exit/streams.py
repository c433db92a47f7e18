"""Whole recordings as one stream of frames through a model's firmware: answers to every frame, and what each cost.

Recordings follow each other without a break. A frame's answer is about one recording alone once its window is full,
T - 1 frames after the recording's first; earlier ones are left out by `Recordings.full`.
"""

import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Int8, Int32, Int64

from embedded.tools.firmware import Firmware, build, run
from export.__main__ import write_folder
from export.c.emit import emit
from stjax.data import ClipSource, to_int8
from verify.proof.check import ProvedPlan
from verify.tflm.run import run_tflm


@dataclass(frozen=True, eq=False)
class Recordings:
    """Recordings, one after the other.

    Args:
      frames: as the int8 model takes them.
      offsets: recording i is frames[offsets[i] : offsets[i + 1]].
      labels: of each frame; -1 where it has none.
    """

    frames: Int8[np.ndarray, "total height width channels"]
    offsets: Int64[np.ndarray, " recordings_plus_1"]
    labels: Int32[np.ndarray, " total"]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def position(self) -> Int64[np.ndarray, " total"]:
        """Number of each frame within its recording."""
        return np.arange(len(self.frames)) - np.repeat(self.offsets[:-1], np.diff(self.offsets))

    def full(self, window: int) -> Bool[np.ndarray, " total"]:
        """Whether the last `window` frames are of one recording."""
        return self.position >= window - 1

    def steady(self, window: int) -> Bool[np.ndarray, " total"]:
        """Whether the last `window` frames have one label."""
        changes = np.concatenate([[0], np.cumsum(np.diff(self.labels) != 0)])
        earlier = np.maximum(np.arange(len(self.labels)) - window + 1, 0)
        return self.full(window) & (self.labels >= 0) & (changes == changes[earlier])

    def first(self, frames: int) -> "Recordings":
        """The first so many frames, recordings cut where they end."""
        offsets = np.minimum(self.offsets, frames)
        kept = np.concatenate([[True], np.diff(offsets) > 0])
        return Recordings(self.frames[:frames], offsets[kept], self.labels[:frames])


def recordings_of(source: ClipSource, wanted: int | None) -> Recordings:
    """So many recordings of a source at equal distances; None is all of them."""
    count = len(source)
    chosen = np.arange(count) if wanted is None or wanted >= count else np.arange(wanted) * count // wanted
    lengths = [source.length(int(i)) for i in chosen]
    clips = [source.read(int(i), np.arange(length)) for i, length in zip(chosen, lengths, strict=True)]
    labels = [source.frame_labels(int(i)) for i in chosen]
    return Recordings(
        frames=to_int8(np.concatenate(clips)),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        labels=np.concatenate([np.full(n, -1) if x is None else x for x, n in zip(labels, lengths, strict=True)]),
    )


@dataclass(frozen=True, eq=False)
class Answers:
    """What a firmware gave for each frame of a stream.

    Args:
      outputs: per output of the model, [frames, classes]; zeros where it was left out.
      early: which frames ended with the early output.
      instructions: executed for each frame; None on this computer.
    """

    outputs: tuple[Int8[np.ndarray, "frames classes"], ...]
    early: Bool[np.ndarray, " frames"]
    instructions: Int64[np.ndarray, " frames"] | None


def built(
    proved: ProvedPlan, board: str, folder: Path, exit_output: int | None = None, reuse_rows: bool = False
) -> Firmware:
    """The firmware of a program of one frame.

    Args:
      board: a board of embedded/boards; "host" is this computer.
      folder: for generated code and object files, one per firmware.
      exit_output: the output that may answer early.
      reuse_rows: only what depends on rows that changed since the frame before is computed.
    """
    write_folder(folder / "gen", emit(proved, reuse_rows=reuse_rows, early_exit=exit_output))
    return build(folder / "gen", board, folder / "firmware")


def answers(
    firmware: Firmware, frames: Int8[np.ndarray, "frames height width channels"], margin: int | None = None
) -> Answers:
    """Runs a stream through a firmware.

    Args:
      margin: above which the early output ends a frame, in its steps; None: never.

    Raises:
      RuntimeError: the firmware breaks what its plan proved.
    """
    shape = firmware.signature.inputs[0].shape
    result = run(firmware, [frames.reshape(-1, *shape)], timeout_s=3600, margin=margin)
    if result.problems:
        raise RuntimeError("; ".join(result.problems))
    counts = None if result.instructions is None else np.array(result.instructions)
    outputs = tuple(output.reshape(len(frames), -1) for output in result.outputs)
    return Answers(outputs, np.array(result.early), counts)


def differs_from_tflm(contents: bytes, recordings: Recordings, found: Answers, window: int, count: int) -> int:
    """In how many bytes answers differ from TensorFlow Lite Micro's to the clip model, on so many windows spread over
    all. What was left out is not compared.

    Raises:
      TflmError: it is not installed, or does not run this model.
    """
    ends = np.flatnonzero(recordings.full(window)[: len(found.early)])
    ends = ends[np.arange(min(count, len(ends))) * len(ends) // min(count, len(ends))]
    clips = np.stack([recordings.frames[end + 1 - window : end + 1] for end in ends])
    with tempfile.TemporaryDirectory(prefix="stjax-tflm-") as name:
        path = Path(name) / "clip.tflite"
        path.write_bytes(contents)
        expected = run_tflm(path, [clips]).outputs
    different = 0
    for k, (ours, theirs) in enumerate(zip(found.outputs, expected, strict=True)):
        given = ~found.early[ends] if k else np.ones(len(ends), bool)
        different += int((ours[ends] != theirs.reshape(len(ends), -1))[given].sum())
    return different


def held(recordings: Recordings, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """What `stjax.nn.Gated` makes of the frames of each recording, and which of them it holds back.

    Args:
      threshold: a frame is held back that is no farther than this, on average, from the last one let through, in steps
        of the int8 input.
    """
    frames, back = recordings.frames.copy(), np.zeros(len(recordings.frames), bool)
    starts = set(recordings.offsets[:-1].tolist())
    for t in range(len(frames)):
        if t in starts:
            continue
        # Frame t - 1 is by now the last one let through.
        back[t] = np.abs(frames[t].astype(np.int16) - frames[t - 1]).mean() <= threshold
        if back[t]:
            frames[t] = frames[t - 1]
    return frames, back
