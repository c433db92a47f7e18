"""Kernels for Helium that gather windows in working memory before they multiply them: stj_mve_conv.h."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Self, TypeVar

from verify.graph.graph import Node
from verify.ops.conv_2d import Conv2D
from verify.ops.depthwise_conv_2d import DepthwiseConv2D
from verify.ops.geometry import ImageWindow
from verify.targets.call import Field
from verify.targets.cortex_m_mve.products import LANES
from verify.targets.cortex_m_mve.weighted import MOST_SCRATCH_BYTES, WeightedMve, product_work, window_fields
from verify.targets.kernel import Work

T = TypeVar("T", Conv2D, DepthwiseConv2D)

MOST_SPREAD = 8
"""Channels that are spread by scatter stores."""

FEWER_PIXELS = (16, 8, 4)
"""Taken at once by the forms that need less working memory."""

DEEP = ("column", "blocks of a column")
"""Work on inputs of more channels."""


class InGroups(WeightedMve[T]):
    """Inputs of several pixels are put into working memory at once: four, and as many fours more as are of use and fit;
    in forms of less working memory at most `most`.
    """

    def __init__(self, most: int = 0):
        self.most, self.form = most, str(most) if most else ""

    def forms(self) -> tuple[Self, ...]:
        return tuple(type(self)(most) for most in FEWER_PIXELS)

    @abstractmethod
    def columns_bytes(self, g: ImageWindow, pixels: int) -> int:
        """Working memory for the windows of so many pixels."""

    def group(self, g: ImageWindow) -> int:
        """Pixels that are taken at once."""
        pixels = 4
        while pixels < (self.most or g.output_shape[2]) and pixels < g.output_shape[2]:
            if self.columns_bytes(g, pixels + 4) > MOST_SCRATCH_BYTES:
                break
            pixels += 4
        return pixels

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def scratch_bytes(self, node: Node) -> int:
        g = self.op(node).geometry
        return self.columns_bytes(g, self.group(g))


class GatheredMve(InGroups[T]):
    """Every output channel is a product with the whole window; without dilation along width."""

    params_type = "stj_conv_2d_mve_params"

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        """Groups of pixels, columns of their windows."""
        g = self.op(node).geometry
        width = g.output_shape[2] if columns is None else columns
        group, (height, taps, depth) = self.group(g), (*g.kernel, g.input_shape[3])
        sizes = [group] * (width // group) + [width % group] * (width % group > 0)
        done: dict[str, float] = {}
        for size in sizes:
            for kind, amount in product_work(rows, size, g.output_shape[3], height * taps * depth).items():
                done[kind] = done.get(kind, 0) + amount
        read = rows * height * sum((size - 1) * g.stride[1] + taps for size in sizes)
        spread = depth <= MOST_SPREAD
        done |= {"call": 1, "run": rows, "row of taps": rows * height * len(sizes), "columns spread": read * spread}
        return done | {"column": read * (not spread), "blocks of a column": read * (not spread) * -(-depth // LANES)}

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        fields: dict[str, Field] = {"weights": "weights"} | window_fields(op.geometry)
        fields |= {"in_zero_point": op.input_zero_point} | self.output_fields(op.rescale)
        return fields | {"group": self.group(op.geometry)}

    def columns_bytes(self, g: ImageWindow, pixels: int) -> int:
        columns = (min(pixels, g.output_shape[2]) - 1) * g.stride[1] + g.kernel[1]
        return columns * g.kernel[0] * g.input_shape[3]
