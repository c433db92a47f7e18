"""The base of all layers that look along time: window, padding, history and delay, stated once."""

import jax

from stjax.nn import history
from stjax.nn.functional import pad_time
from stjax.nn.layer import FrameShape, Layer, Live, State

# "causal": output t reads frames up to t. "centred": it reads as many after t as before. Both put zeros outside the
# clip. "valid": causal without padding, so a window of T frames gives one output; this is what is deployed.
TimeMode = str
_MODES = ("causal", "centred", "valid")


class TimeLayer(Layer, kw_only=True):
    """Output t reads frames t - span, t - span + spacing, ..., t (for "centred", as many steps later as it has delay).

    Both faces go through one function, `_valid`: the clip face gives it the padded clip, a step gives it the window
    that ends with the newest frame. That is why they agree.

    A subclass gives `taps` and `spacing`, and defines `_valid` and `output_shape`.

    Args:
      time: "causal", "centred" or "valid" (see `TimeMode`).
    """

    time: TimeMode = "causal"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.time not in _MODES:
            raise ValueError(f'{self.label}: time "{self.time}" is none of {", ".join(_MODES)}')
        for name, value in (("taps", self.taps), ("dilation", self.spacing)):
            if value < 1:
                raise ValueError(f"{self.label}: {name} along time (={value}) must be at least 1")

    @property
    def taps(self) -> int:
        """Frames that one output reads."""
        raise NotImplementedError

    @property
    def spacing(self) -> int:
        """Frames from one tap to the next."""
        return 1

    @property
    def span(self) -> int:
        """Frames between the oldest and the newest that one output reads; the history's length."""
        return (self.taps - 1) * self.spacing

    @property
    def delay_frames(self) -> int:
        return (self.taps - 1) // 2 * self.spacing if self.time == "centred" else 0

    @property
    def warmup_frames(self) -> int:
        return self.span if self.time == "valid" else 0

    @property
    def masks(self) -> bool:
        return self.span > 0 and self.time != "valid"

    def init_state(self, frame_shape: FrameShape, track: bool = False) -> State:
        self.output_shape(frame_shape)
        # A causal layer's output is live when its newest frame is: there is nothing to remember.
        return history.empty(self.span, frame_shape, track and self.time != "causal")

    def _valid(self, clip: jax.Array) -> jax.Array:
        """[count + span, *frame] to [count, *frame_out], without padding along time."""
        raise NotImplementedError

    def _clip(self, clip: jax.Array) -> jax.Array:
        if len(clip) <= self.warmup_frames:
            raise ValueError(
                f"{self.label}: {len(clip)} frames are too few; without padding along time it needs at least "
                f"{self.warmup_frames + 1}"
            )
        self.output_shape(clip.shape[1:])
        after = self.delay_frames
        before = self.span - after - self.warmup_frames
        return self._valid(pad_time(clip, before, after))

    def _advance(self, state: State, frame: jax.Array, live: Live) -> tuple[State, jax.Array, Live]:
        self.output_shape(frame.shape)
        state, window = history.push(state, frame, live, self.masks)
        return state, self._valid(window.frames)[0], self._live_output(window, live)

    def _live_output(self, window: history.Recent, live: Live) -> Live:
        if window.live is None:
            return live
        if self.time == "valid":
            return window.live[:: self.spacing].all()
        return window.live[-1 - self.delay_frames]
