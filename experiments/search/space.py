"""What is searched: architectures as choices of a trial, and the same architectures as configs that `stjax` trains."""
# pyright: reportMissingImports=false

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from stjax.models import Block, Named, VideoConfig, presets
from stjax.nn.layer import FrameShape


class Chooser(Protocol):
    """What a trial of Optuna has, as far as it is used here."""

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1) -> int: ...

    def suggest_categorical(self, name: str, choices: Any) -> Any: ...


@dataclass(frozen=True)
class Candidate:
    """An architecture.

    Args:
      family: of `stjax.models.presets.FAMILIES`.
      config: its sizes; frames are resized to config.frame_shape.
      stride: frames of the recording between two that the network sees, where neighbours are sampled.
    """

    family: str
    config: VideoConfig
    stride: int = 1

    @property
    def name(self) -> str:
        """The family and eight digits that only this architecture has."""
        return f"{self.family}-{hashlib.sha256(repr(self).encode()).hexdigest()[:8]}"

    @property
    def network(self) -> Named:
        model = presets.FAMILIES[self.family](self.config)
        return Named(self.name, model, model.warmup_frames + 1, self.config.frame_shape)


@dataclass(frozen=True)
class Range:
    """Whole numbers from `low` to `high`, `step` apart."""

    low: int
    high: int
    step: int = 1

    def of(self, trial: Chooser, name: str) -> int:
        return trial.suggest_int(name, self.low, self.high, step=self.step)

    def __contains__(self, value: int) -> bool:
        return self.low <= value <= self.high and (value - self.low) % self.step == 0


@dataclass(frozen=True)
class Space:
    """StreamTinyNet's space, and that of its competitors.

    Args:
      frame: height, width, channels of the dataset's frames.
      classes: of the dataset.
      families: names; more than one are a choice of each trial.
      frames: T.
      strides: of frames in time.
      scales: sides of the frame that the network sees, as percent of the dataset's.
      stem: output channels of the first convolution.
      stem_strides: of it.
      blocks: how many.
      features: output channels of a block.
      expansion: of a block.
      kernels: of a block.
      multiplier: temporal filters per feature map.
      units: width of the vector per frame of recurrent and dilated networks.
      hidden: width of the dense layer before the last; its lowest value is none.
    """

    frame: FrameShape
    classes: int
    families: tuple[str, ...] = ("streamtinynet",)
    frames: tuple[int, ...] = (4, 6, 8, 10, 12, 16)
    strides: tuple[int, ...] = (1,)
    scales: tuple[int, ...] = (100, 75, 50)
    stem: Range = Range(4, 24, 2)
    stem_strides: tuple[int, ...] = (1, 2)
    blocks: Range = Range(1, 4)
    features: Range = Range(4, 48, 4)
    expansion: Range = Range(1, 6)
    kernels: tuple[int, ...] = (3, 5)
    multiplier: Range = Range(1, 3)
    units: Range = Range(8, 64, 8)
    hidden: Range = Range(0, 64, 8)

    def candidate(self, trial: Chooser) -> Candidate:
        """What a trial chooses. Only what the chosen family reads is asked for."""
        family = self._one_of(trial, "family", self.families)
        scale = self._one_of(trial, "scale", self.scales)
        reads = READ_BY.get(family, frozenset())
        count = self.blocks.of(trial, "blocks")
        height, width, channels = self.frame
        hidden = self.hidden.of(trial, "hidden")
        config = VideoConfig(
            height=max(1, height * scale // 100),
            width=max(1, width * scale // 100),
            channels=channels,
            classes=self.classes,
            frames=self._one_of(trial, "frames", self.frames),
            stem=self.stem.of(trial, "stem"),
            stem_stride=self._one_of(trial, "stem_stride", self.stem_strides),
            blocks=tuple(self._block(trial, k, "expansion" in reads) for k in range(count)),
            hidden=(hidden,) if hidden > self.hidden.low else (),
            **{name: getattr(self, name).of(trial, name) for name in ("multiplier", "units") if name in reads},
        )
        return Candidate(family, config, self._one_of(trial, "stride", self.strides))

    def choices(self, candidate: Candidate) -> dict[str, Any] | None:
        """What a trial has to choose to make this architecture; None where the space has no such choice."""
        recorder = _Recorder(self, candidate)
        return recorder.choices if self.candidate(recorder) == candidate and not recorder.outside else None

    def _block(self, trial: Chooser, index: int, expands: bool) -> Block:
        name = f"block{index}"
        return Block(
            self.features.of(trial, f"{name}.features"),
            trial.suggest_int(f"{name}.stride", 1, 2),
            *((self.expansion.of(trial, f"{name}.expansion"),) if expands else ()),
            kernel=self._one_of(trial, f"{name}.kernel", self.kernels),
        )

    @staticmethod
    def _one_of(trial: Chooser, name: str, choices: tuple[Any, ...]) -> Any:
        return choices[0] if len(choices) == 1 else trial.suggest_categorical(name, list(choices))


READ_BY = {
    "streamtinynet": frozenset({"expansion", "multiplier"}),
    "framebyframe": frozenset({"expansion"}),
    "orderfree": frozenset({"expansion"}),
    "tsm": frozenset({"expansion"}),
    "gru": frozenset({"expansion", "units"}),
    "tcn": frozenset({"expansion", "units"}),
}
"""Fields of the config that a family's networks depend on, besides those of all: others stay as they are, so that two
trials of one network are the same candidate. 3-D convolutions read neither."""


class _Recorder:
    """A trial that chooses what makes a given candidate, as far as it can."""

    def __init__(self, space: Space, candidate: Candidate):
        config = candidate.config
        scales = (s for s in space.scales if max(1, space.frame[0] * s // 100) == config.height)
        self._wanted: dict[str, Any] = {
            "family": candidate.family,
            "scale": next(scales, None),
            "blocks": len(config.blocks),
            "hidden": sum(config.hidden),
            "stride": candidate.stride,
            **{name: getattr(config, name) for name in ("frames", "stem", "stem_stride", "multiplier", "units")},
        }
        for k, block in enumerate(config.blocks):
            self._wanted |= {f"block{k}.{name}": value for name, value in vars(block).items()}
        self.choices: dict[str, Any] = {}
        self.outside = False

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1) -> int:
        return self._take(name, lambda value: value in Range(low, high, step), low)

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        return self._take(name, lambda value: value in choices, choices[0])

    def _take(self, name: str, fits: Callable[[Any], bool], otherwise: Any) -> Any:
        value = self._wanted.get(name)
        if value is None or not fits(value):
            self.outside, value = True, otherwise
        self.choices[name] = value
        return value
