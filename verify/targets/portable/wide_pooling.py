"""AVERAGE_POOL_2D and MAX_POOL_2D on int16 by stj_average_pool_2d_s16 and stj_max_pool_2d_s16."""

from verify.ops.wide.pooling import WideAveragePool2D, WideMaxPool2D
from verify.targets.portable.pooling import PortablePool


class WideAveragePool2DKernel(PortablePool[WideAveragePool2D]):
    """Rows and regions."""

    name = "stj_average_pool_2d_s16"
    operator = WideAveragePool2D


class WideMaxPool2DKernel(PortablePool[WideMaxPool2D]):
    """Rows and regions."""

    name = "stj_max_pool_2d_s16"
    operator = WideMaxPool2D
