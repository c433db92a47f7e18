/* SPDX-License-Identifier: Apache-2.0 */
/* Four elements are the lanes of a vector: each operand is brought to the common scale, the sum to the result's
 * (stj_mve_elements.h). Which operands need a shift, and whether one of them is one element for all, is the same for a
 * whole call, so each combination has a loop of its own. */
#include "stj_add_any_s8_mve.h"

#include "stj_mve_elements.h"
#include "stj_pixels.h"

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

enum { HEADROOM = 20 }; /* bits below the point of the common scale, as in stj_add_s8.c */

typedef struct {
    stj_mve_scale in[2], out;
    int32_t in_zero_point[2]; /* moved to the common scale's place */
    int32_t zero_point;
    int32_t sign;
} sums;

/* Four results, each in the lowest byte of its lane. */
STJ_TEMPLATE int32x4_t sum_of(const sums *s, int32x4_t a, int32x4_t b, int32_t shift0, int32_t shift1) {
    const int32x4_t x = vsubq_n_s32(vshlq_n_s32(a, HEADROOM), s->in_zero_point[0]);
    const int32x4_t y = vsubq_n_s32(vshlq_n_s32(b, HEADROOM), s->in_zero_point[1]);
    const int32x4_t common0 = stj_mve_scaled(x, &s->in[0], shift0);
    const int32x4_t common1 = stj_mve_scaled(y, &s->in[1], shift1);
    const int32x4_t sum = s->sign > 0 ? vaddq_s32(common0, common1) : vsubq_s32(common0, common1);
    return stj_mve_narrow_lanes(stj_mve_scaled(sum, &s->out, 1), s->zero_point);
}

STJ_TEMPLATE void add_by(const sums *s, const int8_t *a, int32_t step0, const int8_t *b, int32_t step1, int8_t *to,
                         int32_t count, int32_t shift0, int32_t shift1) {
    for (; count >= 4; count -= 4, a += 4 * step0, b += 4 * step1, to += 4) {
        const int32x4_t x = stj_mve_lanes(a, step0, 0, 1), y = stj_mve_lanes(b, step1, 0, 1);
        vstrbq_s32(to, sum_of(s, x, y, shift0, shift1));
    }
    if (count > 0) {
        const mve_pred16_t some = vctp32q((uint32_t)count);
        const int32x4_t x = stj_mve_lanes(a, step0, some, 0), y = stj_mve_lanes(b, step1, some, 0);
        vstrbq_p_s32(to, sum_of(s, x, y, shift0, shift1), some);
    }
}

STJ_TEMPLATE void add_steps(const sums *s, const int8_t *a, int32_t step0, const int8_t *b, int32_t step1, int8_t *to,
                            int32_t count) {
    if (s->in[0].shift == 0 && s->in[1].shift == 0) {
        add_by(s, a, step0, b, step1, to, count, 0, 0);
    } else if (s->in[0].shift == 0) {
        add_by(s, a, step0, b, step1, to, count, 0, 1);
    } else if (s->in[1].shift == 0) {
        add_by(s, a, step0, b, step1, to, count, 1, 0);
    } else {
        add_by(s, a, step0, b, step1, to, count, 1, 1);
    }
}

/* Any steps of 0 or 1; those of broadcasts are rarer and share one slower loop. */
static STJ_NOINLINE void add_elements(const void *params, const int8_t *a, int32_t step0, const int8_t *b,
                                      int32_t step1, int8_t *to, int32_t count) {
    const stj_add_params *p = params;
    const int32_t unit = INT32_C(1) << HEADROOM;
    const sums s = {{{p->in_multiplier[0], p->in_shift[0]}, {p->in_multiplier[1], p->in_shift[1]}},
                    {p->out_multiplier, p->out_shift},
                    {p->in_zero_point[0] * unit, p->in_zero_point[1] * unit},
                    p->out_zero_point,
                    p->sign};
    if (step0 == 1 && step1 == 1) {
        add_steps(&s, a, 1, b, 1, to, count);
    } else {
        add_steps(&s, a, step0, b, step1, to, count);
    }
    stj_mve_clamp(to, count, p->out_min, p->out_max);
}

void stj_add_any_s8_mve(const stj_add_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    stj_over_broadcast(add_elements, params, params->operands, &params->result, in, out, y0, y1);
}

static void add_pixels(const void *params, const stj_pixel_runs *runs) {
    add_elements(params, runs->in[0], 1, runs->in[1], 1, runs->to, runs->bytes);
}

void stj_add_any_s8_mve_tile(const stj_add_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                             const stj_region *region) {
    stj_over_pixels(add_pixels, params, in, 2, out, region);
}

#endif
