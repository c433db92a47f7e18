"""SPLIT, SPLIT_V and UNPACK as a call of stj_move."""

from export.c.move import emit

__all__ = ["emit"]
