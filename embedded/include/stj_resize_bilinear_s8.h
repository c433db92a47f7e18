/* SPDX-License-Identifier: Apache-2.0 */
/* RESIZE_BILINEAR of int8 images, in integers with ten bits of fraction, as TFLM computes it. */
#ifndef STJ_RESIZE_BILINEAR_S8_H
#define STJ_RESIZE_BILINEAR_S8_H

#include "stj_nn.h"
#include "stj_tile.h"

/* Result position i along an axis lies at i * scale + offset of the operand, 1024 per position: -512 at the least, and
 * before the operand's end. */
typedef struct {
    int32_t in_h, in_w, out_h, out_w, channels;
    int32_t scale_h, scale_w;
    int32_t offset_h, offset_w;
} stj_resize_bilinear_params;

/* Computes rows [y0, y1) of out[0] from in[0]. */
void stj_resize_bilinear_s8(const stj_resize_bilinear_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                            int32_t y1);

/* The same for a region of images (stj_tile.h). */
void stj_resize_bilinear_s8_tile(const stj_resize_bilinear_params *params, const stj_pixels_in *in,
                                 const stj_pixels_out *out, const stj_region *region);

#endif
