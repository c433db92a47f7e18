"""Convolutions as pure functions on channels-last arrays, written so that they export as plain 2-D operators.

Images are `count height width channels`; the leading axis may be time. Kernels are `height width in out`, where `in` is
the number of input channels that one output channel reads.
"""

import functools
import itertools
import math
from collections.abc import Sequence

import chex
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

Pair = tuple[int, int]
# "same" (TensorFlow's rule), "valid" (none), "symmetric" (kernel // 2 on each side, as in PyTorch models), or the
# positions added ((top, bottom), (left, right)).
Sides = tuple[Pair, Pair]
Padding = str | Sides


def pair(value: int | Sequence[int]) -> Pair:
    """One number for both of height and width, or two."""
    if isinstance(value, int):
        return value, value
    height, width = value
    return height, width


def resolve_padding(padding: Padding, size: Pair, kernel: Pair, stride: Pair, dilation: Pair) -> Sides:
    """Padding as numbers of rows and columns.

    Args:
      padding: one of the names above, or the numbers themselves.
      size: height and width of the image.
      kernel, stride, dilation: of the window, height and width.

    Returns:
      ((top, bottom), (left, right)).

    Raises:
      ValueError: if the name is unknown.
    """
    if not isinstance(padding, str):
        (top, bottom), (left, right) = padding
        return (top, bottom), (left, right)
    sides = []
    for extent, taps, step, spacing in zip(size, kernel, stride, dilation, strict=True):
        reach = (taps - 1) * spacing + 1
        if padding == "same":
            total = max(0, (math.ceil(extent / step) - 1) * step + reach - extent)
            sides.append((total // 2, total - total // 2))
        elif padding == "symmetric":
            sides.append((reach // 2, reach // 2))
        elif padding == "valid":
            sides.append((0, 0))
        else:
            raise ValueError(f'padding "{padding}" is none of "same", "valid", "symmetric" and explicit numbers')
    return sides[0], sides[1]


def output_size(size: Pair, kernel: Pair, stride: Pair, dilation: Pair, padding: Sides) -> Pair:
    """Height and width of a windowed operator's result.

    Raises:
      ValueError: if the window is larger than the padded image.
    """
    height, width = (
        (extent + before + after - (taps - 1) * spacing - 1) // step + 1
        for extent, taps, step, spacing, (before, after) in zip(size, kernel, stride, dilation, padding, strict=True)
    )
    if height < 1 or width < 1:
        raise ValueError(f"a window of {kernel} with dilation {dilation} does not fit an image of {size}")
    return height, width


def conv2d(
    images: Float[Array, "count height width channels"],
    kernel: Float[Array, "kernel_height kernel_width channels features"],
    stride: Pair = (1, 1),
    dilation: Pair = (1, 1),
    padding: Sides = ((0, 0), (0, 0)),
) -> Float[Array, "count height_out width_out features"]:
    """2-D convolution (cross-correlation, as everywhere in this field)."""
    chex.assert_rank([images, kernel], 4)
    return _conv(images, kernel, stride, dilation, padding, groups=1)


def depthwise_conv2d(
    images: Float[Array, "count height width channels"],
    kernel: Float[Array, "kernel_height kernel_width 1 features"],
    stride: Pair = (1, 1),
    dilation: Pair = (1, 1),
    padding: Sides = ((0, 0), (0, 0)),
) -> Float[Array, "count height_out width_out features"]:
    """2-D convolution of each channel by itself; output channel c reads input channel c // (features / channels).

    One convolution when traced, so that it exports as one operator. Where it is differentiated it becomes products with
    shifted images instead: the same sums in another order, and on CPUs several times faster to train (measured with
    XLA on 2 cores: 4 to 30 times, forward and backward together).
    """
    chex.assert_rank([images, kernel], 4)
    return _depthwise(images, kernel, stride, dilation, padding)


def _conv(images: jax.Array, kernel: jax.Array, stride: Pair, dilation: Pair, padding: Sides, groups: int) -> jax.Array:
    return lax.conv_general_dilated(
        images,
        kernel,
        window_strides=stride,
        padding=padding,
        rhs_dilation=dilation,
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
        feature_group_count=groups,
    )


@functools.partial(jax.custom_jvp, nondiff_argnums=(2, 3, 4))
def _depthwise(images: jax.Array, kernel: jax.Array, stride: Pair, dilation: Pair, padding: Sides) -> jax.Array:
    return _conv(images, kernel, stride, dilation, padding, groups=images.shape[-1])


@_depthwise.defjvp
def _depthwise_jvp(
    stride: Pair,
    dilation: Pair,
    padding: Sides,
    primals: tuple[jax.Array, jax.Array],
    tangents: tuple[jax.Array, jax.Array],
) -> tuple[jax.Array, jax.Array]:
    product = functools.partial(_shifted_products, stride=stride, dilation=dilation, padding=padding)
    return jax.jvp(product, primals, tangents)


def _shifted_products(images: jax.Array, kernel: jax.Array, stride: Pair, dilation: Pair, padding: Sides) -> jax.Array:
    """`depthwise_conv2d` as a sum over taps."""
    images = jnp.pad(images, ((0, 0), *padding, (0, 0)))
    images = jnp.repeat(images, kernel.shape[3] // images.shape[3], axis=3)
    rows, columns = output_size(pair(images.shape[1:3]), pair(kernel.shape[:2]), stride, dilation, ((0, 0), (0, 0)))
    terms = []
    for i, j in itertools.product(range(kernel.shape[0]), range(kernel.shape[1])):
        top, left = i * dilation[0], j * dilation[1]
        height, width = (rows - 1) * stride[0] + 1, (columns - 1) * stride[1] + 1
        shifted = images[:, top : top + height : stride[0], left : left + width : stride[1]]
        terms.append(shifted * kernel[i, j, 0])
    return sum(terms[1:], terms[0])


def mean_pool(
    images: Float[Array, "count height width channels"], window: Pair, stride: Pair
) -> Float[Array, "count height_out width_out channels"]:
    """Means over windows, without padding."""
    sums = lax.reduce_window(images, 0.0, lax.add, (1, *window, 1), (1, *stride, 1), "VALID")
    return sums / math.prod(window)


def time_image(clip: Float[Array, "time *places channels"]) -> Float[Array, "1 time place channels"]:
    """The clip as one image with time for its height and all positions for its width. No data moves."""
    time, *places, channels = clip.shape
    return clip.reshape(1, time, math.prod(places), channels)


def from_time_image(
    image: Float[Array, "1 time place channels"], places: Sequence[int]
) -> Float[Array, "time *places channels"]:
    """Undoes `time_image`; the image may have fewer frames or other channels by now."""
    return image.reshape(image.shape[1], *places, image.shape[-1])


def taps_of(clip: Float[Array, " time *frame"], taps: int, spacing: int) -> list[jax.Array]:
    """What each tap of a window along time reads, oldest first: slices of equal length, one result each."""
    count = len(clip) - (taps - 1) * spacing
    return [lax.slice_in_dim(clip, i * spacing, i * spacing + count) for i in range(taps)]


def pad_time(clip: Float[Array, " time *frame"], before: int, after: int) -> Float[Array, " time_out *frame"]:
    """The clip with so many frames of zeros before and after it."""
    if before == after == 0:
        return clip
    return jnp.pad(clip, ((before, after), *((0, 0) for _ in clip.shape[1:])))
