"""Executed instructions per unit of work of each kernel of this package: written by the tool that measures them.

python -m benchmarks.kernels.fit
"""

from collections.abc import Mapping

PRICES: Mapping[str, Mapping[str, float]] = {
    "stj_add_s8_dsp": {
        "call": 14.6901,
        "read": 3.00051,
        "row": 101.624,
    },
    "stj_add_s8_dsp_tile": {
        "call": 4.25251,
        "position": 161.345,
    },
    "stj_average_pool_2d_s8_dsp": {
        "position": 32.1753,
        "read": 1.73631,
        "tap": 5.85344,
        "value": 25.4336,
    },
    "stj_conv_2d_s8_dsp": {
        "product": 0.999319,
        "run": 1177.63,
        "unit alone": 1.63327,
        "unit of three": 15.4085,
    },
    "stj_conv_2d_s8_dsp_tile": {
        "alone": 303.929,
        "product": 1.0517,
        "row alone": 158.455,
    },
    "stj_conv_2d_single_s8_dsp": {
        "four": 15.5588,
        "position": 103.814,
        "row of taps": 113.089,
        "run": 201.578,
        "unit": 6.2205,
        "unit of four": 14.6979,
        "value": 8.80339,
    },
    "stj_conv_2d_single_s8_dsp_tile": {
        "four": 46.6233,
        "position": 122.803,
        "row of taps": 111.174,
        "run": 123.81,
        "unit": 4.63185,
        "unit of four": 15.1669,
    },
    "stj_conv_2d_wide_s8_dsp": {
        "block": 115.395,
        "call": 264.076,
        "product": 0.976555,
        "row alone": 219.662,
        "row of three": 50.6897,
        "run": 403.883,
        "unit of three": 13.2086,
    },
    "stj_conv_2d_wide_s8_dsp_tile": {
        "block": 26.9131,
        "product": 1.04501,
        "row alone": 44.5011,
        "row of three": 82.862,
        "run": 594.888,
        "unit alone": 4.83535,
        "unit of three": 37.3518,
    },
    "stj_depthwise_conv_2d_3x3_s8_dsp": {
        "column of two rows": 22.7944,
        "group": 125.122,
        "run": 214.817,
        "value": 6.6213,
        "value by one": 7.0529,
    },
    "stj_depthwise_conv_2d_3x3_s8_dsp_tile": {
        "call": 781.726,
        "column of two rows": 50.7163,
        "value": 15.5259,
    },
    "stj_depthwise_conv_2d_3x3_stride2_s8_dsp": {
        "call": 307.116,
        "column of one": 19.5643,
        "group": 143.673,
        "value": 15.4837,
    },
    "stj_depthwise_conv_2d_3x3_stride2_s8_dsp_tile": {
        "call": 1343.3,
        "channel": 23.7738,
        "value": 29.3704,
    },
    "stj_depthwise_conv_2d_5x5_s8_dsp": {
        "call": 260.436,
        "channel": 93.2037,
        "column of one": 35.5944,
        "run": 494.957,
        "value by one": 30.2202,
    },
    "stj_depthwise_conv_2d_5x5_s8_dsp_tile": {
        "column of one": 26.6088,
        "group": 371.31,
        "run": 2203.19,
        "value by one": 32.311,
    },
    "stj_depthwise_conv_2d_5x5_stride2_s8_dsp": {
        "channel": 67.0452,
        "column of two rows": 25.4885,
        "run": 1571.05,
        "value": 10.3974,
        "value by two rows": 5.21926,
    },
    "stj_depthwise_conv_2d_5x5_stride2_s8_dsp_tile": {
        "channel": 116.81,
        "value": 63.7252,
    },
    "stj_depthwise_conv_2d_7x7_s8_dsp": {
        "channel": 54.1209,
        "column of two rows": 52.1882,
        "run": 274.567,
        "value by one": 25.1776,
    },
    "stj_depthwise_conv_2d_7x7_s8_dsp_tile": {
        "channel": 53.9452,
        "column of two rows": 34.4098,
        "run": 1963.22,
        "value by one": 28.9917,
        "value by two rows": 3.1796,
    },
    "stj_depthwise_conv_2d_7x7_stride2_s8_dsp": {
        "channel": 113.847,
        "column of two rows": 10.6776,
        "run": 1328.62,
        "value": 10.0439,
        "value by one": 48.1384,
    },
    "stj_depthwise_conv_2d_7x7_stride2_s8_dsp_tile": {
        "column of two rows": 7.84983,
        "group": 552.93,
        "run": 663.149,
        "value": 68.6758,
    },
    "stj_depthwise_conv_2d_s8_dsp": {
        "call": 24.9732,
        "group": 42.0662,
        "group by a tap": 1.59753,
        "group by two taps": 13.4083,
        "position": 5.53571,
        "row": 146.31,
        "tap": 38.9163,
    },
    "stj_fully_connected_s8_dsp": {
        "call": 82.875,
        "four": 37.375,
        "unit": 8.95313,
        "unit of four": 14.5156,
        "value": 26,
    },
    "stj_lookup_s8_dsp": {
        "call": 408,
        "read": 3.5,
    },
    "stj_max_pool_2d_s8_dsp": {
        "call": 43.8,
        "row": 3245.2,
    },
    "stj_mean_s8_dsp": {
        "call": 6884,
        "value": 35.625,
    },
    "stj_mul_s8_dsp": {
        "call": 14,
        "position": 437.5,
    },
    "stj_quantize_s8_dsp": {
        "call": 10.0324,
        "read": 7.75057,
        "row": 39.9376,
    },
}
