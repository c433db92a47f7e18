"""MAX_POOL_2D for Helium."""

from verify.targets.portable.max_pool_2d import MaxPool2DKernel


class MaxPool2DMve(MaxPool2DKernel):
    """Sixteen channels at a time."""

    name = "stj_max_pool_2d_s8_mve"
    features = frozenset({"mve"})
