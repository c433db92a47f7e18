/* SPDX-License-Identifier: Apache-2.0 */
/* A case of stj_depthwise_dsp.h, where idea, layout and register plan are: 5 x 5 taps at a stride of 2. */
#include "stj_depthwise_conv_2d_5x5_stride2_s8_dsp.h"

#include "stj_depthwise_dsp_template.h"

STJ_DEPTHWISE_KERNEL(stj_depthwise_conv_2d_5x5_stride2_s8_dsp, 5, 2)
