/* SPDX-License-Identifier: Apache-2.0 */
/* ADD and SUB of two int8 operands whose channels lie side by side, by multiplications of 32 by 16 bits. */
#ifndef STJ_ADD_S8_DSP_H
#define STJ_ADD_S8_DSP_H

#include "stj_broadcast.h"
#include "stj_tile.h"

/* The result is out_min at least, out_max at most, and between them
 *
 *     (addend + floor(a * multiplier[0] / 2^8) + floor(b * multiplier[1] / 2^8)) >> STJ_ADD_DSP_SHIFT
 *
 * which the exporter has compared with the operator's own result for all 65,536 pairs of bytes
 * (verify/targets/cortex_m_dsp/add.py). */
typedef struct {
    stj_broadcast_result result;
    stj_broadcast operands[2]; /* steps of 1 along the channels */
    int32_t multiplier[2];
    int32_t addend;
    int32_t out_min, out_max; /* within [-128, 127] */
} stj_add_dsp_params;

#define STJ_ADD_DSP_SHIFT 21

/* Computes rows [y0, y1) of out[0] from in[0] and in[1]. An operand of the result's shape may lie where the result
 * does.
 */
void stj_add_s8_dsp(const stj_add_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h); both operands have the result's shape, and one of them may lie exactly
 * where the result does. */
void stj_add_s8_dsp_tile(const stj_add_dsp_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region);

#endif
