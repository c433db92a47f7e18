"""From a camera's 8 bits to what a model's input stores: the table of 256 bytes that stj_camera.h takes."""

from fractions import Fraction

import numpy as np

from verify.graph.tensor import DType

LEVELS = 256
_STORED = {DType.INT8: np.int8, DType.UINT8: np.uint8}


def stored_table(
    dtype: DType, scale: float = 0.0, zero_point: int = 0, span: tuple[float, float] | None = None
) -> np.ndarray:
    """What the input stores for the levels 0 .. 255 of a pixel, as 256 bytes.

    Args:
      dtype: of the input, int8 or uint8.
      scale, zero_point: of the input.
      span: what black and white were when the model was trained: (0, 1), (-1, 1), (0, 255), ... None: the ends of
        what the input can hold, so that the lowest value is black and the highest white. This is the same table where
        the model was quantized with pictures that use the whole span, which is what converters make of pictures.

    Returns:
      uint8; int8 values are their bytes.

    Raises:
      ValueError: an input of another type, or a span or scale that is none.
    """
    if dtype not in _STORED:
        raise ValueError(f"an input of type {dtype.value} has no table of 256 bytes; int8 and uint8 have")
    limits = np.iinfo(_STORED[dtype])
    if span is None:
        return np.arange(limits.min, limits.max + 1).astype(_STORED[dtype]).view(np.uint8)
    black, white = map(Fraction, span)
    if scale <= 0 or black == white:
        raise ValueError(f"scale {scale} and span {span} say nothing of a pixel: both must be other than 0")
    reals = [black + (white - black) * level / (LEVELS - 1) for level in range(LEVELS)]
    values = [_rounded(real / Fraction(scale)) + zero_point for real in reals]
    return np.clip(values, limits.min, limits.max).astype(_STORED[dtype]).view(np.uint8)


def _rounded(value: Fraction) -> int:
    """To the nearest integer, halves away from zero, as TFLite rounds."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole
