/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_div_s8.h"

#include "stj_pixels.h"
#include "stj_requantize.h"

/* Bits of a number in [0, 255]. */
static inline int32_t bits_of(int32_t x) {
    int32_t bits = 0;
    while (x >> bits != 0) {
        bits++;
    }
    return bits;
}

/* The quotient in the result's steps, far out of its range where the divisor is zero. */
static int32_t quotient_of(const stj_div_params *params, int32_t dividend, int32_t divisor) {
    if (divisor == 0) {
        return dividend > 0 ? 256 : dividend < 0 ? -256 : 0;
    }
    if (divisor < 0) {
        dividend = -dividend;
        divisor = -divisor;
    }
    const int32_t headroom = 31 - bits_of(dividend < 0 ? -dividend - 1 : dividend);
    const int32_t whole = (int32_t)((uint32_t)dividend << headroom);
    const int32_t quotient = stj_doubling_high_mul(whole, params->reciprocals[divisor]);
    const int32_t right = bits_of(divisor) - 1 + headroom - params->shift;
    return stj_rounding_shift_right(stj_doubling_high_mul(quotient, params->multiplier), right);
}

static STJ_NOINLINE void divide_elements(const void *p, const int8_t *a, int32_t step0, const int8_t *b, int32_t step1,
                                         int8_t *to, int32_t count) {
    const stj_div_params *params = p;
    for (int32_t c = 0; c < count; c++) {
        const int32_t dividend = a[c * step0] - params->in_zero_point[0];
        const int32_t divisor = b[c * step1] - params->in_zero_point[1];
        const int32_t scaled = quotient_of(params, dividend, divisor) + params->out_zero_point;
        to[c] = (int8_t)stj_clamp(scaled, params->out_min, params->out_max);
    }
}

void stj_div_s8(const stj_div_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    stj_over_broadcast(divide_elements, params, params->operands, &params->result, in, out, y0, y1);
}

static void divide_pixels(const void *params, const stj_pixel_runs *runs) {
    divide_elements(params, runs->in[0], 1, runs->in[1], 1, runs->to, runs->bytes);
}

void stj_div_s8_tile(const stj_div_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                     const stj_region *region) {
    stj_over_pixels(divide_pixels, params, in, 2, out, region);
}
