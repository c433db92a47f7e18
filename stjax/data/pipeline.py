"""Batches of clips, as a pure function of (seed, epoch, step): resuming anywhere needs these three numbers.

The random numbers of a clip come from (seed, epoch, position in the epoch), so they are the same whatever ran before
and however many processes share a batch, or make batches ahead of time (stjax.data.workers).
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float32, Int32, UInt8

from stjax.data import frames
from stjax.data.augment import Augment, Labels, augment
from stjax.data.clips import ClipSource, read_towards
from stjax.data.frames import Clip, ResizedClip
from stjax.data.symmetry import NO_LABEL
from stjax.data.window import ClipWindow
from stjax.data.workers import Workers

# NumPy takes a seed that ends in zeros for the same seed without them, so the first number tells the streams apart.
_ORDER, _CLIPS = 1, 2

LabelKind = Literal["clip", "frame"]


@dataclass(frozen=True)
class PipelineConfig:
    """From clips to batches.

    Args:
      window: which frames.
      batch_size: clips per batch, over all processes.
      size: (height, width) that frames are resized to; None leaves them, and then all clips must have one size.
      channels: 1 makes grey of colour; None leaves frames as they are.
      crop: (height, width) cut out after that: anywhere in training, the middle otherwise; None keeps all.
      augment: changes in training.
      labels: "clip", one class for each clip, or "frame", one for each frame of the window.

    Raises:
      ValueError: if `labels` is neither.
    """

    window: ClipWindow
    batch_size: int = 64
    size: tuple[int, int] | None = None
    crop: tuple[int, int] | None = None
    augment: Augment = field(default_factory=Augment)
    labels: LabelKind = "clip"
    channels: int | None = None

    def __post_init__(self) -> None:
        if self.labels not in get_args(LabelKind):
            raise ValueError(f'`labels` must be one of {get_args(LabelKind)}, found "{self.labels}"')


@dataclass(frozen=True, eq=False)
class Batch:
    """Clips with labels: one each, or one for each frame, as `PipelineConfig.labels` says; -1 where there is none.

    `weights` is 1, or 0 for clips that only fill up the last batch of an evaluation.
    """

    clips: UInt8[np.ndarray, "batch time height width channels"]
    labels: Int32[np.ndarray, " batch"] | Int32[np.ndarray, "batch time"]
    weights: Float32[np.ndarray, " batch"]


@dataclass(frozen=True)
class Batches:
    """All batches of a source.

    Training shuffles anew in each epoch, draws windows and augments, and leaves out the clips that do not fill a
    batch. Evaluation keeps the order, takes each clip once, and fills up the last batch.

    Args:
      source: the clips.
      config: what happens to them.
      seed: every random choice follows from it.
      training: see above.
      shard: (index, count): this process makes part `index` of `count` equal parts of every batch.
      workers: processes that make the batches of `epoch` ahead of time; 0 makes them when they are asked for. Batches
        are the same, byte for byte, for any number. For sources on disk; what is in memory is copied to each worker.

    Raises:
      ValueError: if there are no clips or, in training, fewer than fill one batch, parts would not be equal, or the
        source has no labels of the kind that the config asks for, or `workers` is negative.
    """

    source: ClipSource
    config: PipelineConfig
    seed: int = 0
    training: bool = False
    shard: tuple[int, int] = (0, 1)
    workers: int = 0

    def __post_init__(self) -> None:
        size, (index, count) = self.config.batch_size, self.shard
        if size < 1 or len(self.source) < (size if self.training else 1):
            raise ValueError(f"{len(self.source)} clips do not fill one batch of {size}")
        if size % count or not 0 <= index < count:
            raise ValueError(f"a batch of {size} clips has no part {index} of {count} equal parts")
        if self.workers < 0:
            raise ValueError(f"`workers` (={self.workers}) may not be negative")
        if self.config.labels == "frame" and self.source.frame_labels(0) is None:
            raise ValueError('`labels` is "frame", but this dataset labels clips only')
        if self.config.labels == "clip" and self.source.label(0) == NO_LABEL:
            raise ValueError('`labels` is "clip", but this dataset labels frames only: its clips belong to no class')

    @property
    def steps_per_epoch(self) -> int:
        clips, size = len(self.source), self.config.batch_size
        return clips // size if self.training else -(-clips // size)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches of an epoch from step `start` on."""
        if self.workers:
            yield from (Batch(*arrays) for arrays in self._workers.epoch(epoch, start))
            return
        order = self._order(epoch)
        for step in range(start, self.steps_per_epoch):
            yield self._batch(order, epoch, step)

    def close(self) -> None:
        """Ends the worker processes, if there are any; they end with this object otherwise."""
        if "_workers" in vars(self):
            self._workers.close()

    @functools.cached_property
    def _workers(self) -> Workers:
        return Workers(self)

    def batch(self, epoch: int, step: int) -> Batch:
        """One batch; `step` counts within the epoch."""
        return self._batch(self._order(epoch), epoch, step)

    def example(self, clip: int, epoch: int = 0, position: int | None = None) -> tuple[Clip, Labels]:
        """One prepared clip and its label or labels. `position` in the epoch (or the clip's number) seeds what is
        random."""
        position = clip if position is None else position
        rng = np.random.default_rng((_CLIPS, self.seed, epoch, position))
        numbers = self.config.window.frame_numbers(self.source.length(clip), rng, self.training)
        size, channels = self.config.size, self.config.channels
        chosen, labels = read_towards(self.source, clip, numbers, size, channels), self._labels(clip, numbers)
        if channels is not None:
            chosen = frames.to_channels(chosen, channels)
        if size is not None:
            chosen = frames.resize(chosen, *size)
        if self.config.crop is not None:
            chosen = self._cropped(chosen, self.config.crop, rng)
        if self.training:
            chosen, labels = augment(chosen, labels, self.config.augment, self.source.symmetry, rng)
        return chosen, labels

    def _labels(self, clip: int, numbers: np.ndarray) -> Labels:
        if self.config.labels == "clip":
            return np.int32(self.source.label(clip))
        of_frames = self.source.frame_labels(clip)
        assert of_frames is not None
        return of_frames[numbers]

    def _order(self, epoch: int) -> np.ndarray:
        clips = len(self.source)
        return _permutation(self.seed, epoch, clips) if self.training else np.arange(clips)

    def _batch(self, order: np.ndarray, epoch: int, step: int) -> Batch:
        size, (index, count) = self.config.batch_size, self.shard
        part = size // count
        positions = step * size + index * part + np.arange(part)
        real = positions < len(order)
        # A filler repeats the first clip: any real one keeps shapes and ranges as they are.
        examples = [self.example(int(order[p]) if p < len(order) else 0, epoch, int(p)) for p in positions]
        return Batch(
            clips=np.stack(_alike([clip for clip, _ in examples])),
            labels=np.stack([labels for _, labels in examples]).astype(np.int32),
            weights=real.astype(np.float32),
        )

    def _cropped(self, clip: Clip, size: tuple[int, int], rng: np.random.Generator) -> ResizedClip:
        spare = np.array(clip.shape[1:3]) - size
        top, left = rng.integers(0, np.maximum(spare, 0) + 1) if self.training else spare // 2
        return frames.crop(clip, int(top), int(left), *size)


@functools.lru_cache(maxsize=4)
def _permutation(seed: int, epoch: int, clips: int) -> np.ndarray:
    return np.random.default_rng((_ORDER, seed, epoch)).permutation(clips)


def _alike(clips: list[Clip]) -> list[Clip]:
    for clip in clips:
        if clip.shape[3] != clips[0].shape[3]:
            raise ValueError(
                f"clips of one batch have {clips[0].shape[3]} and {clip.shape[3]} channels: "
                "PipelineConfig(channels=1) makes all of them grey"
            )
        if clip.shape != clips[0].shape:
            sizes = " and ".join(f"{height} x {width}" for _, height, width, _ in (clips[0].shape, clip.shape))
            raise ValueError(
                f"clips of one batch have frames of {sizes} pixels: "
                "PipelineConfig(size=(height, width)) makes all of them one size"
            )
    return clips
