/* SPDX-License-Identifier: Apache-2.0 */
/* What the Helium kernels (cortex-m-mve) have in common: rescaling, narrowing, moving bytes.
 *
 * Rescaling, four lanes at a time, bit for bit TFLM's two roundings (stj_requantize.h). With acc the accumulator, m the
 * multiplier and n = -shift the right shift of a channel:
 *
 *     VADD     acc + bias              the input's zero point is in the bias
 *     VQRDMULH x = round(acc * m / 2^31), halves up: the first rounding exactly
 *     VQDMULH  floor(x * (2^30 + 1) / 2^31) = floor(x / 2), less one where x is negative and even; see below
 *     VRSHL    by n - 1, halves up
 *
 * The second rounding takes halves away from zero, VRSHL takes them up. They differ where x is negative and an odd
 * multiple of 2^(n-1), which is even for n >= 2: there the third step has taken one off, so that VRSHL falls short of
 * the half. Elsewhere neither that one nor the bit that is halved away matters. It needs n >= 2 and |x| < 2^30.
 *
 * Where a layer's lowest output is its zero point (a ReLU) all negative x give that output, however they are rounded:
 * the third step is left out, and VRSHL shifts by n >= 0. Which of the two a layer is, the exporter knows: `halves`.
 *
 * Narrowing: VQMOVN to int16, VQADD of the zero point, VQMOVN to int8. What saturates on the way is outside the range
 * of the result on the same side. A narrower range than int8's is applied to finished outputs (stj_mve_clamp).
 *
 * All of it is compiled with optimisation only: assembly takes registers that are a frame pointer's without. */
#ifndef STJ_MVE_H
#define STJ_MVE_H

#include "stj_nn.h"

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

#ifdef __clang__
#error "the Helium kernels are for gcc: clang has no name for the predicates (p0) that their assembly changes"
#endif

#include <arm_mve.h>

#define STJ_MVE_HALF ((INT32_C(1) << 30) + 1)

/* Sixteen results of four pixels from rescaled lanes: channel k of pixel p, from lane p of vector k, is byte 4 * p + k.
 * Two at a time: `even` takes channels 0 and 2, `odd` 1 and 3. Assembly, because the compiler copies what VQMOVN writes
 * to; it reads a lane before it writes half of the same. */
static inline void stj_mve_first(int32x4_t *half) { __asm__("vqmovnb.s32 %q0, %q0" : "+w"(*half)); }

static inline void stj_mve_second(int32x4_t *half, int32x4_t lanes) {
    __asm__("vqmovnt.s32 %q0, %q1" : "+w"(*half) : "w"(lanes));
}

static inline int32x4_t stj_mve_bytes(int32x4_t even, int32x4_t odd, int32_t zero_point) {
    __asm__("vqadd.s16 %q0, %q0, %2\n"
            "vqadd.s16 %q1, %q1, %2\n"
            "vqmovnb.s16 %q0, %q0\n"
            "vqmovnt.s16 %q0, %q1\n"
            : "+w"(even), "+w"(odd)
            : "r"(zero_point));
    return even;
}

/* Four results, each in the lowest byte of its lane. */
static inline int32x4_t stj_mve_narrow_lanes(int32x4_t rescaled, int32_t zero_point) {
    const int32x4_t moved = vaddq_n_s32(rescaled, zero_point);
    const int16x8_t half = vqmovnbq_s32(vreinterpretq_s16_s32(moved), moved);
    return vreinterpretq_s32_s8(vqmovnbq_s16(vreinterpretq_s8_s16(half), half));
}

/* The same rescaling for lanes with parameters of their own; `n` holds minus the shift to the right. */
STJ_TEMPLATE int32x4_t stj_mve_rescale(int32x4_t acc, int32x4_t multiplier, int32x4_t n, int32_t halves) {
    const int32x4_t x = vqrdmulhq_s32(acc, multiplier);
    return vrshlq_s32(halves ? vqdmulhq_n_s32(x, STJ_MVE_HALF) : x, n);
}

/* Copies `bytes` (>= 0): a loop that the compiler does not make. */
static inline void stj_mve_copy(int8_t *to, const int8_t *from, int32_t bytes) {
    __asm__ volatile("wlstp.8 lr, %[bytes], 2f\n"
                     "1: vldrb.8 q0, [%[from]], #16\n"
                     "vstrb.8 q0, [%[to]], #16\n"
                     "letp lr, 1b\n"
                     "2:\n"
                     : [to] "+r"(to), [from] "+r"(from)
                     : [bytes] "r"(bytes)
                     : "q0", "lr", "cc", "memory");
}

/* Writes `value` to `bytes` (>= 0). */
static inline void stj_mve_fill(int8_t *to, int32_t value, int32_t bytes) {
    __asm__ volatile("vdup.8 q0, %[value]\n"
                     "wlstp.8 lr, %[bytes], 2f\n"
                     "1: vstrb.8 q0, [%[to]], #16\n"
                     "letp lr, 1b\n"
                     "2:\n"
                     : [to] "+r"(to)
                     : [value] "r"(value), [bytes] "r"(bytes)
                     : "q0", "lr", "cc", "memory");
}

/* Brings `bytes` finished outputs into [low, high]; nothing to do where that is all of int8. */
static inline void stj_mve_clamp(int8_t *to, int32_t bytes, int32_t low, int32_t high) {
    if (low == INT8_MIN && high == INT8_MAX) {
        return;
    }
    const int8x16_t least = vdupq_n_s8((int8_t)low), most = vdupq_n_s8((int8_t)high);
    for (; bytes > 0; bytes -= 16, to += 16) {
        const mve_pred16_t p = vctp8q((uint32_t)bytes);
        vstrbq_p_s8(to, vminq_s8(vmaxq_s8(vldrbq_z_s8(to, p), least), most), p);
    }
}

#endif
#endif
