"""Kernels for Helium that gather windows in working memory before they multiply them: stj_mve_conv.h."""

from collections.abc import Callable, Mapping
from typing import TypeVar

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

DEEP = ("column", "blocks of a column")
"""Work on inputs of more channels."""


class GatheredMve(WeightedMve[T]):
    """Every output channel is a product with the whole window; without dilation along width."""

    params_type = "stj_conv_2d_mve_params"

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def scratch_bytes(self, node: Node) -> int:
        g = self.op(node).geometry
        return _columns_bytes(g, _group_pixels(g))

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        """Groups of pixels, columns of their windows."""
        g = self.op(node).geometry
        width = g.output_shape[2] if columns is None else columns
        group, (height, taps, depth) = _group_pixels(g), (*g.kernel, g.input_shape[3])
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
        return fields | {"group": _group_pixels(op.geometry)}


def most_pixels(g: ImageWindow, columns_bytes: Callable[[ImageWindow, int], int]) -> int:
    """Pixels that are taken at once: four, and as many fours more as are of use and fit."""
    pixels = 4
    while pixels < g.output_shape[2] and columns_bytes(g, pixels + 4) <= MOST_SCRATCH_BYTES:
        pixels += 4
    return pixels


def _group_pixels(g: ImageWindow) -> int:
    """Pixels whose windows are gathered at once."""
    return most_pixels(g, _columns_bytes)


def _columns_bytes(g: ImageWindow, pixels: int) -> int:
    """Working memory of their windows."""
    columns = (min(pixels, g.output_shape[2]) - 1) * g.stride[1] + g.kernel[1]
    return columns * g.kernel[0] * g.input_shape[3]
