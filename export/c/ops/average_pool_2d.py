"""AVERAGE_POOL_2D as a call of stj_average_pool_2d_s8."""

from export.c.call import KernelCall
from export.c.pooling import pool_call
from verify.graph.graph import Node
from verify.ops.average_pool_2d import AveragePool2D


def emit(node: Node, prefix: str) -> KernelCall:
    op = node.op
    assert isinstance(op, AveragePool2D)
    return pool_call("stj_average_pool_2d_s8", op.geometry, op.low, op.high, op.tile_wise)
