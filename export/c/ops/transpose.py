"""TRANSPOSE as a call of stj_move."""

from export.c.move import emit

__all__ = ["emit"]
