"""Random changes of training clips that keep the label true, or change it as the clip changes."""

from dataclasses import dataclass

import numpy as np

from stjax.data import frames
from stjax.data.frames import Clip
from stjax.data.symmetry import Symmetry, Table


@dataclass(frozen=True)
class Augment:
    """What may happen to a clip in training. All frames of a clip change alike; the default is nothing.

    Args:
      horizontal_flip, vertical_flip, reverse: each with probability 1/2, label included. A clip whose label the
        dataset's table rules out is left as it is.
      shift: largest move of the picture along each axis, in pixels after resizing; what comes in is 0.
      gain: grey values are multiplied by a factor in [1 - gain, 1 + gain].
      noise: standard deviation of Gaussian noise, in grey levels, drawn for each pixel of each frame.

    Raises:
      ValueError: if a field is out of range.
    """

    horizontal_flip: bool = False
    vertical_flip: bool = False
    reverse: bool = False
    shift: int = 0
    gain: float = 0.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        if self.shift < 0 or self.noise < 0 or not 0 <= self.gain < 1:
            raise ValueError(
                f"`shift` (={self.shift}) and `noise` (={self.noise}) may not be negative, "
                f"and `gain` (={self.gain}) must lie in [0, 1)"
            )


def augment(clip: Clip, label: int, config: Augment, symmetry: Symmetry, rng: np.random.Generator) -> tuple[Clip, int]:
    """The changed clip and its label. Every frame stays uint8, so it is one that the sensor could have given."""
    for wanted, table, change in (
        (config.horizontal_flip, symmetry.horizontal_flip, frames.flip_horizontal),
        (config.vertical_flip, symmetry.vertical_flip, frames.flip_vertical),
        (config.reverse, symmetry.reversal, _reverse),
    ):
        if wanted and rng.random() < 0.5:
            clip, label = _relabelled(clip, label, table, change)
    if config.shift:
        rows, columns = rng.integers(-config.shift, config.shift + 1, 2)
        clip = frames.shift(clip, int(rows), int(columns))
    if config.gain:
        clip = frames.scale_grey(clip, rng.uniform(1 - config.gain, 1 + config.gain))
    if config.noise:
        noisy = clip + rng.normal(0, config.noise, clip.shape)
        clip = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    return clip, label


def _reverse(clip: Clip) -> Clip:
    return clip[::-1]


def _relabelled(clip: Clip, label: int, table: Table, change) -> tuple[Clip, int]:
    new = table[label]
    return (clip, label) if new is None else (change(clip), new)
