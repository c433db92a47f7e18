/* SPDX-License-Identifier: Apache-2.0 */
/* One vector by four output channels at a time. Weights are read once; they are int8, two in a halfword, and the vector
 * is made into the words A and B of each unit of four inputs once for all channels (stj_packed_dsp.h says why that
 * gives the product). The stream, for each four channels, of which the last ones may be zeros:
 *
 *     bias 0..3 | per unit: words of channels 0..3 | multiplier, addend, shift of channel 0, of channel 1, 2, 3
 *
 * Per unit LDRD, LDM, 4 SMLAD, 4 SXTB16, 4 SMLAD: 14 instructions for 16 products.
 */
#include "stj_fully_connected_s8_dsp.h"

#include "stj_packed_dsp.h"
#include "stj_rescale_dsp.h"
#include "stj_window.h"

enum { CHANNELS = 4, INPUTS = 4 };

typedef struct {
    int32_t sums[CHANNELS];
    const int32_t *next; /* of the stream */
} products;

#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__) && defined(__OPTIMIZE__)
#define UNIT                                                                                                           \
    "ldrd    %[a], %[b], [%[x]], #8 \n"                                                                                \
    "ldmia.w %[w]!, {r4, r5, r6, r8} \n"                                                                               \
    "smlad   %[s0], r4, %[a], %[s0] \n"                                                                                \
    "smlad   %[s1], r5, %[a], %[s1] \n"                                                                                \
    "smlad   %[s2], r6, %[a], %[s2] \n"                                                                                \
    "smlad   %[s3], r8, %[a], %[s3] \n"                                                                                \
    "sxtb16  r4, r4                 \n"                                                                                \
    "sxtb16  r5, r5                 \n"                                                                                \
    "sxtb16  r6, r6                 \n"                                                                                \
    "sxtb16  r8, r8                 \n"                                                                                \
    "smlad   %[s0], r4, %[b], %[s0] \n"                                                                                \
    "smlad   %[s1], r5, %[b], %[s1] \n"                                                                                \
    "smlad   %[s2], r6, %[b], %[s2] \n"                                                                                \
    "smlad   %[s3], r8, %[b], %[s3] \n"
#define UNITS(TEXT)                                                                                                    \
    __asm__(TEXT                                                                                                       \
            : [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [x] "+r"(x), [w] "+r"(w), [a] "=&r"(a),      \
              [b] "=&r"(b)                                                                                             \
            :                                                                                                          \
            : "r4", "r5", "r6", "r8", "memory")
#endif

/* The vector `x` of `units` by four channels, whose biases `w` points to. */
static inline products products_of(const int32_t *x, const int32_t *w, int32_t units) {
#ifdef UNIT
    int32_t s0 = w[0], s1 = w[1], s2 = w[2], s3 = w[3], a, b;
    w += CHANNELS;
    for (const int32_t *end = x + 2 * (units & 3); x != end;) {
        UNITS(UNIT);
    }
    for (const int32_t *end = x + 2 * (units & ~3); x != end;) {
        UNITS(UNIT UNIT UNIT UNIT);
    }
    const products result = {{s0, s1, s2, s3}, w};
    return result;
#else
    products result;
    memcpy(result.sums, w, sizeof result.sums);
    w += CHANNELS;
    for (int32_t unit = 0; unit < units; unit++, w += CHANNELS, x += 2) {
        for (int32_t c = 0; c < CHANNELS; c++) {
            result.sums[c] = stj_packed_products(w[c], x[0], x[1], result.sums[c]);
        }
    }
    result.next = w;
    return result;
#endif
}

/* The range of the activation beyond that of int8. */
static inline int8_t clamped(const stj_fully_connected_dsp_params *p, int8_t x) {
    const int32_t raised = x > p->out_min ? x : p->out_min;
    return (int8_t)(raised < p->out_max ? raised : p->out_max);
}

static void compute_vector(const stj_fully_connected_dsp_params *p, const int8_t *x, int32_t *pairs, int8_t *out) {
    for (int32_t unit = 0; unit < p->units; unit++) {
        stj_packed_inputs(stj_load_word(x + INPUTS * unit), &pairs[2 * unit], &pairs[2 * unit + 1]);
    }
    const int32_t *stream = p->stream;
    for (int32_t c = 0; c < p->out_depth; c += CHANNELS) {
        const products found = products_of(pairs, stream, p->units);
        const int32_t *scale = found.next;
        stream = scale + 3 * CHANNELS;
        for (int32_t k = 0; k < CHANNELS && c + k < p->out_depth; k++, scale += 3) {
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
