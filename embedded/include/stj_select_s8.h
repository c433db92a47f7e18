/* SPDX-License-Identifier: Apache-2.0 */
/* SELECT_V2 of a condition and two int8 operands, all of which may stretch to each other. */
#ifndef STJ_SELECT_S8_H
#define STJ_SELECT_S8_H

#include "stj_broadcast.h"

typedef struct {
    stj_broadcast_result result;
    stj_broadcast operands[3]; /* the condition; what is taken where it holds; what is taken elsewhere */
} stj_select_params;

/* Computes rows [y0, y1) of out[0] from in[0] (bytes, 0 is false), in[1] and in[2]. One of the latter may lie where the
 * result does if it has its shape.
 */
void stj_select_s8(const stj_select_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

#endif
