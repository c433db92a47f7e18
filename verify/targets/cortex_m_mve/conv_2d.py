"""CONV_2D for Helium: single pixels where they lie."""

from collections.abc import Mapping, Sequence

import numpy as np

from verify.graph.graph import Node
from verify.ops.arithmetic import Intermediate, Stored
from verify.ops.conv_2d import Conv2D
from verify.targets.call import Field
from verify.targets.cortex_m_mve.products import Products, restored_products, stored_words
from verify.targets.cortex_m_mve.rescaling import (
    accumulator,
    folded_bias,
    holds,
    lane_shifts,
    restored_shifts,
    shifts_fit,
    takes_halves,
    unfolded_bias,
)
from verify.targets.portable.base import Portable

INT8: Stored = (-128, 127)


class Conv2D1x1Mve(Portable[Conv2D]):
    """1 x 1 without padding or groups, any stride."""

    name = "stj_conv_2d_1x1_s8_mve"
    operator = Conv2D
    params_type = "stj_conv_2d_1x1_mve_params"
    features = frozenset({"helium"})

    def runs(self, node: Node) -> bool:
        op = node.op
        if not isinstance(op, Conv2D) or op.groups != 1 or op.geometry.kernel != (1, 1) or op.padding is not None:
            return False
        return shifts_fit(op.rescale) and holds(self.intermediates(node, [INT8]))

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        op = self.op(node)
        return accumulator(op.weights.reshape(len(op.weights), -1), op.bias, op.input_zero_point, op.rescale, stored[0])

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        weights = op.weights.reshape(len(op.weights), -1)
        bias = folded_bias(weights, op.bias, op.input_zero_point)
        return {"weights": stored_words(Products(weights, bias, op.rescale.multiplier, lane_shifts(op.rescale)))}

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        found = restored_products(arrays["weights"], len(op.weights), op.weights[0].size)
        own = {
            "weights": found.weights.reshape(op.weights.shape),
            "bias": unfolded_bias(found.weights, found.bias, op.input_zero_point),
            "multiplier": found.multiplier,
            "shift": restored_shifts(found.shift, op.rescale),
        }
        return {name: own[name] for name in op.constants}

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        g = op.geometry
        fields: dict[str, Field] = {"weights": "weights"}
        fields |= dict(zip(("in_h", "in_w", "in_c"), g.input_shape[1:], strict=True))
        fields |= dict(zip(("out_h", "out_w", "out_c"), g.output_shape[1:], strict=True))
        fields |= {"stride_h": g.stride[0], "stride_w": g.stride[1], "out_zero_point": op.rescale.zero_point}
        fields |= {"out_min": op.rescale.low, "out_max": op.rescale.high}
        return fields | {"halves": int(takes_halves(op.rescale))}
