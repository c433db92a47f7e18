"""Functions of one stored 8-bit value, for Helium."""

from verify.targets.portable.lookup import LookupKernel


class LookupMve(LookupKernel):
    """Sixteen bytes at a time."""

    name = "stj_lookup_s8_mve"
    features = frozenset({"mve"})
