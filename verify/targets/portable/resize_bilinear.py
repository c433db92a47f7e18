"""RESIZE_BILINEAR by stj_resize_bilinear_s8."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.resize_bilinear import ResizeBilinear
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class ResizeBilinearKernel(Portable[ResizeBilinear]):
    """Rows and regions."""

    name = "stj_resize_bilinear_s8"
    operator = ResizeBilinear
    params_type = "stj_resize_bilinear_params"

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        fields = dict(zip(("in_h", "in_w"), op.shape[1:3], strict=True))
        fields |= dict(zip(("out_h", "out_w", "channels"), op.result[1:], strict=True))
        fields |= {"scale_h": op.scale(1), "scale_w": op.scale(2)}
        return fields | {"offset_h": op.offset(1), "offset_w": op.offset(2)}
