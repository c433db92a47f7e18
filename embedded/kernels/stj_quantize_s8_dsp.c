/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE of float32 in eight instructions per element, without a comparison.
 *
 * Rounding halves away from zero is cutting off twice: t is the quotient by half a step, cut off towards zero, which
 * tells halves apart; then
 *
 *     (t + 1) / 2 rounded down    where t >= 0
 *     t / 2 rounded down          where t <  0
 *
 * is the rounded count of steps. Division by half the scale gives twice the quotient, with the same rounding, because
 * a float's exponent takes the 2. So with c = 2 * zero_point + 1:
 *
 *     s = from / half_scale             VDIV
 *     t = s cut off                     VCVT, which saturates and makes 0 of NaN; VMOV, two at a time
 *     result = (t + (c + (t >> 31))) >> 1
 *                                       ADD with ASR #31, QADD, SSAT #8 with ASR #1
 */
#include "stj_quantize_s8_dsp.h"

#include "stj_dsp.h"
#include "stj_rows.h"

/* x / half_scale cut off, saturated somewhere beyond all results; 0 for NaN. */
static inline int32_t half_steps(float x, float half_scale) {
#if defined(__ARM_FP) && defined(__thumb2__)
    int32_t whole;
    __asm__("vdiv.f32 %[x], %[x], %[half]\n\t"
            "vcvt.s32.f32 %[x], %[x]\n\t"
            "vmov %[whole], %[x]"
            : [whole] "=r"(whole), [x] "+t"(x)
            : [half] "t"(half_scale));
    return whole;
#else
    const float quotient = x / half_scale;
    return quotient != quotient ? 0 : quotient > 1024.0f ? 1024 : quotient < -1024.0f ? -1024 : (int32_t)quotient;
#endif
}

/* c is 2 * zero_point + 1 */
static inline int8_t rounded(int32_t halves, int32_t c) { return stj_ssat_8(__qadd(halves, c + (halves >> 31)) >> 1); }

/* Four from words' boundaries. */
static inline void quantize_four(const uint8_t *from, float half_scale, int32_t c, int8_t *to) {
    int32_t t0, t1, t2, t3;
#if defined(__ARM_FP) && defined(__thumb2__)
    __asm__("vldm %[from], {s0-s3}\n\t"
            "vdiv.f32 s0, s0, %[half]\n\t"
            "vdiv.f32 s1, s1, %[half]\n\t"
            "vdiv.f32 s2, s2, %[half]\n\t"
            "vdiv.f32 s3, s3, %[half]\n\t"
            "vcvt.s32.f32 s0, s0\n\t"
            "vcvt.s32.f32 s1, s1\n\t"
            "vcvt.s32.f32 s2, s2\n\t"
            "vcvt.s32.f32 s3, s3\n\t"
            "vmov %[t0], %[t1], s0, s1\n\t"
            "vmov %[t2], %[t3], s2, s3"
            : [t0] "=r"(t0), [t1] "=r"(t1), [t2] "=r"(t2), [t3] "=r"(t3)
            : [from] "r"(from), [half] "t"(half_scale), "m"(*(const uint8_t(*)[16])from)
            : "s0", "s1", "s2", "s3");
#else
    float x[4];
    memcpy(x, from, sizeof x);
    t0 = half_steps(x[0], half_scale), t1 = half_steps(x[1], half_scale);
    t2 = half_steps(x[2], half_scale), t3 = half_steps(x[3], half_scale);
#endif
    to[0] = rounded(t0, c), to[1] = rounded(t1, c);
    to[2] = rounded(t2, c), to[3] = rounded(t3, c);
}

static STJ_NOINLINE void quantize(const stj_quantize_dsp_params *params, const uint8_t *from, int8_t *to) {
    const int32_t c = 2 * params->zero_point + 1;
    const float half_scale = params->half_scale;
    int32_t left = params->row_elements;
    if ((uintptr_t)from % sizeof(float) == 0) {
        for (; left >= 4; left -= 4) {
            quantize_four(from, half_scale, c, to);
            from += 4 * sizeof(float);
            to += 4;
        }
    }
    for (; left > 0; left--) {
        float x;
        memcpy(&x, from, sizeof x);
        *to++ = rounded(half_steps(x, half_scale), c);
        from += sizeof x;
    }
}

void stj_quantize_s8_dsp(const stj_quantize_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                         int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        quantize(params, stj_read_row(in, y), (int8_t *)stj_write_row(out, y));
    }
}
