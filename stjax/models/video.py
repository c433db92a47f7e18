"""Video networks that answer from the last T frames, each with a clip and a step face.

No layer pads in time. So a clip of T frames gives one answer, and a stream gives for every frame exactly what the clip
face gives for the last T frames, once T frames are in (a recurrent network's stream remembers more; see `GRUNet`).

All are built from one `VideoConfig`; they differ in where they look along time. `stjax.models.vectors` has those that
look at one vector per frame.
"""

from stjax.models.config import Block, VideoConfig, spread
from stjax.nn import (
    Composite,
    Conv,
    Conv2Plus1D,
    Conv3D,
    Dense,
    Dropout,
    Flatten,
    InvertedResidual,
    Layer,
    SeparableConv3D,
    Sequential,
    TemporalConv,
    TemporalPool,
    TemporalShift,
)


class VideoNet(Composite):
    """Base of the networks below: a backbone, then the head. A subclass defines `backbone`.

    Args:
      config: sizes.
    """

    config: VideoConfig

    def backbone(self) -> list[Layer]:
        """The layers before the head."""
        raise NotImplementedError

    def network(self, channels: int) -> Layer:
        return Sequential((*self.backbone(), *self._head()))

    def _stem(self) -> Conv:
        config = self.config
        return Conv(
            config.stem,
            3,
            stride=config.stem_stride,
            batch_norm=config.batch_norm,
            activation=config.activation,
            name="stem",
        )

    def _block(self, index: int, temporal: Layer | None = None) -> Layer:
        block = self.config.blocks[index]
        return InvertedResidual(
            block.features,
            block.kernel,
            block.stride,
            block.expansion,
            temporal=temporal,
            batch_norm=self.config.batch_norm,
            activation=self.config.activation,
            name=f"block{index}",
        )

    def _head(self) -> list[Layer]:
        config = self.config
        layers: list[Layer] = [Flatten(name="flatten")]
        if config.dropout:
            layers.append(Dropout(config.dropout, name="dropout"))
        layers += [Dense(width, activation="relu", name=f"dense{i}") for i, width in enumerate(config.hidden)]
        return [*layers, Dense(config.classes, name="logits")]


class StreamTinyNet(VideoNet):
    """g on each frame, then h on the last T results: TemporalConv, flatten, dense.

    A streamed frame costs g once; the state is a ring of T - 1 feature maps, to which the new one comes.

    Reference: Shalby, Pavan and Roveri, "StreamTinyNet", 2024 (arXiv 2407.17524).
    """

    def backbone(self) -> list[Layer]:
        config = self.config
        blocks = [self._block(i) for i in range(len(config.blocks))]
        temporal = TemporalConv(config.frames, config.multiplier, time="valid", activation="relu", name="temporal")
        return [self._stem(), *blocks, temporal]


class FrameByFrame(VideoNet):
    """The same backbone and head on one frame; `frames` and `multiplier` of the configuration have no effect."""

    def backbone(self) -> list[Layer]:
        return [self._stem(), *(self._block(i) for i in range(len(self.config.blocks)))]


class OrderFreeNet(VideoNet):
    """The same features per frame, averaged over T frames: it sees all of them, but not which came first."""

    def backbone(self) -> list[Layer]:
        blocks = [self._block(i) for i in range(len(self.config.blocks))]
        return [self._stem(), *blocks, TemporalPool(self.config.frames, "mean", time="valid", name="pool")]


class TSMNet(VideoNet):
    """The same backbone with a temporal shift in every block. T - 1 is spread over the blocks as distances.

    Reference: Lin, Gan and Han, "TSM: Temporal Shift Module", 2019.
    """

    def backbone(self) -> list[Layer]:
        distances = spread(self.config.frames - 1, len(self.config.blocks))
        return [self._stem(), *(self._block(i, self._shift(i, distance)) for i, distance in enumerate(distances))]

    def _shift(self, index: int, distance: int) -> Layer | None:
        return TemporalShift(4, distance, time="valid", name=f"shift{index}") if distance else None


class Conv3DNet(VideoNet):
    """A 3-D convolution for every block. Their kernels reach T - 1 frames back together."""

    def backbone(self) -> list[Layer]:
        taps = spread(self.config.frames - 1, len(self.config.blocks))
        return [self._stem(), *map(self._stage, range(len(taps)), self.config.blocks, taps)]

    def _stage(self, index: int, block: Block, back: int) -> Layer:
        return Conv3D(
            block.features,
            (back + 1, block.kernel, block.kernel),
            stride=block.stride,
            time="valid",
            batch_norm=self.config.batch_norm,
            activation=self.config.activation,
            name=f"block{index}",
        )


class Conv2Plus1DNet(Conv3DNet):
    """A (2+1)-D convolution for every block. Their kernels reach T - 1 frames back together."""

    def _stage(self, index: int, block: Block, back: int) -> Layer:
        return Conv2Plus1D(
            block.features,
            (back + 1, block.kernel, block.kernel),
            middle=block.features,
            stride=block.stride,
            time="valid",
            batch_norm=self.config.batch_norm,
            middle_activation=self.config.activation,
            activation=self.config.activation,
            name=f"block{index}",
        )


class SeparableConv3DNet(Conv3DNet):
    """A depthwise-separable 3-D convolution for every block. Their kernels reach T - 1 frames back together."""

    def _stage(self, index: int, block: Block, back: int) -> Layer:
        return SeparableConv3D(
            block.features,
            (back + 1, block.kernel, block.kernel),
            stride=block.stride,
            time="valid",
            batch_norm=self.config.batch_norm,
            middle_activation=self.config.activation,
            activation=self.config.activation,
            name=f"block{index}",
        )
