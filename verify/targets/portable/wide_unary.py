"""Functions of one int16 value by stj_slopes_s16 and stj_curve_s16, and SOFTMAX by stj_softmax_s16."""

import math
from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from verify.graph.graph import Node
from verify.ops.rows import row_shape
from verify.ops.wide.curves import Curve, WideTanh
from verify.ops.wide.slopes import Slopes
from verify.ops.wide.softmax import EXPONENTIALS, RECIPROCALS, WideSoftmax
from verify.ops.wide.unary import WideUnary
from verify.targets.call import Field
from verify.targets.portable.base import Portable

T = TypeVar("T", bound=WideUnary)


class PortableUnary(Portable[T]):
    """Kernels that read element i, then write element i."""

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def in_place(self, node: Node) -> frozenset[int]:
        return frozenset({0})


class SlopesKernel(PortableUnary[Slopes]):
    """Rows and regions."""

    name = "stj_slopes_s16"
    operator = Slopes
    params_type = "stj_slopes_s16_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        slopes = {"multiplier": (op.below[0], op.above[0]), "shift": (op.below[1], op.above[1])}
        return {"row_elements": math.prod(row_shape(op.shape)), **slopes, "out_min": op.low, "out_max": op.high}


class CurveKernel(PortableUnary[Curve]):
    """Rows and regions."""

    name = "stj_curve_s16"
    operator = Curve
    params_type = "stj_curve_s16_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        elements = math.prod(row_shape(op.shape))
        hyperbolic = int(isinstance(op, WideTanh))
        return {"row_elements": elements, "factor": op.factor, "shift": op.shift, "hyperbolic": hyperbolic}


class WideSoftmaxKernel(Portable[WideSoftmax]):
    """Rows; a position is read twice before it is written."""

    name = "stj_softmax_s16"
    operator = WideSoftmax
    params_type = "stj_softmax_s16_params"

    def in_place(self, node: Node) -> frozenset[int]:
        return frozenset({0})

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        *positions, classes = row_shape(op.shape)
        tables: dict[str, Field] = {"exponentials": "exponentials", "reciprocals": "reciprocals"}
        sizes = {"width": math.prod(positions), "classes": classes}
        return tables | sizes | {"multiplier": op.factor, "shift": op.shift}

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        return {"exponentials": EXPONENTIALS, "reciprocals": RECIPROCALS}
