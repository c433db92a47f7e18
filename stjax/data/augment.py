"""Random changes of training clips that keep the label true, or change it as the clip changes."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int32

from stjax.data import frames
from stjax.data.frames import Clip
from stjax.data.symmetry import Symmetry, relabelled, ruled_out

Labels = int | np.int32 | Int32[np.ndarray, " time"]
"""Of a clip, or of each of its frames."""


@dataclass(frozen=True)
class Augment:
    """What may happen to a clip in training. All frames of a clip change alike; the default is nothing.

    Args:
      horizontal_flip, vertical_flip, reverse: each with probability 1/2, label included. A clip whose label, or of
        whose frames one label, the dataset's table rules out is left as it is.
      shift: largest move of the picture along each axis, in pixels after resizing; what comes in is 0.
      gain: grey values are multiplied by a factor in [1 - gain, 1 + gain].
      noise: standard deviation of Gaussian noise, in grey levels, drawn for each pixel of each frame.
      transpose: with probability 1/2 rows become columns, label included; with both flips, each of the eight turns and
        mirror images of a picture is as likely. Frames must be square after resizing.

    Raises:
      ValueError: if a field is out of range.
    """

    horizontal_flip: bool = False
    vertical_flip: bool = False
    reverse: bool = False
    shift: int = 0
    gain: float = 0.0
    noise: float = 0.0
    transpose: bool = False

    def __post_init__(self) -> None:
        if self.shift < 0 or self.noise < 0 or not 0 <= self.gain < 1:
            raise ValueError(
                f"`shift` (={self.shift}) and `noise` (={self.noise}) may not be negative, "
                f"and `gain` (={self.gain}) must lie in [0, 1)"
            )


def augment(
    clip: Clip, labels: Labels, config: Augment, symmetry: Symmetry, rng: np.random.Generator
) -> tuple[Clip, Labels]:
    """The changed clip and its label, or its frames' labels. Every frame stays uint8, so it is one that the sensor
    could have given."""
    for wanted, table, change in (
        (config.horizontal_flip, symmetry.horizontal_flip, frames.flip_horizontal),
        (config.vertical_flip, symmetry.vertical_flip, frames.flip_vertical),
        (config.reverse, symmetry.reversal, _reverse),
        (config.transpose, symmetry.transposition, frames.transpose),
    ):
        if wanted and rng.random() < 0.5 and not ruled_out(labels, table):
            clip, labels = change(clip), relabelled(labels, table)
            labels = _reverse(labels) if change is _reverse and np.ndim(labels) else labels
    if config.shift:
        rows, columns = rng.integers(-config.shift, config.shift + 1, 2)
        clip = frames.shift(clip, int(rows), int(columns))
    if config.gain:
        clip = frames.scale_grey(clip, rng.uniform(1 - config.gain, 1 + config.gain))
    if config.noise:
        noisy = clip + rng.normal(0, config.noise, clip.shape)
        clip = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    return clip, labels


def _reverse(values: np.ndarray) -> np.ndarray:
    return values[::-1]
