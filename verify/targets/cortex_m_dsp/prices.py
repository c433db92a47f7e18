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
        "alone": 239.114,
        "call": 143.026,
        "product": 1.00001,
        "row alone": 24.6714,
        "row of three": 86.6356,
        "run": 249.706,
        "unit alone": 8.4427,
        "unit of three": 10.954,
    },
    "stj_conv_2d_s8_dsp_tile": {
        "alone": 303.929,
        "product": 1.0517,
        "row alone": 158.455,
    },
    "stj_conv_2d_wide_s8_dsp": {
        "alone": 260.921,
        "product": 0.997108,
        "row alone": 77.4304,
        "row of three": 95.0778,
        "run": 417.689,
        "unit alone": 6.87992,
        "unit of three": 10.1217,
    },
    "stj_conv_2d_wide_s8_dsp_tile": {
        "alone": 95.4296,
        "block": 358.105,
        "call": 84.6746,
        "product": 0.996279,
        "row alone": 100.045,
        "row of three": 25.0926,
        "unit alone": 8.34066,
        "unit of three": 11.3398,
    },
    "stj_depthwise_conv_2d_3x3_s8_dsp": {
        "call": 75.741,
        "channel": 45.0818,
        "run": 186.155,
        "value": 15.2919,
        "value by one": 4.60764,
    },
    "stj_depthwise_conv_2d_3x3_s8_dsp_tile": {
        "call": 337.046,
        "channel": 55.4556,
        "value": 26.6632,
        "value by one": 5.47092,
    },
    "stj_depthwise_conv_2d_3x3_stride2_s8_dsp": {
        "call": 174.669,
        "channel": 52.7996,
        "column of one": 5.2514,
        "column of two rows": 11.8066,
        "run": 445.291,
        "value by one": 17.4659,
    },
    "stj_depthwise_conv_2d_3x3_stride2_s8_dsp_tile": {
        "channel": 41.0246,
        "run": 362.32,
        "value": 23.4571,
        "value by one": 22.8583,
    },
    "stj_depthwise_conv_2d_5x5_s8_dsp": {
        "group": 214.231,
        "run": 9188.37,
        "value": 20.1502,
        "value by one": 18.5967,
    },
    "stj_depthwise_conv_2d_5x5_s8_dsp_tile": {
        "call": 65260.7,
    },
    "stj_depthwise_conv_2d_5x5_stride2_s8_dsp": {
        "call": 86.8667,
        "channel": 102.108,
        "run": 19336.7,
    },
    "stj_depthwise_conv_2d_5x5_stride2_s8_dsp_tile": {
        "call": 8992.39,
    },
    "stj_depthwise_conv_2d_7x7_s8_dsp": {
        "channel": 25.0608,
        "column of one": 22.4338,
        "column of two rows": 32.358,
        "value": 37.3269,
    },
    "stj_depthwise_conv_2d_7x7_stride2_s8_dsp": {
        "call": 82.5122,
        "channel": 146.088,
        "run": 1148.28,
        "value": 1.60464,
        "value by one": 71.0771,
    },
    "stj_depthwise_conv_2d_7x7_stride2_s8_dsp_tile": {
        "channel": 158.755,
        "value": 114.084,
    },
    "stj_depthwise_conv_2d_s8_dsp": {
        "call": 31.6541,
        "group": 54.5865,
        "group by two taps": 20.6845,
        "position": 177.548,
        "row": 157.904,
        "tap": 23.0356,
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
