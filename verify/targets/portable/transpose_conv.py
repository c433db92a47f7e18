"""TRANSPOSE_CONV by stj_transpose_conv_s8."""

from collections.abc import Mapping, Set

import numpy as np

from verify.graph.graph import Node
from verify.ops.transpose_conv import TransposeConv
from verify.ops.transposed import Transposed
from verify.targets.call import Field
from verify.targets.kernel import Work
from verify.targets.portable.weights import PortableWeights


class TransposeConvKernel(PortableWeights[TransposeConv]):
    """Rows and regions. Positions have different taps, so that no bias for inputs as stored is the same for all."""

    name = "stj_transpose_conv_s8"
    operator = TransposeConv
    params_type = "stj_transpose_conv_params"

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def names(self, node: Node) -> Set[str]:
        return {"weights", "bias", "multiplier", "shift"}

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        return transposed_work(self.op(node), self.lanes, rows, columns)

    def params(self, node: Node) -> Mapping[str, Field]:
        fields: dict[str, Field] = {name: name for name in ("weights", "bias", "multiplier", "shift")}
        return fields | transposed_fields(self.op(node)) | self.scalars(node)


def transposed_work(op: Transposed, lanes: int, rows: int, columns: int | None) -> Work:
    """Of kernels that compute blocks of so many channels, tap by tap."""
    down, along = (_taps_there(op, axis) for axis in (0, 1))
    positions, blocks = rows * (op.result[2] if columns is None else columns), -(-op.result[3] // lanes)
    taps = positions * blocks * down * along
    return {
        "call": 1,
        "row": rows,
        "position": positions,
        "block": positions * blocks,
        "row of taps": positions * blocks * down,
        "tap": taps,
        "product": taps * op.shape[3],
        "value": positions * op.result[3],
    }


def transposed_fields(op: Transposed) -> dict[str, Field]:
    """Images, window, strides and padding, as the structs of both kernels have them."""
    fields: dict[str, Field] = dict(zip(("in_h", "in_w", "in_c"), op.shape[1:], strict=True))
    fields |= dict(zip(("out_h", "out_w", "out_c"), op.result[1:], strict=True))
    fields |= {"kernel_h": op.kernel[0], "kernel_w": op.kernel[1]}
    fields |= {"stride_h": op.stride[0], "stride_w": op.stride[1]}
    return fields | {"pad_top": op.before[0], "pad_left": op.before[1]}


def _taps_there(op: Transposed, axis: int) -> float:
    """Input positions that a result reads along height (0) or width (1), on the average."""
    first = np.arange(op.shape[1 + axis]) * op.stride[axis] - op.before[axis]
    result = op.result[1 + axis]
    return float((np.clip(first + op.kernel[axis], 0, result) - np.clip(first, 0, result)).sum()) / result
