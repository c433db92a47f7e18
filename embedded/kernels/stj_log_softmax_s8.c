/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_log_softmax_s8.h"

#include "stj_fixed_point.h"
#include "stj_rows.h"

#define SUM_BITS 12 /* integer bits of a sum of exponentials: 4095 of them fit */
#define LOG_BITS 6  /* integer bits of a logarithm on the way */
#define SQRT_HALF 1518500250
#define ROOT_SQRT_HALF 1805811301
#define LOG_2 1488522236
#define QUARTER (INT32_C(1) << (31 - LOG_BITS - 2))

/* The logarithm of r near 2^-1/4, from sqrt(1/2) to 1, in units of 2^-31, less a quarter of log(2): a quotient of
 * polynomials in q. In units of 2^-25. */
static int32_t log_of_factor(int32_t r) {
    const int32_t p = (int32_t)(((int64_t)r + ROOT_SQRT_HALF + 1) / 2);
    const int32_t q = 2 * (r - ROOT_SQRT_HALF);
    const int32_t square = stj_doubling_high_mul(q, q);
    const int32_t numerator =
        stj_doubling_high_mul(q, r) + stj_doubling_high_mul(stj_doubling_high_mul(q, square), 117049297);
    const int32_t inner = 1057819769 + q + stj_doubling_high_mul(square, 127690142);
    const int32_t denominator = stj_doubling_high_mul(p, inner) + stj_doubling_high_mul(q, 638450708);
    return stj_doubling_high_mul(stj_rounding_shift_right(numerator, LOG_BITS), stj_one_over_one_plus(denominator));
}

/* The logarithm of a sum of exponentials, at least 1, in units of 2^-26. */
static int32_t log_of_sum(int32_t sum) {
    const int32_t normal = stj_headroom(sum);
    const int32_t other = stj_headroom(stj_doubling_high_mul(sum, SQRT_HALF));
    const int32_t first = stj_shift_left(stj_doubling_high_mul((int32_t)((uint32_t)sum << normal), SQRT_HALF), 1);
    const int32_t second = stj_shift_left(sum, other);
    const int32_t powers[2] = {
        (SUM_BITS - normal - 1) * (INT32_C(1) << (31 - LOG_BITS)) + QUARTER,
        (SUM_BITS - other) * (INT32_C(1) << (31 - LOG_BITS)) - QUARTER,
    };
    const int32_t power = powers[0] > powers[1] ? powers[0] : powers[1];
    const int32_t rest = log_of_factor(first < second ? first : second);
    return stj_shift_left(stj_doubling_high_mul(power, LOG_2) + rest, 1);
}

/* Results of one position. */
static void log_softmax(const stj_log_softmax_params *params, const int8_t *in, int8_t *out) {
    int32_t highest = in[0];
    for (int32_t c = 1; c < params->classes; c++) {
        highest = in[c] > highest ? in[c] : highest;
    }
    int32_t sum = 0;
    for (int32_t c = 0; c < params->classes; c++) {
        sum += params->exponentials[highest - in[c]];
    }
    const int32_t logarithm = log_of_sum(sum);
    const int32_t furthest = stj_requantize(logarithm + INT32_MIN, params->multiplier, params->shift);
    const int32_t least = furthest > params->lowest - 1 ? furthest : params->lowest - 1;
    for (int32_t c = 0; c < params->classes; c++) {
        const int32_t steps = in[c] - highest;
        const int64_t exact = (int64_t)params->differences[-steps] - logarithm;
        const int32_t result = stj_rounding_shift_right(exact < INT32_MIN ? INT32_MIN : (int32_t)exact, 22) + 127;
        out[c] = (int8_t)(steps > least ? stj_clamp(result, INT8_MIN, INT8_MAX) : INT8_MIN);
    }
}

void stj_log_softmax_s8(const stj_log_softmax_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                        int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *from = (const int8_t *)stj_read_row(&in[0], y);
        int8_t *to = (int8_t *)stj_write_row(&out[0], y);
        for (int32_t x = 0; x < params->width; x++) {
            log_softmax(params, from + x * params->classes, to + x * params->classes);
        }
    }
}
