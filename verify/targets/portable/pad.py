"""PAD and PADV2 by stj_pad_s8."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.graph.tensor import DType
from verify.ops.pad import Pad
from verify.ops.rows import five_axes, place_of_axis
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class PadKernel(Portable[Pad]):
    """Copies between runs of the value, byte by byte."""

    name = "stj_pad_s8"
    operator = Pad
    params_type = "stj_pad_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        rank = len(op.input_shape)
        before = [0] * 5
        for axis, count in enumerate(op.before):
            before[place_of_axis(rank, axis)] = count
        return {
            "in_extent": in_bytes(five_axes(op.input_shape), op.dtype),
            "out_extent": in_bytes(five_axes(op.output_shape), op.dtype),
            "before": in_bytes(tuple(before), op.dtype),
            "value": op.value,
        }


def in_bytes(extents: tuple[int, ...], dtype: DType) -> tuple[int, ...]:
    """The last axis counted in bytes."""
    return (*extents[:-1], extents[-1] * dtype.size_bytes)
