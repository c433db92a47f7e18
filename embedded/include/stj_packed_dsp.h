/* SPDX-License-Identifier: Apache-2.0 */
/* int8 weights, two in a halfword: products by SMLAD, in the flash of the file.
 *
 * The weights w0..w3 of a unit of four inputs are one word, of the halfwords 256 * w0 + w1 and 256 * w2 + w3. Of the
 * inputs x0..x3,
 *
 *     A = x0                | x2                   SXTB16 of the bytes
 *     B = 256 x1 + 127 - x0 | 256 x3 + 127 - x2    the bytes with 0 and 2 XORed by 0x7f
 *
 * so that SMLAD(word, A) + SMLAD(SXTB16(word), B) = 256 * (w0 x0 + w1 x1 + w2 x2 + w3 x3) + 127 * (w1 + w3). The last
 * term depends on weights only, and is taken off the bias. Accumulators are kept times 256.
 */
#ifndef STJ_PACKED_DSP_H
#define STJ_PACKED_DSP_H

#include "stj_dsp.h"

/* A and B of four inputs. */
static inline void stj_packed_inputs(int32_t bytes, int32_t *a, int32_t *b) {
    *a = __sxtb16(bytes);
    *b = bytes ^ 0x007f007f;
}

/* The sum and one unit's products. */
static inline int32_t stj_packed_products(int32_t weights, int32_t a, int32_t b, int32_t sum) {
    return __smlad(__sxtb16(weights), b, __smlad(weights, a, sum));
}

#endif
