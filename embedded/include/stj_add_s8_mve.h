/* SPDX-License-Identifier: Apache-2.0 */
/* ADD and SUB of two int8 operands whose channels lie side by side, for Helium. */
#ifndef STJ_ADD_S8_MVE_H
#define STJ_ADD_S8_MVE_H

#include "stj_add_s8_dsp.h"

/* As stj_add_s8_dsp. */
void stj_add_s8_mve(const stj_add_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h); both operands have the result's shape, and one of them may lie exactly
 * where the result does. */
void stj_add_s8_mve_tile(const stj_add_dsp_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region);

#endif
