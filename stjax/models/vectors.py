"""Video networks that make one vector of each frame and look along time at vectors only: recurrent, and dilated."""

from stjax.models.config import doubling
from stjax.models.video import VideoNet
from stjax.nn import GRU, Dense, Flatten, Layer, TCNBlock


class VectorNet(VideoNet):
    """Base: the backbone on each frame, a dense layer to `config.units` values, then `over_time`."""

    def backbone(self) -> list[Layer]:
        blocks = [self._block(i) for i in range(len(self.config.blocks))]
        embed = Dense(self.config.units, activation="relu", name="embed")
        return [self._stem(), *blocks, Flatten(name="features"), embed, *self.over_time()]

    def over_time(self) -> list[Layer]:
        """Layers on vectors that look T - 1 frames back together."""
        raise NotImplementedError


class GRUNet(VectorNet):
    """A gated recurrent unit over the vectors of T frames.

    A clip of T frames gives the answer for these alone. The step face goes on remembering: its answers are those of the
    clip that began with the stream. The exported model's program of one frame answers for the last T frames; it runs
    the cell T times per frame.
    """

    def over_time(self) -> list[Layer]:
        return [GRU(self.config.units, self.config.frames - 1, name="gru")]


class TCNNet(VectorNet):
    """Blocks of dilated convolutions along time with shortcuts; dilations double until T - 1 frames are reached."""

    def over_time(self) -> list[Layer]:
        return [
            TCNBlock(self.config.units, 2, dilation, time="valid", name=f"time{i}")
            for i, dilation in enumerate(doubling(self.config.frames - 1))
        ]
