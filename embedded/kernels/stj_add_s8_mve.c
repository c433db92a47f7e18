/* SPDX-License-Identifier: Apache-2.0 */
/* The line of stj_add_s8_dsp.h, sixteen elements at a time:
 *
 *     VSHLLB, VSHLLT   int8 to int16 times 2^8, then to int32 times 2^24: elements 0 4 8 12, 2 6 10 14, 1 5 9 13, 3 7
 * 11 15 VMULH            times the multiplier, less 32 bits: floor(a * multiplier / 2^8) VADD             of both
 * operands and the addend VQRSHRNB, -T     by 16 bits to int16, by 5 to int8: the shift by 21, saturated, and the
 * elements in order again
 *
 * These round; 2^15 and 16 * 2^16 less in the addend make floors of that. (VQSHRN does not, but GNU's assembler encodes
 * it as VQRSHRN up to version 2.40 at least.)
 *
 * About 2.5 instructions per element. */
#include "stj_add_s8_mve.h"

#include "stj_mve.h"
#include "stj_pixels.h"

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

enum { ROUNDINGS = 1 << 15 | 1 << (STJ_ADD_DSP_SHIFT - 1) };

typedef struct {
    int32x4_t first, second;
    int32_t addend;
} add_line;

static inline int32x4_t sum_of(const add_line *line, int32x4_t a, int32x4_t b) {
    return vaddq_n_s32(vaddq_s32(vmulhq_s32(a, line->first), vmulhq_s32(b, line->second)), line->addend);
}

/* Eight sums of int16 operands, shifted by 16 of the 21 bits. */
static inline int16x8_t eight(const add_line *line, int16x8_t a, int16x8_t b) {
    const int32x4_t even = sum_of(line, vshllbq_n_s16(a, 16), vshllbq_n_s16(b, 16));
    const int32x4_t odd = sum_of(line, vshlltq_n_s16(a, 16), vshlltq_n_s16(b, 16));
    return vqrshrntq_n_s32(vqrshrnbq_n_s32(vreinterpretq_s16_s32(even), even, 16), odd, 16);
}

static inline int8x16_t sixteen(const add_line *line, int8x16_t a, int8x16_t b) {
    const int16x8_t even = eight(line, vshllbq_n_s8(a, 8), vshllbq_n_s8(b, 8));
    const int16x8_t odd = eight(line, vshlltq_n_s8(a, 8), vshlltq_n_s8(b, 8));
    return vqrshrntq_n_s16(vqrshrnbq_n_s16(vreinterpretq_s8_s16(even), even, STJ_ADD_DSP_SHIFT - 16), odd,
                           STJ_ADD_DSP_SHIFT - 16);
}

static STJ_NOINLINE void add_elements(const void *p, const int8_t *a, int32_t step0, const int8_t *b, int32_t step1,
                                      int8_t *to, int32_t count) {
    const stj_add_dsp_params *params = p;
    const add_line line = {vdupq_n_s32(params->multiplier[0]), vdupq_n_s32(params->multiplier[1]),
                           params->addend - ROUNDINGS};
    int8_t *const begin = to;
    (void)step0, (void)step1; /* 1 */
    int32_t left = count;
    for (; left >= 16; left -= 16, a += 16, b += 16, to += 16) {
        vstrbq_s8(to, sixteen(&line, vldrbq_s8(a), vldrbq_s8(b)));
    }
    if (left > 0) {
        const mve_pred16_t some = vctp8q((uint32_t)left);
        vstrbq_p_s8(to, sixteen(&line, vldrbq_z_s8(a, some), vldrbq_z_s8(b, some)), some);
    }
    stj_mve_clamp(begin, count, params->out_min, params->out_max);
}

void stj_add_s8_mve(const stj_add_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    stj_over_broadcast(add_elements, params, params->operands, &params->result, in, out, y0, y1);
}

static void add_pixels(const void *params, const stj_pixel_runs *runs) {
    add_elements(params, runs->in[0], 1, runs->in[1], 1, runs->to, runs->bytes);
}

void stj_add_s8_mve_tile(const stj_add_dsp_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region) {
    stj_over_pixels(add_pixels, params, in, 2, out, region);
}

#endif
