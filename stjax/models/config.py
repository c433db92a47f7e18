"""Description of a video network: input, backbone, how far it looks back, head. All models here are built from it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """One block of the backbone.

    Args:
      features: output channels.
      stride: of height and width.
      expansion: channels inside an inverted residual, as a multiple of the input's. Ignored by 3-D convolutions.
      kernel: taps of height and width.
    """

    features: int
    stride: int = 1
    expansion: int = 3
    kernel: int = 3


@dataclass(frozen=True)
class VideoConfig:
    """A network that turns the last `frames` frames into one answer.

    Args:
      height, width, channels: of a frame, in pixels.
      classes: outputs.
      frames: T, how many frames one answer depends on.
      stem: output channels of the first 3 x 3 convolution.
      stem_stride: its stride.
      blocks: the rest of the backbone.
      multiplier: StreamTinyNet's temporal filters per feature map.
      units: width of the vector per frame at which recurrent and dilated networks look.
      hidden: widths of dense layers before the last.
      dropout: share of the features that training drops before the first dense layer.
      batch_norm: normalize after every convolution (`stjax.nn.fold_batch_norm` removes it).
      activation: of the convolutions.

    Raises:
      ValueError: if `frames` or a size is not positive, or there is no block.
    """

    height: int
    width: int
    channels: int
    classes: int
    frames: int
    stem: int
    blocks: tuple[Block, ...]
    stem_stride: int = 2
    multiplier: int = 2
    units: int = 16
    hidden: tuple[int, ...] = ()
    dropout: float = 0.0
    batch_norm: bool = False
    activation: str = "relu6"

    def __post_init__(self) -> None:
        for name in ("height", "width", "channels", "classes", "frames", "stem", "stem_stride", "multiplier", "units"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} (={getattr(self, name)}) must be at least 1")
        if not self.blocks:
            raise ValueError("a network needs at least one block")

    @property
    def frame_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a frame."""
        return self.height, self.width, self.channels

    @property
    def clip_shape(self) -> tuple[int, int, int, int]:
        """The shortest clip that gives an answer."""
        return self.frames, *self.frame_shape


def spread(total: int, parts: int) -> tuple[int, ...]:
    """`total` as a sum of so many numbers that differ by one at most, the larger ones last."""
    low, larger = divmod(total, parts)
    return (low,) * (parts - larger) + (low + 1,) * larger


def doubling(total: int) -> tuple[int, ...]:
    """`total` as 1 + 2 + 4 + ... and what is left."""
    parts: list[int] = []
    while total > sum(parts):
        parts.append(min(1 << len(parts), total - sum(parts)))
    return tuple(parts)
