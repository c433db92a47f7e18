"""What the two poolings share: reading them, and the part of the image under one window."""

from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.geometry import ImageWindow
from verify.ops.operand_checks import integer_option
from verify.ops.weights import fused_range, int8_scale


def read_pool(source: OperatorSource) -> tuple[ImageWindow, int, int]:
    """Geometry and activation range of a pooling.

    Raises:
      UnsupportedError: if an end is not int8, the ends' quantizations differ, or the window does not fit.
    """
    ends = int8_scale(source, source.inputs[0]), int8_scale(source, source.outputs[0])
    if ends[0] != ends[1]:
        raise UnsupportedError(
            f"{source.kind} with (scale, zero point) {ends[0]} in and {ends[1]} out is unsupported; they must be equal"
        )
    image = source.inputs[0]
    assert image is not None
    kernel = (integer_option(source, "filter_height"), integer_option(source, "filter_width"))
    geometry = ImageWindow.from_options(source, image.shape[-1] if image.shape else 0, kernel)
    return geometry, *fused_range(source)


def covered(output: int, stride: int, before: int, kernel: int, extent: int) -> slice:
    """Positions of the image, along one axis, that the window of position `output` covers; never empty."""
    first = output * stride - before
    return slice(max(first, 0), min(first + kernel, extent))
