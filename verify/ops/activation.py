"""The stored range that a fused activation leaves, as TFLite computes it.

Source: tensorflow/lite/kernels/kernel_util.cc, CalculateActivationRangeQuantized (float32 division, halves away from
zero).
"""

import math

import numpy as np

from verify.graph.tensor import Quantization
from verify.ops.base import UnsupportedError

INT8_MIN, INT8_MAX = -128, 127

# Real bounds of each activation; None leaves the end of the element type.
BOUNDS: dict[str, tuple[float | None, float | None]] = {
    "NONE": (None, None),
    "RELU": (0.0, None),
    "RELU6": (0.0, 6.0),
    "RELU_N1_TO_1": (-1.0, 1.0),
}


def round_half_away(value: float) -> int:
    """C's round(): to nearest, halves away from zero."""
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def activation_range(name: str, output: Quantization, ends: tuple[int, int] = (INT8_MIN, INT8_MAX)) -> tuple[int, int]:
    """Lowest and highest stored value that activation `name` lets through.

    Args:
      name: as in TFLite's schema ("NONE", "RELU", "RELU6", "RELU_N1_TO_1").
      output: quantization of the operator's output, per tensor.
      ends: lowest and highest value of its element type.

    Raises:
      UnsupportedError: if the activation is another one (TANH, SIGN_BIT).
    """
    if name not in BOUNDS:
        raise UnsupportedError(f"fused activation {name} is not supported; we do {', '.join(BOUNDS)}")
    low, high = BOUNDS[name]
    scale, zero_point = np.float32(output.scale[0]), output.zero_point[0]

    def stored(real: float) -> int:
        return zero_point + round_half_away(float(np.float32(real) / scale))

    return (
        ends[0] if low is None else max(ends[0], stored(low)),
        ends[1] if high is None else min(ends[1], stored(high)),
    )
