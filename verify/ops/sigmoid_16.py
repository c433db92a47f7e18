"""Sigmoid and hyperbolic tangent of 16-bit numbers, from one table of 256 entries with straight lines between them.

Source: tensorflow/lite/kernels/internal/reference/integer_ops/{logistic,tanh}.h; the table is `sigmoid_table_uint16` in
tensorflow/lite/kernels/internal/common.cc: 65536 * sigmoid(i / 24) to nearest, and one more in some places, where that
suits the straight lines better.
"""

import numpy as np

RAISED = (
    *(4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41, 43, 44, 45, 46),
    *(49, 50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255),
)
"""Entries that are one more than the nearest number."""


def _table() -> np.ndarray:
    found = np.rint(65536 / (1 + np.exp(-np.arange(256) / 24))).astype(np.int64)
    found[list(RAISED)] += 1
    return found


TABLE = _table()


def _scaled(x: np.ndarray, shift: int) -> np.ndarray:
    """x * 3 * 2^shift, rounded down after half of the last place was added where that is a shift to the right."""
    if shift >= 0:
        return x * (3 << shift)
    return (x * 3 + (1 << (-shift - 1))) >> -shift


def _between(x: np.ndarray, bits: int, beyond: int) -> np.ndarray:
    """2^bits times the table at |x| / 2^bits; `beyond` from its last entry on."""
    place = np.minimum(np.abs(x) >> bits, 254)
    part = np.abs(x) & ((1 << bits) - 1)
    lines = (TABLE[place] << bits) + part * (TABLE[place + 1] - TABLE[place])
    return np.where(np.abs(x) >> bits >= 255, beyond, lines)


def sigmoid_of(scaled: np.ndarray) -> np.ndarray:
    """Of numbers in steps of 1 / (3 * 4096), with 15 bits behind the point: 0 .. 32767; int64 arrays."""
    found = _between(scaled, 9, 0x7FFF << 10)
    return np.where(scaled >= 0, found + (1 << 9), (1 << 25) - found + (1 << 9) - 1) >> 10


def tanh_of(scaled: np.ndarray) -> np.ndarray:
    """The same: -32768 .. 32767."""
    found = _between(scaled, 8, 0xFFFF << 8)
    return np.where(scaled >= 0, found - (1 << 23) + (1 << 7), -found + (1 << 23) + (1 << 7) - 1) >> 8


def sigmoid_16(x: np.ndarray) -> np.ndarray:
    """Of numbers with 12 bits behind the point."""
    return sigmoid_of(_scaled(x, 0))


def tanh_16(x: np.ndarray, shift: int = 0) -> np.ndarray:
    """Of numbers with 12 - `shift` bits behind the point."""
    return tanh_of(_scaled(x, shift))
