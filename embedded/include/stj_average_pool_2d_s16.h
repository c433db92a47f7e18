/* SPDX-License-Identifier: Apache-2.0 */
/* AVERAGE_POOL_2D on int16 images. Facts and sources: verify/ops/wide/pooling.py. */
#ifndef STJ_AVERAGE_POOL_2D_S16_H
#define STJ_AVERAGE_POOL_2D_S16_H

#include "stj_pool_2d.h"

/* Computes output rows [y0, y1), each [out_w, channels], from in[0], whose rows are [in_w, channels]: the mean of the
 * window's positions that lie on the image, rounded to nearest, halves away from zero. Output row r of an image reads
 * rows [r * stride_h - pad_top, r * stride_h - pad_top + kernel_h) of the same image, as far as they exist. */
void stj_average_pool_2d_s16(const stj_pool_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                             int32_t y1);

/* The same for a region of one image (stj_tile.h). */
void stj_average_pool_2d_s16_tile(const stj_pool_2d_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                                  const stj_region *region);

#endif
