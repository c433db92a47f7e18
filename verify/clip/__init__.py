"""Time: the program of one frame, derived from a clip model, and of one call, of a model with states."""

from verify.clip.calls import by_call
from verify.clip.per_frame import per_frame, time_axis
from verify.clip.refuse import NotAClipError

__all__ = ["NotAClipError", "by_call", "per_frame", "time_axis"]
