/* SPDX-License-Identifier: Apache-2.0 */
/* One vector by four output channels at a time. Weights are read once; they are int8, two in a halfword, and the vector
 * is made into the words A and B of each unit of four inputs once for all channels (stj_packed_dsp.h says why that
 * gives the product). The stream, for each four channels, of which the last ones may be zeros:
 *
 *     bias 0..3 | per unit: words of channels 0..3 | multiplier, addend, shift of channel 0, of channel 1, 2, 3
 *
 * Per unit LDRD, LDM, 4 SMLAD, 4 SXTB16, 4 SMLAD: 14 instructions for 16 products.
 */
#ifndef STJ_VECTOR_PACKED_DSP_H
#define STJ_VECTOR_PACKED_DSP_H

#include "stj_nn.h"
#include "stj_packed_dsp.h"

enum { STJ_VECTOR_CHANNELS = 4 };

typedef struct {
    int32_t sums[STJ_VECTOR_CHANNELS];
    const int32_t *next; /* of the stream */
} stj_vector_sums;

#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__) && defined(__OPTIMIZE__)
#define STJ_VECTOR_UNIT                                                                                                \
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
#define STJ_VECTOR_UNITS(TEXT)                                                                                         \
    __asm__(TEXT                                                                                                       \
            : [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [x] "+r"(x), [w] "+r"(w), [a] "=&r"(a),      \
              [b] "=&r"(b)                                                                                             \
            :                                                                                                          \
            : "r4", "r5", "r6", "r8", "memory")
#endif

/* The vector `x` of `units` by four channels, whose biases `w` points to. */
STJ_TEMPLATE stj_vector_sums stj_vector_products(const int32_t *x, const int32_t *w, int32_t units) {
#ifdef STJ_VECTOR_UNIT
    int32_t s0 = w[0], s1 = w[1], s2 = w[2], s3 = w[3], a, b;
    w += STJ_VECTOR_CHANNELS;
    for (const int32_t *end = x + 2 * (units & 3); x != end;) {
        STJ_VECTOR_UNITS(STJ_VECTOR_UNIT);
    }
    for (const int32_t *end = x + 2 * (units & ~3); x != end;) {
        STJ_VECTOR_UNITS(STJ_VECTOR_UNIT STJ_VECTOR_UNIT STJ_VECTOR_UNIT STJ_VECTOR_UNIT);
    }
    const stj_vector_sums result = {{s0, s1, s2, s3}, w};
    return result;
#else
    stj_vector_sums result;
    memcpy(result.sums, w, sizeof result.sums);
    w += STJ_VECTOR_CHANNELS;
    for (int32_t unit = 0; unit < units; unit++, w += STJ_VECTOR_CHANNELS, x += 2) {
        for (int32_t c = 0; c < STJ_VECTOR_CHANNELS; c++) {
            result.sums[c] = stj_packed_products(w[c], x[0], x[1], result.sums[c]);
        }
    }
    result.next = w;
    return result;
#endif
}

#endif
