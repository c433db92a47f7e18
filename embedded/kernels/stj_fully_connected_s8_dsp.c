/* SPDX-License-Identifier: Apache-2.0 */
/* One vector after the other by all output channels, four at a time: stj_vector_packed_dsp.h. */
#include "stj_fully_connected_s8_dsp.h"

#include "stj_rescale_dsp.h"
#include "stj_vector_packed_dsp.h"
#include "stj_window.h"

/* The range of the activation beyond that of int8. */
static inline int8_t clamped(const stj_fully_connected_dsp_params *p, int8_t x) {
    const int32_t raised = x > p->out_min ? x : p->out_min;
    return (int8_t)(raised < p->out_max ? raised : p->out_max);
}

static void compute_vector(const stj_fully_connected_dsp_params *p, const int8_t *x, int32_t *pairs, int8_t *out) {
    for (int32_t unit = 0; unit < p->units; unit++) {
        stj_packed_inputs(stj_load_word(x + STJ_UNIT_INPUTS * unit), &pairs[2 * unit], &pairs[2 * unit + 1]);
    }
    const int32_t *stream = p->stream;
    for (int32_t c = 0; c < p->out_depth; c += STJ_VECTOR_CHANNELS) {
        const stj_vector_sums found = stj_vector_products(pairs, stream, p->units);
        const int32_t *scale = found.next;
        stream = scale + 3 * STJ_VECTOR_CHANNELS;
        for (int32_t k = 0; k < STJ_VECTOR_CHANNELS && c + k < p->out_depth; k++, scale += 3) {
            const int32_t a = found.sums[k];
            const int32_t result = p->away ? stj_rescale_scaled_away(a, scale[0], scale[1], scale[2], 8)
                                           : stj_rescale_scaled(a, scale[0], scale[1], scale[2]);
            out[c + k] = clamped(p, stj_saturated(result));
        }
    }
}

void stj_fully_connected_s8_dsp(const stj_fully_connected_dsp_params *params, const stj_in *in, const stj_out *out,
                                int32_t y0, int32_t y1) {
    const stj_fully_connected_dsp_params *p = params;
    int32_t *pairs = (int32_t *)(void *)out[1].data;
    for (int32_t y = y0; y < y1; y++) {
        int8_t *row = stj_out_row(out, y);
        for (int32_t v = 0; v < p->vectors_per_row; v++) {
            const int32_t element = (y * p->vectors_per_row + v) * p->in_depth;
            const int32_t in_row = element / in->row_bytes;
            const int8_t *x = stj_slot(in, in_row % in->capacity) + (element - in_row * in->row_bytes);
            compute_vector(p, x, pairs, row + v * p->out_depth);
        }
    }
}
