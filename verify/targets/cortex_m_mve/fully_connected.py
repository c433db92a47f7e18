"""FULLY_CONNECTED for Helium."""

import math
from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.graph.tensor import row_count
from verify.ops.fully_connected import FullyConnected
from verify.targets.call import Field
from verify.targets.cortex_m_mve.weighted import WeightedMve, product_work
from verify.targets.kernel import Work


class FullyConnectedMve(WeightedMve[FullyConnected]):
    """Rows of vectors, TFLM's rounding only; one multiplier is stored for each output."""

    name = "stj_fully_connected_s8_mve"
    operator = FullyConnected
    params_type = "stj_fully_connected_mve_params"

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, FullyConnected) and node.op.rounding == "double" and self.exact(node)

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        op = self.op(node)
        channels, depth = op.weights.shape
        return product_work(rows, math.prod(op.output_shape) // channels // row_count(op.output_shape), channels, depth)

    def vectors(self, op: FullyConnected, weights: np.ndarray) -> np.ndarray:
        return weights

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        out_depth, in_depth = op.weights.shape
        vectors = math.prod(op.output_shape) // out_depth // row_count(op.output_shape)
        fields: dict[str, Field] = {"weights": "weights", "in_depth": in_depth, "out_depth": out_depth}
        return fields | {"vectors_per_row": vectors} | self.output_fields(op.rescale)
