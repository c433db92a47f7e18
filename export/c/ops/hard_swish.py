"""HARD_SWISH as a call of stj_lookup_s8."""

from export.c.lookup import emit

__all__ = ["emit"]
