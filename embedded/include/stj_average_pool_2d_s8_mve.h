/* SPDX-License-Identifier: Apache-2.0 */
/* AVERAGE_POOL_2D on int8 images for Helium. */
#ifndef STJ_AVERAGE_POOL_2D_S8_MVE_H
#define STJ_AVERAGE_POOL_2D_S8_MVE_H

#include "stj_pool_2d.h"

/* As stj_average_pool_2d_s8. */
void stj_average_pool_2d_s8_mve(const stj_pool_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                                int32_t y1);

/* The same for a region of one image (stj_tile.h). */
void stj_average_pool_2d_s8_mve_tile(const stj_pool_2d_params *params, const stj_pixels_in *in,
                                     const stj_pixels_out *out, const stj_region *region);

#endif
