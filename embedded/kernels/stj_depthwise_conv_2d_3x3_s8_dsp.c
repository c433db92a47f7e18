/* SPDX-License-Identifier: Apache-2.0 */
/* A case of stj_depthwise_dsp.h, where idea, layout and register plan are: 3 x 3 taps at a stride of 1. */
#include "stj_depthwise_conv_2d_3x3_s8_dsp.h"

#include "stj_depthwise_dsp_template.h"

STJ_DEPTHWISE_KERNEL(stj_depthwise_conv_2d_3x3_s8_dsp, 3, 1)
