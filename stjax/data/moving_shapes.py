"""Generated video: the same objects in opposite motions, where no single frame tells one class from another.

An object moves on a torus: what leaves on the right comes in on the left, and what has grown to the largest size
starts again with the smallest. Column, row and size are therefore positions on circles of integers, and each starts
anywhere with equal probability. Then, in every class and at every time, the frame is drawn from one and the same
distribution, and the class is only in how the next frame follows from this one.

    column = x0 + t * speed mod (side * SUBPIXELS)     left, right
    row    = y0 + t * speed mod (side * SUBPIXELS)     up, down
    size   = s0 + t * speed mod SIZES                  expanding, shrinking

A clip played backwards is exactly a clip of the opposite class, and each clip drawn comes with this copy, so the frames
of opposite classes agree one by one even in a finite sample.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32, UInt8

from stjax.data.clips import ClipSet, clip_set
from stjax.data.symmetry import Symmetry

CLASSES = ("left", "right", "up", "down", "expanding", "shrinking")
SYMMETRY = Symmetry.of(
    CLASSES,
    horizontal_flip=[("left", "right")],
    vertical_flip=[("up", "down")],
    reversal=[("left", "right"), ("up", "down"), ("expanding", "shrinking")],
    transposition=[("left", "up"), ("right", "down")],
)
SHAPES = ("disc", "square", "diamond", "ring", "cross")
SPLITS = ("train", "validation", "test")

SUBPIXELS = 16
SIZES = 256

# Motion -> which circle it moves on, and in which direction.
_CIRCLES = {
    "left": ("x", -1),
    "right": ("x", 1),
    "up": ("y", -1),
    "down": ("y", 1),
    "expanding": ("size", 1),
    "shrinking": ("size", -1),
}
# Per frame: 1 to 2.5 pixels, and a sixteenth to an eighth of all sizes. Far from half a circle, where directions blur.
_SPEEDS = {"x": (16, 40), "y": (16, 40), "size": (16, 32)}


@dataclass(frozen=True)
class MovingShapesConfig:
    """Size of the data set. Each number of clips must be a multiple of the number of classes (six).

    Args:
      side: height and width of a frame, in pixels.
      frames: frames per clip.
      train, validation, test: clips per split.
      noise: standard deviation of the noise on each pixel of each frame, in grey levels.
      seed: draws everything.

    Raises:
      ValueError: if a number of clips is not such a multiple, or a size is too small to move in.
    """

    side: int = 32
    frames: int = 16
    train: int = 3000
    validation: int = 600
    test: int = 600
    noise: float = 6.0
    seed: int = 0

    def __post_init__(self) -> None:
        for split in SPLITS:
            if getattr(self, split) < 1 or getattr(self, split) % len(CLASSES):
                raise ValueError(f"`{split}` (={getattr(self, split)}) must be a multiple of {len(CLASSES)}, not 0")
        if self.side < 8 or self.frames < 1:
            raise ValueError(f"`side` (={self.side}) must be at least 8 and `frames` (={self.frames}) at least 1")


@dataclass(frozen=True)
class Scene:
    """All that a clip shows, apart from noise. x, y and size are those of the first frame, on their circles."""

    motion: str
    shape: str
    x: int
    y: int
    size: int
    speed: int
    foreground: int
    background: int

    def reversed(self, side: int, frames: int) -> "Scene":
        """The scene of the opposite class that shows these frames from last to first."""
        circle, _ = _CIRCLES[self.motion]
        last = int(positions(self, circle, side, frames)[-1])
        opposite = SYMMETRY.reversal[CLASSES.index(self.motion)]
        assert opposite is not None
        return replace(self, motion=CLASSES[opposite], **{circle: last})


def draw_scene(motion: str, side: int, rng: np.random.Generator) -> Scene:
    """A scene of that class. Nothing but the direction depends on which of two opposite classes it is."""
    circle, _ = _CIRCLES[motion]
    background = int(rng.integers(0, 192))
    return Scene(
        motion=motion,
        shape=str(rng.choice(SHAPES)),
        x=int(rng.integers(side * SUBPIXELS)),
        y=int(rng.integers(side * SUBPIXELS)),
        size=int(rng.integers(SIZES)),
        speed=int(rng.integers(_SPEEDS[circle][0], _SPEEDS[circle][1] + 1)),
        foreground=int(rng.integers(background + 64, 256)),
        background=background,
    )


def positions(scene: Scene, circle: str, side: int, frames: int) -> np.ndarray:
    """Where the scene is on a circle ("x", "y" or "size"), per frame."""
    moving, direction = _CIRCLES[scene.motion]
    step = direction * scene.speed if circle == moving else 0
    return (getattr(scene, circle) + step * np.arange(frames)) % (SIZES if circle == "size" else side * SUBPIXELS)


def render(scene: Scene, side: int, frames: int) -> UInt8[np.ndarray, "frames side side 1"]:
    """The clip without noise. A frame depends on its own positions only, so equal positions give equal bytes."""
    smallest, largest = 0.09 * side, 0.3 * side
    radius = smallest + (largest - smallest) * positions(scene, "size", side, frames) / (SIZES - 1)
    dx = _distances(positions(scene, "x", side, frames), side)[:, None, :]
    dy = _distances(positions(scene, "y", side, frames), side)[:, :, None]
    outside = _signed_distance(scene.shape, np.abs(dx), np.abs(dy), radius[:, None, None].astype(np.float32))
    covered = np.clip(0.5 - outside, 0, 1)
    grey = scene.background + (scene.foreground - scene.background) * covered
    return np.rint(grey).astype(np.uint8)[..., None]


def _distances(centre: np.ndarray, side: int) -> Float32[np.ndarray, "frames side"]:
    """From the centre to each pixel, the shorter way round, in pixels."""
    circumference = side * SUBPIXELS
    away = np.arange(side) * SUBPIXELS - centre[:, None]
    wrapped = (away + circumference // 2) % circumference - circumference // 2
    return (wrapped / SUBPIXELS).astype(np.float32)


def _signed_distance(shape: str, dx: np.ndarray, dy: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """How far a point lies outside the shape, in pixels; negative inside. `dx` and `dy` are not negative."""
    if shape == "disc":
        return np.hypot(dx, dy) - radius
    if shape == "square":
        return np.maximum(dx, dy) - 0.9 * radius
    if shape == "diamond":
        return (dx + dy - 1.2 * radius) / np.sqrt(np.float32(2))
    if shape == "ring":
        return np.abs(np.hypot(dx, dy) - 0.75 * radius) - 0.3 * radius
    assert shape == "cross"
    across, along = np.minimum(dx, dy), np.maximum(dx, dy)
    return np.maximum(along - radius, across - radius / 3)


def generate(config: MovingShapesConfig, split: str) -> ClipSet:
    """One split. Clips 2i and 2i + 1 are each other's reversal; classes are equally frequent."""
    rng = np.random.default_rng((config.seed, SPLITS.index(split)))
    clips, labels = [], []
    for pair in range(getattr(config, split) // 2):
        motion = CLASSES[2 * pair % len(CLASSES)]
        clean = render(draw_scene(motion, config.side, rng), config.side, config.frames)
        clip = np.clip(np.rint(clean + rng.normal(0, config.noise, clean.shape)), 0, 255).astype(np.uint8)
        label = CLASSES.index(motion)
        clips += [clip, clip[::-1]]
        labels += [label, SYMMETRY.reversal[label]]
    return clip_set(clips, labels, CLASSES, SYMMETRY)
