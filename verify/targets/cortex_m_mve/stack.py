"""Deepest use of the stack below a call of each kernel of this package, in bytes: written by the tool that measures it.

    python -m embedded.tools.kernel_stack

GCC's frames along the deepest chain of calls, library routines included, the largest over boards and optimisation
levels.
"""

from collections.abc import Mapping

STACK_BYTES: Mapping[str, int] = {
    "stj_add_any_s8_mve": 168,
    "stj_add_any_s8_mve_tile": 192,
    "stj_add_s8_mve": 216,
    "stj_add_s8_mve_tile": 232,
    "stj_average_pool_2d_s8_mve": 192,
    "stj_average_pool_2d_s8_mve_tile": 168,
    "stj_conv_2d_1x1_s8_mve": 448,
    "stj_conv_2d_1x1_s8_mve_tile": 416,
    "stj_conv_2d_s8_mve": 504,
    "stj_conv_2d_s8_mve_tile": 488,
    "stj_depthwise_conv_2d_narrow_s8_mve": 576,
    "stj_depthwise_conv_2d_narrow_s8_mve_tile": 560,
    "stj_depthwise_conv_2d_one_s8_mve": 504,
    "stj_depthwise_conv_2d_one_s8_mve_tile": 488,
    "stj_depthwise_conv_2d_s8_mve": 744,
    "stj_depthwise_conv_2d_s8_mve_tile": 728,
    "stj_fully_connected_s8_mve": 368,
    "stj_lookup_s8_mve": 48,
    "stj_lookup_s8_mve_tile": 64,
    "stj_max_pool_2d_s8_mve": 184,
    "stj_max_pool_2d_s8_mve_tile": 160,
    "stj_mul_s8_mve": 152,
    "stj_mul_s8_mve_tile": 160,
}
