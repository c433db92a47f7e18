/* SPDX-License-Identifier: Apache-2.0 */
/* MEAN and SUM on int16 over any axes, with the parameters of stj_mean_s8.h; zero points are 0. */
#ifndef STJ_MEAN_S16_H
#define STJ_MEAN_S16_H

#include "stj_mean_s8.h"

/* Computes output rows [y0, y1), each row_elements elements of the kept positions in order, from in[0], whose rows are
 * [extent[3], extent[4]]. All input rows that these positions sum over must be present. */
void stj_mean_s16(const stj_mean_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

#endif
