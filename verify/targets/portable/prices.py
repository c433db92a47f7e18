"""Executed instructions per unit of work of each kernel of this package: written by the tool that measures them.

python -m benchmarks.kernels.fit
"""

from collections.abc import Mapping

PRICES: Mapping[str, Mapping[str, float]] = {
    "stj_add_s8": {
        "call": 8.71361,
        "position": 0.242534,
        "read": 44.0279,
        "row": 239.256,
    },
    "stj_add_s8_tile": {
        "position": 134.115,
        "read": 43.0787,
    },
    "stj_average_pool_2d_s8": {
        "read": 13.1895,
        "value": 61.3412,
    },
    "stj_conv_2d_s8": {
        "mac": 2.87808,
        "position": 7.36903,
        "read": 3.15849,
        "row": 808.302,
        "tap there": 54.6123,
        "value": 55.7725,
        "value tap there": 4.11956,
    },
    "stj_conv_2d_s8_tile": {
        "mac": 2.7315,
        "position": 187.585,
        "read": 4.55827,
        "tap": 37.9126,
        "value": 54.0187,
        "value tap there": 5.9048,
    },
    "stj_depthwise_conv_2d_s8": {
        "call": 140.224,
        "position": 269.775,
        "read": 0.291678,
        "row": 1237.22,
        "value": 73.7459,
        "value tap": 0.0891706,
        "value tap there": 7.07873,
    },
    "stj_depthwise_conv_2d_s8_tile": {
        "mac": 3.2856,
        "tap there": 75.6826,
        "value": 80.5836,
        "value tap there": 1.74722,
    },
    "stj_dequantize_s8": {
        "call": 9,
        "position": 47,
    },
    "stj_fully_connected_s8": {
        "call": 67.3274,
        "mac": 3.04,
        "read": 6.0877,
        "value": 34.6688,
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
        "read": 26.9522,
        "value": 177.311,
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
