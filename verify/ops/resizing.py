"""What RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR share: operands and options."""

from verify.ops.base import OperatorSource
from verify.ops.move import check_movable
from verify.ops.operand_checks import constant_integers, integer_option, operands_of, require_shape, unsupported
from verify.ops.rows import Shape


def read_resizing(source: OperatorSource) -> tuple[Shape, Shape, bool, bool]:
    """Shapes of operand and result, align_corners, half_pixel_centers.

    Raises:
      UnsupportedError: if the operand is no image, the size is not fixed, or quantizations or shapes differ.
    """
    x, size = operands_of(source, 2)
    if len(x.shape) != 4:
        raise unsupported(f"{source.kind} of this rank", "the operand must have four axes", x.shape)
    extents = constant_integers(source.kind, "size", size)
    if len(extents) != 2 or min(extents) < 1:
        raise unsupported(f"{source.kind} to this size", "it must be two positive integers", extents)
    result = (x.shape[0], *extents, x.shape[3])
    require_shape(source.kind, source.outputs[0], result)
    check_movable(source, (0,))
    corners, centers = (bool(integer_option(source, name)) for name in ("align_corners", "half_pixel_centers"))
    return x.shape, result, corners, centers
