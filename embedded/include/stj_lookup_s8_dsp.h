/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of one stored 8-bit value, four at a time. */
#ifndef STJ_LOOKUP_S8_DSP_H
#define STJ_LOOKUP_S8_DSP_H

#include "stj_nn.h"
#include "stj_tile.h"

typedef struct {
    int32_t row_bytes;    /* of operand and result */
    const uint8_t *table; /* 256 result bytes, in the order of the operand's byte: 0 .. 127, -128 .. -1 for int8 */
} stj_lookup_dsp_params;

/* Computes rows [y0, y1) of out[0] from in[0], which may lie in the same place. */
void stj_lookup_s8_dsp(const stj_lookup_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                       int32_t y1);

/* The same for a region of images (stj_tile.h), which may lie in the same place; row_bytes is not used. */
void stj_lookup_s8_dsp_tile(const stj_lookup_dsp_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                            const stj_region *region);

#endif
