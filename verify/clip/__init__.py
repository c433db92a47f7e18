"""Time: the program of one frame, derived from a clip model."""

from verify.clip.per_frame import per_frame, time_axis
from verify.clip.refuse import NotAClipError

__all__ = ["NotAClipError", "per_frame", "time_axis"]
