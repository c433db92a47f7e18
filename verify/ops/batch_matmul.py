"""BATCH_MATMUL of two int8 activations, either of them transposed, their batches stretched to each other.

Source: tensorflow/lite/micro/kernels/batch_matmul.cc (BatchMatMulPrepare).
"""

from dataclasses import dataclass
from typing import ClassVar, Self

from verify.ops.base import OperatorSource
from verify.ops.operand_checks import operands_of, require_shape, unsupported
from verify.ops.products import Along, Product
from verify.ops.rows import Shape


@dataclass(frozen=True, eq=False)
class BatchMatmul(Product):
    """Sums of products of rows of the first operand and columns of the second one; `adj_x`, `adj_y` exchange them."""

    kind: ClassVar[str] = "BATCH_MATMUL"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        x, y = operands_of(source, 2)
        if min(len(x.shape), len(y.shape)) < 2:
            raise unsupported(
                "BATCH_MATMUL of vectors", "operands are matrices, or batches", f"{x.shape} and {y.shape}"
            )
        rank, swapped = max(len(x.shape), len(y.shape)), [bool(source.options.get(name)) for name in ("adj_x", "adj_y")]
        ends = (rank - 2, None), (None, rank - 1)
        along = [
            (*range(rank - len(tensor.shape), rank - 2), *(end[::-1] if swap else end))
            for tensor, end, swap in zip((x, y), ends, swapped, strict=True)
        ]
        extents = [_extents(tensor.shape, own) for tensor, own in zip((x, y), along, strict=True)]
        found = [{extent.get(axis, 1) for extent in extents} for axis in (*range(rank), None)]
        if extents[0][None] != extents[1][None] or any(len(seen - {1}) > 1 for seen in found):
            rule = "what is summed over must be as long in both, and batches equal or 1"
            raise unsupported("BATCH_MATMUL of these shapes", rule, f"{x.shape} and {y.shape}, {swapped}")
        require_shape(source.kind, source.outputs[0], tuple(max(seen) for seen in found[:-1]))
        return cls.of(source, (along[0], along[1]))


def _extents(shape: Shape, along: Along) -> dict[int | None, int]:
    return dict(zip(along, shape, strict=True))
