"""Executed instructions per unit of work of each kernel of this package: written by the tool that measures them.

python -m benchmarks.kernels.fit
"""

from collections.abc import Mapping

PRICES: Mapping[str, Mapping[str, float]] = {
    "stj_add_s8_mve": {
        "call": 11.4985,
        "read": 1.28073,
        "row": 106.87,
    },
    "stj_add_s8_mve_tile": {
        "position": 130.676,
        "read": 1.28973,
    },
    "stj_average_pool_2d_s8_mve": {
        "position": 33.283,
        "read": 3.61218,
        "tap": 5.01018,
        "value": 21.0025,
    },
    "stj_conv_2d_1x1_s8_mve": {
        "block by four": 32.1319,
        "block by one": 9.84243,
        "four": 132.124,
        "pixel": 195.162,
        "quad by four, blocks": 47.5004,
        "quad by four, one block": 55.1515,
        "quad by one, blocks": 15.0695,
        "run": 193.684,
    },
    "stj_conv_2d_1x1_s8_mve_tile": {
        "block by one": 21.2524,
        "call": 205.687,
        "quad by one, one block": 59.636,
    },
    "stj_conv_2d_s8_mve": {
        "block by four": 31.6219,
        "blocks of a column": 10.0034,
        "call": 49.1276,
        "column": 6.47757,
        "columns spread": 2.31948,
        "four": 108.106,
        "pixel": 1813.01,
        "quad by four, blocks": 19.9672,
        "run": 1274.8,
    },
    "stj_conv_2d_s8_mve_tile": {
        "block by one": 9.9124,
        "blocks of a column": 6.10322,
        "call": 608.45,
        "columns spread": 25.4188,
        "quad by one, blocks": 17.8293,
    },
    "stj_depthwise_conv_2d_narrow_s8_mve": {
        "call": 96.3461,
        "estimated": 0.954182,
        "run": 263.114,
    },
    "stj_depthwise_conv_2d_one_s8_mve": {
        "call": 56.1489,
        "run": 3475.73,
    },
    "stj_depthwise_conv_2d_one_s8_mve_tile": {
        "call": 1125.33,
    },
    "stj_depthwise_conv_2d_s8_mve": {
        "call": 192.326,
        "estimated": 0.996784,
        "run": 184.315,
    },
    "stj_depthwise_conv_2d_s8_mve_tile": {
        "call": 278.527,
        "estimated": 0.937337,
    },
    "stj_fully_connected_s8_mve": {
        "block by one": 16.7382,
        "call": 242.746,
    },
    "stj_lookup_s8_mve": {
        "position": 6.0256,
        "read": 0.157626,
    },
    "stj_max_pool_2d_s8_mve": {
        "call": 52.6,
        "row": 1775.4,
    },
    "stj_mul_s8_mve": {
        "call": 17,
        "row": 3956,
    },
}
