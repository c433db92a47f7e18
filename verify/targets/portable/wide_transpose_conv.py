"""TRANSPOSE_CONV on int16 by stj_transpose_conv_s16."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.wide.transpose_conv import WideTransposeConv
from verify.targets.call import Field
from verify.targets.kernel import Work
from verify.targets.portable.transpose_conv import transposed_fields, transposed_work
from verify.targets.portable.wide_weights import WideWeights


class WideTransposeConvKernel(WideWeights[WideTransposeConv]):
    """Rows and regions."""

    name = "stj_transpose_conv_s16"
    operator = WideTransposeConv
    params_type = "stj_transpose_conv_s16_params"

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        return transposed_work(self.op(node), self.lanes, rows, columns)

    def params(self, node: Node) -> Mapping[str, Field]:
        return self.pointers(node) | transposed_fields(self.op(node)) | self.scalars(node)
