"""RESIZE_NEAREST_NEIGHBOR by stj_resize_nearest_neighbor."""

from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.ops.resize_nearest_neighbor import ResizeNearestNeighbor
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class ResizeNearestNeighborKernel(Portable[ResizeNearestNeighbor]):
    """Rows, pixel by pixel through two tables of positions; elements of any size."""

    name = "stj_resize_nearest_neighbor"
    operator = ResizeNearestNeighbor
    params_type = "stj_resize_nearest_neighbor_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        return {
            "width": self.op(node).result[2],
            "pixel_bytes": self._pixel(node),
            "rows": "rows",
            "columns": "columns",
        }

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        batch, height, *_ = op.shape
        rows = np.array(op.positions(1), np.int32) + height * np.arange(batch, dtype=np.int32)[:, np.newaxis]
        return {"rows": rows, "columns": np.array(op.positions(2), np.int32) * np.int32(self._pixel(node))}

    def _pixel(self, node: Node) -> int:
        op = self.op(node)
        return op.shape[3] * op.element_bytes
