"""MAX_POOL_2D as a call of stj_max_pool_2d_s8."""

from export.c.call import KernelCall
from export.c.pooling import pool_call
from verify.graph.graph import Node
from verify.ops.max_pool_2d import MaxPool2D


def emit(node: Node, prefix: str) -> KernelCall:
    op = node.op
    assert isinstance(op, MaxPool2D)
    return pool_call("stj_max_pool_2d_s8", op.geometry, op.low, op.high, op.tile_wise)
