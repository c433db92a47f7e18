"""Seeded inputs for the demonstration model. Needs numpy only.

Images are `batch height width channels`.
"""

from collections.abc import Iterator

import numpy as np

IMAGE_SHAPE = (1, 64, 64, 3)
_PATCH = 8


def calibration_images(count: int, seed: int) -> Iterator[np.ndarray]:
    """Float images in [-1, 1] with coarse patches and fine grain, as pictures have; plain noise averages to grey."""
    generator = np.random.default_rng(seed)
    for _ in range(count):
        patches = _enlarge(generator.uniform(-1, 1, _thumbnail_shape()))
        grain = generator.normal(0, 0.1, IMAGE_SHAPE)
        yield np.clip(patches + grain, -1, 1).astype(np.float32)


def golden_inputs(seed: int) -> np.ndarray:
    """Four int8 images, stacked: two of noise over the whole range and two of patches."""
    generator = np.random.default_rng(seed)
    noise = [generator.integers(-128, 128, IMAGE_SHAPE) for _ in range(2)]
    patches = [_enlarge(generator.integers(-128, 128, _thumbnail_shape())) for _ in range(2)]
    return np.stack([*noise, *patches]).astype(np.int8)


def _thumbnail_shape() -> tuple[int, ...]:
    batch, height, width, channels = IMAGE_SHAPE
    return batch, height // _PATCH, width // _PATCH, channels


def _enlarge(thumbnail: np.ndarray) -> np.ndarray:
    return thumbnail.repeat(_PATCH, axis=1).repeat(_PATCH, axis=2)
