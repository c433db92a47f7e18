/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE between int8 and uint8 of one scale, zero points 128 apart: the highest bit of every byte, turned. */
#ifndef STJ_FLIP_S8_DSP_H
#define STJ_FLIP_S8_DSP_H

#include "stj_nn.h"
#include "stj_tile.h"

typedef struct {
    int32_t row_bytes; /* of operand and result */
} stj_flip_dsp_params;

/* Computes rows [y0, y1) of out[0] from in[0], which may lie in the same place. */
void stj_flip_s8_dsp(const stj_flip_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h), which may lie in the same place; row_bytes is not used. */
void stj_flip_s8_dsp_tile(const stj_flip_dsp_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                          const stj_region *region);

#endif
