"""RELU, RELU6 and LEAKY_RELU as a call of stj_lookup_s8."""

from export.c.lookup import emit

__all__ = ["emit"]
