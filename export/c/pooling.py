"""The parameters that both poolings take."""

from export.c.call import KernelCall
from verify.ops.geometry import ImageWindow


def pool_call(kernel: str, g: ImageWindow, low: int, high: int, tiles: bool) -> KernelCall:
    """A call of pooling kernel `kernel`, clamping to [low, high]; `tiles` as in KernelCall."""
    fields: dict[str, str | int] = dict(zip(("in_h", "in_w", "channels"), g.input_shape[1:], strict=True))
    fields |= {"out_h": g.output_shape[1], "out_w": g.output_shape[2]}
    fields |= {"kernel_h": g.kernel[0], "kernel_w": g.kernel[1], "stride_h": g.stride[0], "stride_w": g.stride[1]}
    fields |= {"pad_top": g.top, "pad_left": g.left, "out_min": low, "out_max": high}
    return KernelCall(kernel, "stj_pool_2d_params", fields, tiles=tiles)
