"""AVERAGE_POOL_2D for Helium."""

from verify.targets.portable.average_pool_2d import AveragePool2DKernel


class AveragePool2DMve(AveragePool2DKernel):
    """Four channels at a time."""

    name = "stj_average_pool_2d_s8_mve"
    features = frozenset({"mve"})
