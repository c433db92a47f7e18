"""Time: the program of one frame, derived from a clip model."""

from verify.clip.derive import NotAClipError, per_frame

__all__ = ["NotAClipError", "per_frame"]
