"""CONV_2D as products of weights with blocks of three output positions (embedded/include/stj_product_dsp.h)."""

import math
from collections.abc import Iterator, Mapping

from verify.graph.graph import Node
from verify.ops.conv_2d import Conv2D
from verify.targets.call import Field
from verify.targets.cortex_m_dsp.products import PACKED_BITS, UNIT, Layout
from verify.targets.cortex_m_dsp.rescaling import FINEST, accumulators, rescaling
from verify.targets.cortex_m_dsp.weighted import Plan, ProductKernel, clamps, matrix_of
from verify.targets.kernel import Work

BLOCK_PIXELS = 3
BLOCK_BYTES = 64
"""Of stj_block, with the pointers of a host; a Cortex-M needs 40."""

WIDE_WEIGHTS = 4096
"""Up to so many weights of a layer are stored as halfwords."""

WIDE_SHIFTS = (11, 13)
"""Of stj_product_wide_dsp.h. Shifts of small layers lie between 4 and 10, or 6 and 12; bits of 8 to 2 do the rest."""


class ConvProduct(ProductKernel[Conv2D]):
    """Windows without groups by output channels; rows and regions."""

    operator = Conv2D
    params_type = "stj_conv_2d_dsp_params"

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, Conv2D) and node.op.groups == 1 and super().runs(node)

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def in_place(self, node: Node) -> frozenset[int]:
        """Pixels of as many results as inputs: those of a block are in scratch before its first result is written."""
        op = self.op(node)
        return frozenset({0} if pointwise(op) and op.weights.shape[0] == op.weights.shape[3] else ())

    def reads_past(self, node: Node, operand: int) -> int:
        """Words are read where more follows, the last bytes one by one: the image may be the caller's."""
        return 0

    def params(self, node: Node) -> Mapping[str, Field]:
        op, plan = self.op(node), self.plan(node)
        g = op.geometry
        fields: dict[str, Field] = {"stream": "stream", "words": plan.layout.words(plan.matrix)}
        fields |= {"units": plan.matrix.units, "rescaling": plan.form}
        fields |= dict(zip(("in_h", "in_w", "in_c"), g.input_shape[1:], strict=True))
        fields |= dict(zip(("out_h", "out_w", "out_c"), g.output_shape[1:], strict=True))
        fields |= {"kernel_h": g.kernel[0], "kernel_w": g.kernel[1], "stride_h": g.stride[0], "stride_w": g.stride[1]}
        fields |= {"dilation_h": g.dilation[0], "dilation_w": g.dilation[1], "pad_top": g.top, "pad_left": g.left}
        first, end = _inner_columns(op)
        fields |= {"inner_x0": first, "inner_x1": end, "pointwise": int(pointwise(op))}
        fields |= {"in_zero_point": op.input_zero_point, "out_zero_point": op.rescale.zero_point}
        return fields | {"out_min": op.rescale.low, "out_max": op.rescale.high}


class ConvBlocks(ConvProduct):
    """Blocks of three output positions, two output channels at a time."""

    def scratch_bytes(self, node: Node) -> int:
        """Pairs of halfwords of three windows, what goes with them, and windows as bytes where they are needed."""
        op = self.op(node)
        window = UNIT * math.ceil(math.prod(op.weights.shape[1:]) / UNIT)
        windows = 0 if op.weights.shape[3] % UNIT == 0 else BLOCK_PIXELS if _piece(op) % UNIT else 1
        return 2 * BLOCK_PIXELS * window + BLOCK_BYTES + windows * (window + UNIT)

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        """Blocks of three neighbours, then what is left of each row by three, and at last one or two."""
        op, plan = self.op(node), self.plan(node)
        width = op.geometry.output_shape[2]
        across = width if columns is None else columns
        first, end = _inner_columns(op)
        # Of some columns of a row, as many as on the average have all their taps on the image.
        runs, inner = (1, rows * width) if columns is None and pointwise(op) else (rows, (end - first) * across / width)
        neighbours = runs * (inner // BLOCK_PIXELS)
        alone = rows * across - BLOCK_PIXELS * neighbours
        blocks = {3: neighbours + alone // 3, 2: float(alone % 3 >= 2), 1: float(1 <= alone % 3 < 2)}
        units, pairs = plan.matrix.units, -(-plan.channels // 2)
        taps = op.geometry.kernel[0] * (1 if op.geometry.dilation[1] == 1 else op.geometry.kernel[1])
        done = {"call": 1.0, "run": float(runs), "block": sum(blocks.values())}
        done["product"] = pairs * sum(n * self.product(p, units, plan.form) for p, n in blocks.items())
        done |= {"unit of three": neighbours * units, "row of three": neighbours * taps}
        return done | {"unit alone": alone * units, "row alone": alone * taps, "alone": alone}

    def product(self, pixels: int, units: int, form: int) -> int:
        """Instructions of a pair of output channels of a block, as they are counted."""
        loops = max(1, -(-(units - 1) // 8))
        return units * self.unit(pixels) + 2 * loops + self.rescaling(pixels, form) + 2 * pixels + 7

    def unit(self, pixels: int) -> int:
        """Instructions of a step of the loop."""
        raise NotImplementedError

    def rescaling(self, pixels: int, form: int) -> int:
        """Instructions that make results of sums, the jump to where they are stored included."""
        raise NotImplementedError


class WideConv2D(ConvBlocks):
    """Weights as halfwords, in layers whose weights are few: faster by a tenth there, for twice their flash."""

    name = "stj_conv_2d_wide_s8_dsp"

    def unit(self, pixels: int) -> int:
        return 4 + 4 * pixels

    def rescaling(self, pixels: int, form: int) -> int:
        return (1 + 4 * pixels, 1 + 4 * pixels, 2 + 8 * pixels, 4 + 16 * pixels)[form]

    def plans(self, node: Node) -> Iterator[Plan]:
        op = self.op(node)
        if op.weights.size > WIDE_WEIGHTS:
            return
        matrix = matrix_of(op, op.input_zero_point)
        ends = accumulators(matrix.weights, op.bias, op.input_zero_point)
        for form, shift in enumerate(WIDE_SHIFTS):
            short = None if clamps(op) else rescaling(op.rescale, ends, shift=shift)
            if short is not None and not short.halves:
                yield Plan(matrix, short, Layout(2, wide=True, shifts=False), form)
        for finest in FINEST:
            twice = rescaling(op.rescale, ends, 1, finest=finest)
            # Negative accumulators are corrected always; without need it makes no difference where n >= 1 and signs are
            # those of the results.
            if twice is not None and (twice.halves or ((twice.shift >= 1).all() and (twice.multiplier >= 0).all())):
                yield Plan(matrix, twice, Layout(2, wide=True), len(WIDE_SHIFTS) + clamps(op))


class PackedConv2D(ConvBlocks):
    """Flash as in the file: two weights in a halfword, which takes accumulators below 2^23."""

    name = "stj_conv_2d_s8_dsp"

    def unit(self, pixels: int) -> int:
        return 5 + 4 * pixels

    def rescaling(self, pixels: int, form: int) -> int:
        return (1 + 6 * pixels, 2 + 10 * pixels, 3 + 14 * pixels, 4 + 18 * pixels)[form]

    def plans(self, node: Node) -> Iterator[Plan]:
        return packed_plans(self.op(node), 2)


def packed_plans(op: Conv2D, group: int) -> Iterator[Plan]:
    """With two weights in a halfword, in groups of so many channels."""
    matrix = matrix_of(op, op.input_zero_point)
    ends = accumulators(matrix.weights, op.bias, op.input_zero_point)
    for finest in FINEST:
        if scale := rescaling(op.rescale, ends, PACKED_BITS, finest=finest):
            yield Plan(matrix, scale, Layout(group, wide=False), scale.halves + 2 * clamps(op))


def _piece(op: Conv2D) -> int:
    """Bytes of taps that lie side by side."""
    return op.weights.shape[3] * (op.geometry.kernel[1] if op.geometry.dilation[1] == 1 else 1)


def _inner_columns(op: Conv2D) -> tuple[int, int]:
    """The columns of the output whose taps are all on the image."""
    g = op.geometry
    last = g.input_shape[2] - (g.kernel[1] - 1) * g.dilation[1] - 1 + g.left
    first = -(-g.left // g.stride[1])
    return first, max(first, min(g.output_shape[2], last // g.stride[1] + 1))


def pointwise(op: Conv2D) -> bool:
    """Whether position i of the output reads position i of the input and no other."""
    g = op.geometry
    return g.kernel == (1, 1) and g.stride == (1, 1) and g.input_shape[:3] == g.output_shape[:3] and not g.top + g.left
