"""Functions of one stored 8-bit value: by words where they only turn the highest bit, else by stj_lookup_s8_dsp."""

import math
from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.ops.elementwise import Lookup
from verify.ops.rows import row_shape
from verify.targets.call import Field
from verify.targets.portable.lookup import LookupKernel

HIGHEST_BIT = 0x80


class FlipDspKernel(LookupKernel):
    """Rows and regions, without a table: int8 to uint8 and back, where the scale stays."""

    name = "stj_flip_s8_dsp"
    operator = Lookup
    params_type = "stj_flip_dsp_params"
    features = frozenset({"dsp"})

    def runs(self, node: Node) -> bool:
        if not super().runs(node):
            return False
        table = self.op(node).table.view(np.uint8)
        return np.array_equal(table, np.arange(256, dtype=np.uint8) ^ HIGHEST_BIT)

    def params(self, node: Node) -> Mapping[str, Field]:
        return {"row_bytes": math.prod(row_shape(self.op(node).shape))}

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        return {}


class LookupDspKernel(LookupKernel):
    """Rows and regions, byte by byte through a table."""

    name = "stj_lookup_s8_dsp"
    operator = Lookup
    params_type = "stj_lookup_dsp_params"
    features = frozenset({"dsp"})
