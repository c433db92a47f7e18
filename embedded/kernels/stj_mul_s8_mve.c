/* SPDX-License-Identifier: Apache-2.0 */
/* Four elements are the lanes of a vector (stj_mve_elements.h). */
#include "stj_mul_s8_mve.h"

#include "stj_mve_elements.h"
#include "stj_pixels.h"

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

typedef struct {
    stj_mve_scale out;
    int32_t in_zero_point[2];
    int32_t zero_point;
} products;

/* Four results, each in the lowest byte of its lane. */
STJ_TEMPLATE int32x4_t product_of(const products *s, int32x4_t a, int32x4_t b, int32_t shifts) {
    const int32x4_t x = vsubq_n_s32(a, s->in_zero_point[0]), y = vsubq_n_s32(b, s->in_zero_point[1]);
    return stj_mve_narrow_lanes(stj_mve_scaled(vmulq_s32(x, y), &s->out, shifts), s->zero_point);
}

STJ_TEMPLATE void multiply_by(const products *s, const int8_t *a, int32_t step0, const int8_t *b, int32_t step1,
                              int8_t *to, int32_t count, int32_t shifts) {
    for (; count >= 4; count -= 4, a += 4 * step0, b += 4 * step1, to += 4) {
        const int32x4_t x = stj_mve_lanes(a, step0, 0, 1), y = stj_mve_lanes(b, step1, 0, 1);
        vstrbq_s32(to, product_of(s, x, y, shifts));
    }
    if (count > 0) {
        const mve_pred16_t some = vctp32q((uint32_t)count);
        const int32x4_t x = stj_mve_lanes(a, step0, some, 0), y = stj_mve_lanes(b, step1, some, 0);
        vstrbq_p_s32(to, product_of(s, x, y, shifts), some);
    }
}

static STJ_NOINLINE void multiply_elements(const void *params, const int8_t *a, int32_t step0, const int8_t *b,
                                           int32_t step1, int8_t *to, int32_t count) {
    const stj_mul_params *p = params;
    const products s = {{p->multiplier, p->shift}, {p->in_zero_point[0], p->in_zero_point[1]}, p->out_zero_point};
    if (p->shift == 0) {
        multiply_by(&s, a, step0, b, step1, to, count, 0);
    } else if (step0 == 1 && step1 == 1) {
        multiply_by(&s, a, 1, b, 1, to, count, 1);
    } else {
        multiply_by(&s, a, step0, b, step1, to, count, 1);
    }
    stj_mve_clamp(to, count, p->out_min, p->out_max);
}

void stj_mul_s8_mve(const stj_mul_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    stj_over_broadcast(multiply_elements, params, params->operands, &params->result, in, out, y0, y1);
}

static void multiply_pixels(const void *params, const stj_pixel_runs *runs) {
    multiply_elements(params, runs->in[0], 1, runs->in[1], 1, runs->to, runs->bytes);
}

void stj_mul_s8_mve_tile(const stj_mul_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region) {
    stj_over_pixels(multiply_pixels, params, in, 2, out, region);
}

#endif
