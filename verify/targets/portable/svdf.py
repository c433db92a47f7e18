"""SVDF by stj_svdf_filters_s8 and stj_svdf_s8: what its filters give in a call, and the sum over calls."""

from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.ops.svdf import Svdf
from verify.ops.svdf_filters import Filters
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class SvdfFiltersKernel(Portable[Filters]):
    """Rows."""

    name = "stj_svdf_filters_s8"
    operator = Filters
    params_type = "stj_svdf_filters_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        filters, depth = op.weights.shape
        fields: dict[str, Field] = {"weights": "weights", "bias": "bias", "depth": depth, "filters": filters}
        return fields | {"element_bytes": op.dtype.size_bytes, "multiplier": op.scale[0], "shift": op.scale[1]}

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        return {"weights": op.weights, "bias": -_of_zero_point(op)}

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        same = np.array_equal(arrays.get("bias", ()), -_of_zero_point(op))
        return {"weights": arrays["weights"].reshape(op.weights.shape)} if same else {}


class SvdfKernel(Portable[Svdf]):
    """One row of a ring of calls."""

    name = "stj_svdf_s8"
    operator = Svdf
    params_type = "stj_svdf_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        filters, calls = op.weights.shape
        fields: dict[str, Field] = {"weights": "weights", "bias": None if op.bias is None else "bias"}
        fields |= {"element_bytes": op.filters.dtype.size_bytes, "calls": calls, "vectors": op.filters.vectors}
        fields |= {"filters": filters, "rank": op.rank}
        return fields | {"multiplier": op.scale[0], "shift": op.scale[1], "out_zero_point": op.zero_point}

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        return self.op(node).constants

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        own = self.op(node).constants
        return {name: values.reshape(own[name].shape) for name, values in arrays.items()}


def _of_zero_point(op: Filters) -> np.ndarray:
    """What the vectors' zero point adds to the sum of each filter, modulo 2^32."""
    return (op.zero_point * op.weights.astype(np.int64).sum(axis=1)).astype(np.int32)
