"""Any operator that is a function of one stored 8-bit value, by stj_lookup_s8."""

import math
from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.graph.tensor import is_image
from verify.ops.elementwise import Lookup
from verify.ops.rows import row_shape
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class LookupKernel(Portable[Lookup]):
    """Rows and regions, byte by byte through a table."""

    name = "stj_lookup_s8"
    operator = Lookup
    params_type = "stj_lookup_params"

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, Lookup) and {node.op.input_dtype.size_bytes, node.op.output_dtype.size_bytes} == {1}

    def tiles(self, node: Node) -> bool:
        return is_image(self.op(node).shape)

    def in_place(self, node: Node) -> frozenset[int]:
        return frozenset({0})

    def params(self, node: Node) -> Mapping[str, Field]:
        return {"row_bytes": math.prod(row_shape(self.op(node).shape)), "table": "table"}

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        return {"table": self.op(node).table.view(np.uint8)}
