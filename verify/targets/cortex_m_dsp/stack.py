"""Deepest use of the stack below a call of each kernel of this package, in bytes: written by the tool that measures it.

    python -m embedded.tools.kernel_stack

GCC's frames along the deepest chain of calls, library routines included, the largest over boards and optimisation
levels.
"""

from collections.abc import Mapping

STACK_BYTES: Mapping[str, int] = {
    "stj_add_s8_dsp": 156,
    "stj_add_s8_dsp_tile": 184,
    "stj_average_pool_2d_s8_dsp": 256,
    "stj_average_pool_2d_s8_dsp_tile": 232,
    "stj_conv_2d_s8_dsp": 480,
    "stj_conv_2d_s8_dsp_tile": 440,
    "stj_conv_2d_single_s8_dsp": 432,
    "stj_conv_2d_single_s8_dsp_tile": 408,
    "stj_conv_2d_wide_s8_dsp": 480,
    "stj_conv_2d_wide_s8_dsp_tile": 440,
    "stj_depthwise_conv_2d_3x3_phases_s8_dsp": 632,
    "stj_depthwise_conv_2d_3x3_phases_s8_dsp_tile": 560,
    "stj_depthwise_conv_2d_3x3_s8_dsp": 544,
    "stj_depthwise_conv_2d_3x3_s8_dsp_tile": 512,
    "stj_depthwise_conv_2d_3x3_stride2_s8_dsp": 536,
    "stj_depthwise_conv_2d_3x3_stride2_s8_dsp_tile": 512,
    "stj_depthwise_conv_2d_5x5_phases_s8_dsp": 696,
    "stj_depthwise_conv_2d_5x5_phases_s8_dsp_tile": 624,
    "stj_depthwise_conv_2d_5x5_s8_dsp": 576,
    "stj_depthwise_conv_2d_5x5_s8_dsp_tile": 544,
    "stj_depthwise_conv_2d_5x5_stride2_s8_dsp": 576,
    "stj_depthwise_conv_2d_5x5_stride2_s8_dsp_tile": 544,
    "stj_depthwise_conv_2d_7x7_phases_s8_dsp": 760,
    "stj_depthwise_conv_2d_7x7_phases_s8_dsp_tile": 688,
    "stj_depthwise_conv_2d_7x7_s8_dsp": 608,
    "stj_depthwise_conv_2d_7x7_s8_dsp_tile": 576,
    "stj_depthwise_conv_2d_7x7_stride2_s8_dsp": 600,
    "stj_depthwise_conv_2d_7x7_stride2_s8_dsp_tile": 568,
    "stj_depthwise_conv_2d_s8_dsp": 336,
    "stj_depthwise_conv_2d_s8_dsp_tile": 304,
    "stj_flip_s8_dsp": 60,
    "stj_flip_s8_dsp_tile": 68,
    "stj_fully_connected_s8_dsp": 112,
    "stj_lookup_s8_dsp": 60,
    "stj_lookup_s8_dsp_tile": 76,
    "stj_max_pool_2d_s8_dsp": 192,
    "stj_max_pool_2d_s8_dsp_tile": 176,
    "stj_mean_s8_dsp": 136,
    "stj_mul_s8_dsp": 172,
    "stj_mul_s8_dsp_tile": 192,
    "stj_quantize_s8_dsp": 64,
}
