"""RESIZE_NEAREST_NEIGHBOR as a call of stj_resize_nearest_neighbor."""

import numpy as np

from export.c.call import Constant, KernelCall
from verify.graph.graph import Node
from verify.ops.resize_nearest_neighbor import ResizeNearestNeighbor


def emit(node: Node, prefix: str) -> KernelCall:
    op = node.op
    assert isinstance(op, ResizeNearestNeighbor)
    batch, height, _, channels = op.shape
    pixel_bytes = channels * op.element_bytes
    rows = np.array(op.positions(1), np.int32) + height * np.arange(batch, dtype=np.int32)[:, np.newaxis]
    columns = np.array(op.positions(2), np.int32) * pixel_bytes
    constants = (Constant(f"{prefix}_rows", "int32_t", rows), Constant(f"{prefix}_columns", "int32_t", columns))
    fields: dict[str, str | int] = {"width": op.result[2], "pixel_bytes": pixel_bytes}
    fields |= {"rows": constants[0].name, "columns": constants[1].name}
    return KernelCall("stj_resize_nearest_neighbor", "stj_resize_nearest_neighbor_params", fields, constants)
