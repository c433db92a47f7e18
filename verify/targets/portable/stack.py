"""Deepest use of the stack below a call of each kernel of this package, in bytes: written by the tool that measures it.

    python -m embedded.tools.kernel_stack

GCC's frames along the deepest chain of calls, library routines included, the largest over boards and optimisation
levels.
"""

from collections.abc import Mapping

STACK_BYTES: Mapping[str, int] = {
    "stj_add_n_s8": 56,
    "stj_add_s8": 136,
    "stj_add_s8_tile": 144,
    "stj_arg_max_s8": 92,
    "stj_average_pool_2d_s8": 192,
    "stj_average_pool_2d_s8_tile": 184,
    "stj_batch_matmul_s8": 216,
    "stj_compare_s8": 128,
    "stj_compare_s8_tile": 144,
    "stj_conv_2d_s8": 640,
    "stj_conv_2d_s8_tile": 616,
    "stj_cumsum_s8": 88,
    "stj_depthwise_conv_2d_phases_s8": 568,
    "stj_depthwise_conv_2d_phases_s8_tile": 568,
    "stj_depthwise_conv_2d_s8": 624,
    "stj_depthwise_conv_2d_s8_tile": 600,
    "stj_dequantize_s8": 32,
    "stj_div_s8": 120,
    "stj_div_s8_tile": 136,
    "stj_fully_connected_s8": 264,
    "stj_l2_normalization_s8": 168,
    "stj_log_softmax_s8": 128,
    "stj_lookup_s8": 32,
    "stj_lookup_s8_tile": 48,
    "stj_max_pool_2d_s8": 184,
    "stj_max_pool_2d_s8_tile": 168,
    "stj_maximum_s8": 100,
    "stj_maximum_s8_tile": 124,
    "stj_mean_inner_s8": 56,
    "stj_mean_s8": 192,
    "stj_move": 272,
    "stj_mul_s8": 120,
    "stj_mul_s8_tile": 136,
    "stj_pad_s8": 56,
    "stj_prelu_s8": 128,
    "stj_prelu_s8_tile": 144,
    "stj_quantize_s8": 32,
    "stj_quantize_wide": 64,
    "stj_reduce_max_s8": 120,
    "stj_resize_bilinear_s8": 220,
    "stj_resize_bilinear_s8_tile": 196,
    "stj_resize_nearest_neighbor": 48,
    "stj_select_s8": 96,
    "stj_softmax_s8": 96,
    "stj_squared_difference_s8": 128,
    "stj_squared_difference_s8_tile": 152,
    "stj_svdf_filters_s8": 88,
    "stj_svdf_s8": 112,
    "stj_transpose_conv_s8": 424,
    "stj_transpose_conv_s8_tile": 408,
    "stj_unidirectional_sequence_lstm_s8": 128,
}
