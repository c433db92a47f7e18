/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D as stj_conv_2d_s8.h has it, with weights from -8 to 7 in half a byte each (stj_nibbles.h): as there in order,
 * two lanes side by side in a byte. */
#ifndef STJ_CONV_2D_NIBBLES_S8_H
#define STJ_CONV_2D_NIBBLES_S8_H

#include "stj_conv_2d_s8.h"

void stj_conv_2d_nibbles_s8(const stj_conv_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                            int32_t y1);

/* The same for a region of one image (stj_tile.h). */
void stj_conv_2d_nibbles_s8_tile(const stj_conv_2d_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                                 const stj_region *region);

#endif
