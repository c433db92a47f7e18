"""What several samples draw: windows, axes, tensors that fit together."""

from collections.abc import Sequence

from hypothesis import strategies as st

from verify.graph.tensor import Tensor

MOST = 1500
"""Elements up to which a sample may make a tensor larger."""


def window(draw: st.DrawFn, x: Tensor, dilate: bool = True) -> tuple[tuple[int, int], ...]:
    """(kernel, stride, dilation, padding) that fit the image x."""
    kernel = (draw(st.integers(1, 5)), draw(st.integers(1, 3)))
    stride = (draw(st.integers(1, 3)), draw(st.integers(1, 2)))
    dilation = (draw(st.integers(1, 2)), 1) if dilate else (1, 1)
    if stride != (1, 1):
        dilation = (1, 1)
    fits = all((k - 1) * d < size for k, d, size in zip(kernel, dilation, x.shape[1:3], strict=True))
    padding = draw(st.sampled_from(["SAME", "VALID"])) if fits else "SAME"
    return kernel, stride, dilation, padding


def several_images(x: Tensor) -> bool:
    """Frames or a batch, which the samples of images leave apart."""
    return len(x.shape) == 4 and x.shape[0] > 1


def axis(draw: st.DrawFn, rank: int) -> int:
    return draw(st.integers(0, rank - 1))


def twins(x: Tensor, tensors: Sequence[Tensor], same_scale: bool = False) -> list[Tensor]:
    """Tensors of the same shape, and where asked of the same quantization; x is one of them."""
    return [t for t in tensors if t.shape == x.shape and (t.quantization == x.quantization or not same_scale)]
