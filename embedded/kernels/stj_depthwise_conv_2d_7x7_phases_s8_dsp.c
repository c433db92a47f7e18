/* SPDX-License-Identifier: Apache-2.0 */
/* A case of stj_depthwise_dsp.h, where idea, layout and register plan are: 7 x 7 taps at a stride of 2, of rows in
 * phases.
 */
#include "stj_depthwise_conv_2d_7x7_phases_s8_dsp.h"

#include "stj_depthwise_phases_dsp.h"

STJ_DEPTHWISE_KERNEL_BY(stj_depthwise_conv_2d_7x7_phases_s8_dsp, 7, 2, stj_depthwise_rows_in_phases)
