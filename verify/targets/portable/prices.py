"""Executed instructions per unit of work of each kernel of this package: written by the tool that measures them.

python -m benchmarks.kernels.fit
"""

from collections.abc import Mapping

PRICES: Mapping[str, Mapping[str, float]] = {
    "stj_add_s8": {
        "position": 0.751071,
        "read": 44.2898,
        "row": 166.982,
    },
    "stj_add_s8_tile": {
        "position": 20.7204,
        "read": 44.4128,
        "row": 70.4207,
    },
    "stj_average_pool_2d_s8": {
        "read": 13.1221,
        "value": 61.6899,
    },
    "stj_conv_2d_s8": {
        "block of one": 23.37,
        "one": 285.709,
        "pair": 145.767,
        "product of a pair": 18.0134,
        "product of one": 12.9786,
        "row": 121.876,
        "row of a pair": 14.4859,
        "row of one": 38.4881,
        "value": 26.5282,
    },
    "stj_conv_2d_s8_tile": {
        "block of a pair": 142.264,
        "block of one": 68.879,
        "call": 469.394,
        "pair": 325.415,
        "product of a pair": 17.6032,
        "product of one": 13.0343,
        "row of one": 33.8341,
        "value": 11.3785,
    },
    "stj_depthwise_conv_2d_s8": {
        "call": 20.6879,
        "clipped group": 1.14504,
        "clipped tap": 22.6625,
        "position": 139.6,
        "row": 292.674,
        "row of a clipped group": 16.6239,
        "row of a group": 12.7211,
        "tap": 16.0475,
        "value": 30.7366,
    },
    "stj_depthwise_conv_2d_s8_tile": {
        "clipped": 69.1334,
        "clipped tap": 16.193,
        "position": 261.962,
        "row": 174.262,
        "row of a clipped group": 54.6766,
        "tap": 17.5654,
        "value": 34.6466,
    },
    "stj_dequantize_s8": {
        "call": 10,
        "position": 39,
    },
    "stj_fully_connected_s8": {
        "call": 78.3807,
        "mac": 3.03964,
        "read": 6.10755,
        "value": 10.3745,
    },
    "stj_lookup_s8": {
        "call": 286,
        "read": 5,
    },
    "stj_max_pool_2d_s8": {
        "call": 43.8,
        "position": 1811.02,
    },
    "stj_mean_inner_s8": {
        "read": 19.9331,
    },
    "stj_mean_s8": {
        "call": 93397.9,
        "read": 6.14286,
    },
    "stj_move": {
        "call": 61562,
    },
    "stj_mul_s8": {
        "call": 17,
        "position": 2003.3,
    },
    "stj_quantize_s8": {
        "call": 12.0313,
        "position": 0.588279,
        "read": 43.7581,
        "row": 87.728,
    },
    "stj_softmax_s8": {
        "position": 219,
        "read": 57,
    },
}
