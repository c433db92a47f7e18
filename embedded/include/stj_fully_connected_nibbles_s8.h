/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED as stj_fully_connected_s8.h has it, with weights from -8 to 7 in half a byte each (stj_nibbles.h): as
 * there in order, two lanes side by side in a byte. */
#ifndef STJ_FULLY_CONNECTED_NIBBLES_S8_H
#define STJ_FULLY_CONNECTED_NIBBLES_S8_H

#include "stj_fully_connected_s8.h"

void stj_fully_connected_nibbles_s8(const stj_fully_connected_params *params, const stj_in *in, const stj_out *out,
                                    int32_t y0, int32_t y1);

#endif
