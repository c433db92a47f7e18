"""MAX_POOL_2D by stj_max_pool_2d_s8."""

from verify.ops.max_pool_2d import MaxPool2D
from verify.targets.portable.pooling import PortablePool


class MaxPool2DKernel(PortablePool[MaxPool2D]):
    """Rows and regions."""

    name = "stj_max_pool_2d_s8"
    operator = MaxPool2D
