"""A whole training run as data. Two runs of the same config on the same device give the same bits."""
# pyright: reportMissingImports=false

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import flax.linen as nn
import jax
import optax

from stjax.data.datasets import DatasetConfig
from stjax.data.pipeline import PipelineConfig
from stjax.train.losses import Loss

_BOOKKEEPING = {"bookkeeping": True}


@dataclass(frozen=True)
class OptimizerConfig:
    """AdamW with linear warm-up and cosine decay to zero.

    Args:
      learning_rate: at the peak.
      warmup: fraction of all steps in which the rate rises from zero.
      weight_decay: on parameters with two axes or more; biases and scales have none.
      clip_norm: gradients are scaled down to this global norm; None leaves them.
    """

    learning_rate: float = 3e-3
    warmup: float = 0.1
    weight_decay: float = 1e-4
    clip_norm: float | None = 1.0


@dataclass(frozen=True)
class TrainConfig:
    """Model, data, and how one learns the other.

    Args:
      model: a Flax module that maps one clip [time height width channels], values in [0, 1], to logits [classes]; with
        labels of frames to [time, classes]. A tuple of such is several outputs: all are trained, the last is judged.
      dataset: where the clips come from.
      pipeline: windows, augmentation, batch size, labels of clips or of frames.
      optimizer: see there.
      epochs: passes over the training split.
      seed: of parameters, shuffling and augmentation.
      label_smoothing: weight of the uniform distribution in the target of the cross-entropy.
      loss: a `Loss` in place of the cross-entropy.
      metrics: more to measure, by name: functions as a loss is one, of which evaluation gives the means over clips.
      class_weights: how much a label of each class counts in training.
      output_weights: how much each of several outputs counts; None: all alike.
      ema_decay: evaluate and return moving averages of the variables with this decay; None has none.
      train_flag, method: see `from_module`; method="both" trains both answers of `stjax.nn.EarlyExit`.
      checkpoint_every: steps between checkpoints; what a crash can cost.
      keep_checkpoints: the latest so many stay.
      log_every: steps between two points of the logged loss.
      workers: processes that make batches ahead of time, for clips on disk (see `Batches`); the result is the same.
    """

    model: nn.Module
    dataset: DatasetConfig
    pipeline: PipelineConfig
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    epochs: int = 20
    seed: int = 0
    label_smoothing: float = 0.0
    loss: Loss | None = None
    metrics: Mapping[str, Loss] = field(default_factory=dict)
    class_weights: tuple[float, ...] | None = None
    output_weights: tuple[float, ...] | None = None
    ema_decay: float | None = None
    train_flag: str | None = None
    method: str | None = None
    checkpoint_every: int = field(default=200, metadata=_BOOKKEEPING)
    keep_checkpoints: int = field(default=2, metadata=_BOOKKEEPING)
    log_every: int = field(default=20, metadata=_BOOKKEEPING)
    workers: int = field(default=0, metadata=_BOOKKEEPING)

    def __post_init__(self) -> None:
        if self.loss is not None and (self.label_smoothing or self.output_weights is not None):
            raise ValueError(
                "`label_smoothing` and `output_weights` belong to the cross-entropy; a `loss` of your own does both"
            )
        if self.ema_decay is not None and not 0 < self.ema_decay < 1:
            raise ValueError(f"`ema_decay` (={self.ema_decay}) must lie between 0 and 1")
        for name in ("class_weights", "output_weights"):
            if min(getattr(self, name) or (0,)) < 0:
                raise ValueError(f"`{name}` (={getattr(self, name)}) must be at least 0")

    @property
    def per_frame(self) -> bool:
        """Whether frames have labels, and the network answers for each."""
        return self.pipeline.labels == "frame"


def build_optimizer(config: OptimizerConfig, steps: int) -> optax.GradientTransformation:
    """The optimizer for a run of so many steps."""
    warmup = min(round(config.warmup * steps), steps - 1)
    schedule = optax.warmup_cosine_decay_schedule(
        init_value=0.0 if warmup else config.learning_rate,
        peak_value=config.learning_rate,
        warmup_steps=warmup,
        decay_steps=steps,
    )
    adam = optax.adamw(schedule, weight_decay=config.weight_decay, mask=_matrices)
    return adam if config.clip_norm is None else optax.chain(optax.clip_by_global_norm(config.clip_norm), adam)


def _matrices(params: Any) -> Any:
    return jax.tree.map(lambda values: values.ndim > 1, params)
