"""AVERAGE_POOL_2D by stj_average_pool_2d_s8."""

from verify.ops.average_pool_2d import AveragePool2D
from verify.targets.portable.pooling import PortablePool


class AveragePool2DKernel(PortablePool[AveragePool2D]):
    """Rows and regions."""

    name = "stj_average_pool_2d_s8"
    operator = AveragePool2D
