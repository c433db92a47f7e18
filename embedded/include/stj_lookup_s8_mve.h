/* SPDX-License-Identifier: Apache-2.0 */
/* A function of single bytes through a table, for Helium. */
#ifndef STJ_LOOKUP_S8_MVE_H
#define STJ_LOOKUP_S8_MVE_H

#include "stj_lookup_s8.h"

/* As stj_lookup_s8. */
void stj_lookup_s8_mve(const stj_lookup_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h); the operand may lie exactly where the result does. */
void stj_lookup_s8_mve_tile(const stj_lookup_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                            const stj_region *region);

#endif
