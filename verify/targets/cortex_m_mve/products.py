"""The weights of Helium's dot products, as embedded/include/stj_mve_products.h draws them: one array of int32 words.

With more than sixteen inputs, blocks of sixteen weights of two channels alternate, else each has its own; biases,
multipliers and shifts follow. Blocks, and channels to a multiple of four, are filled up with zeros.
"""

from dataclasses import dataclass

import numpy as np

LANES = 16


@dataclass(frozen=True, eq=False)
class Products:
    """What a layer multiplies by: weights int8 [channels, depth], and int32 [channels] each of the others."""

    weights: np.ndarray
    bias: np.ndarray
    multiplier: np.ndarray
    shift: np.ndarray


def sharing(depth: int) -> int:
    """Channels whose blocks alternate."""
    return 1 if depth <= LANES else 2


def stored_words(products: Products, together: int) -> np.ndarray:
    """The layout, int32: blocks of `together` channels alternate, then come the parameters of these."""
    channels, depth = products.weights.shape
    blocks, padded = -(-depth // LANES), -(-channels // 4) * 4
    weights = np.zeros((padded, blocks * LANES), np.int8)
    weights[:channels, :depth] = products.weights
    parameters = np.zeros((padded, 3), np.int32)
    parameters[:channels] = np.stack([products.bias, products.multiplier, products.shift], axis=1)
    runs = padded // together
    words = weights.view("<i4").reshape(runs, together, blocks, LANES // 4).transpose(0, 2, 1, 3).reshape(runs, -1)
    return np.concatenate([words, parameters.reshape(runs, -1)], axis=1).reshape(-1).astype(np.int32)


def restored_products(words: np.ndarray, channels: int, depth: int, together: int) -> Products:
    """The inverse of `stored_words`, from a flat array."""
    blocks, padded = -(-depth // LANES), -(-channels // 4) * 4
    runs = words.reshape(padded // together, -1)
    split = together * blocks * LANES // 4
    own = runs[:, :split].reshape(len(runs), blocks, together, LANES // 4).transpose(0, 2, 1, 3)
    weights = np.ascontiguousarray(own, "<i4").view(np.int8).reshape(padded, -1)
    parameters = runs[:, split:].reshape(padded, 3)
    return Products(weights[:channels, :depth], *parameters[:channels].T)
