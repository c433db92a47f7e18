"""The weights of Helium's dot products, as embedded/include/stj_mve_products.h draws them: one array of int32 words.

Channels go by fours, in the order 0, 2, 1, 3. With more than sixteen inputs two of them share blocks of sixteen weights;
their biases, multipliers and shifts follow. Blocks and fours are filled up with zeros.
"""

from dataclasses import dataclass

import numpy as np

LANES = 16
ORDER = (0, 2, 1, 3)


@dataclass(frozen=True, eq=False)
class Products:
    """What a layer multiplies by: weights int8 [channels, depth], and int32 [channels] each of the others."""

    weights: np.ndarray
    bias: np.ndarray
    multiplier: np.ndarray
    shift: np.ndarray


def stored_words(products: Products) -> np.ndarray:
    """The layout, int32."""
    channels, depth = products.weights.shape
    blocks, quads = -(-depth // LANES), -(-channels // 4)
    weights = np.zeros((4 * quads, blocks * LANES), np.int8)
    weights[:channels, :depth] = products.weights
    parameters = np.zeros((4 * quads, 3), np.int32)
    parameters[:channels] = np.stack([products.bias, products.multiplier, products.shift], axis=1)
    together = 1 if blocks == 1 else 2
    order = (np.arange(quads)[:, None] * 4 + np.array(ORDER)).reshape(-1, together)
    words = weights.view("<i4").reshape(4 * quads, blocks, LANES // 4)[order]  # [runs, together, blocks, 4]
    blocks_first = words.transpose(0, 2, 1, 3).reshape(len(order), -1)
    return np.concatenate([blocks_first, parameters[order].reshape(len(order), -1)], axis=1).reshape(-1).astype(np.int32)


def restored_products(words: np.ndarray, channels: int, depth: int) -> Products:
    """The inverse of `stored_words`, from a flat array."""
    blocks, quads = -(-depth // LANES), -(-channels // 4)
    together = 1 if blocks == 1 else 2
    order = (np.arange(quads)[:, None] * 4 + np.array(ORDER)).reshape(-1)
    runs = words.reshape(4 * quads // together, -1)
    split = together * blocks * LANES // 4
    own = runs[:, :split].reshape(len(runs), blocks, together, LANES // 4).transpose(0, 2, 1, 3)
    weights = np.empty((4 * quads, blocks * LANES), np.int8)
    weights[order] = np.ascontiguousarray(own, "<i4").view(np.int8).reshape(4 * quads, -1)
    parameters = np.empty((4 * quads, 3), np.int32)
    parameters[order] = runs[:, split:].reshape(4 * quads, 3)
    return Products(weights[:channels, :depth], *parameters[:channels].T)
