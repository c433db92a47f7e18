"""The parameters that both poolings take (stj_pool_2d.h)."""

from collections.abc import Mapping
from typing import TypeVar

from verify.graph.graph import Node
from verify.ops.pooling import Pool
from verify.targets.call import Field
from verify.targets.portable.base import Portable

T = TypeVar("T", bound=Pool)


class PortablePool(Portable[T]):
    """Kernels that take a window's values in any order, leaving out what is not on the image."""

    params_type = "stj_pool_2d_params"

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        g = op.geometry
        fields: dict[str, Field] = dict(zip(("in_h", "in_w", "channels"), g.input_shape[1:], strict=True))
        fields |= {"out_h": g.output_shape[1], "out_w": g.output_shape[2]}
        fields |= {"kernel_h": g.kernel[0], "kernel_w": g.kernel[1], "stride_h": g.stride[0], "stride_w": g.stride[1]}
        return fields | {"pad_top": g.top, "pad_left": g.left, "out_min": op.low, "out_max": op.high}
