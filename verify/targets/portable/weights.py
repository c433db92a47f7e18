"""The arrays and fields that convolutions and fully connected layers have in common: weights as the file has them."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from verify.graph.graph import Node
from verify.ops.weights import Rescale, Weighted
from verify.targets.call import Field
from verify.targets.portable.base import Portable

T = TypeVar("T", bound=Weighted)


class PortableWeights(Portable[T]):
    """Kernels that take weights, biases, multipliers and shifts in the file's order of elements."""

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        own = self.op(node).constants
        return {name: values.astype(np.int8) if name == "shift" else values for name, values in own.items()}

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        own = self.op(node).constants
        return {name: values.reshape(own[name].shape) for name, values in arrays.items() if name in own}

    def pointers(self, node: Node) -> dict[str, Field]:
        """The four fields that point to arrays; the bias's is null where there is none."""
        own = self.stored(node)
        return {name: name if name in own else None for name in ("weights", "bias", "multiplier", "shift")}


def rescale_fields(input_zero_point: int, rescale: Rescale) -> dict[str, Field]:
    """Fields for zero points and the output's range."""
    return {
        "in_zero_point": input_zero_point,
        "out_zero_point": rescale.zero_point,
        "out_min": rescale.low,
        "out_max": rescale.high,
    }
