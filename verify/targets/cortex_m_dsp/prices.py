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
        "call": 126.939,
        "position": 6.06061,
        "read": 3.03125,
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
        "channel": 31.3729,
        "run": 441.243,
        "value": 19.1021,
    },
    "stj_depthwise_conv_2d_3x3_s8_dsp_tile": {
        "call": 280.207,
        "group": 151.801,
        "value": 31.9108,
    },
    "stj_depthwise_conv_2d_3x3_stride2_s8_dsp": {
        "call": 503.644,
        "column of one": 18.244,
        "group": 154.952,
        "value": 16.1997,
    },
    "stj_depthwise_conv_2d_3x3_stride2_s8_dsp_tile": {
        "call": 484.939,
        "group": 119.968,
        "value": 43.4808,
    },
    "stj_depthwise_conv_2d_5x5_s8_dsp": {
        "group": 382.315,
        "run": 265.834,
        "value": 0.909847,
        "value by one": 37.0823,
    },
    "stj_depthwise_conv_2d_5x5_s8_dsp_tile": {
        "call": 65260.7,
    },
    "stj_depthwise_conv_2d_5x5_stride2_s8_dsp": {
        "call": 88.2697,
        "channel": 68.7049,
        "value": 47.9271,
    },
    "stj_depthwise_conv_2d_5x5_stride2_s8_dsp_tile": {
        "channel": 57.9082,
        "run": 5221.33,
        "value by one": 55.9935,
    },
    "stj_depthwise_conv_2d_7x7_s8_dsp": {
        "column of one": 125.209,
        "group": 46.9471,
        "run": 3234.58,
        "value": 34.5833,
    },
    "stj_depthwise_conv_2d_7x7_stride2_s8_dsp": {
        "column of one": 0.545985,
        "group": 585.697,
        "run": 647.419,
        "value by one": 73.3544,
    },
    "stj_depthwise_conv_2d_7x7_stride2_s8_dsp_tile": {
        "column of one": 0.545985,
        "group": 585.697,
        "run": 2542.28,
        "value by one": 73.3544,
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
