/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_l2_normalization_s8.h"

#include "stj_requantize.h"
#include "stj_rows.h"

#define OUTPUT_BITS 7                        /* the result's scale is 2^-7 */
#define ONE_Q3 (INT32_C(1) << 28)            /* 1 with three integer bits */
#define THREE_HALVES_Q3 (INT32_C(3) << 27)   /* 3 / 2 */
#define HALF_ROOT_OF_TWO INT32_C(1518500250) /* sqrt(2) / 2 with none */

/* 1 / sqrt(x) = multiplier * 2^(shift - 31), for stj_requantize. */
typedef struct {
    int32_t multiplier, shift;
} inverse_root;

/* x * 2^bits, saturated. */
static int32_t shift_left(int32_t x, int32_t bits) {
    const int64_t wide = (int64_t)x * (INT32_C(1) << bits);
    return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

/* Of x >= 0, where 0 counts as 1: five Newton steps from 1, on x scaled by a power of four into [1/4, 1). */
static STJ_NOINLINE inverse_root inverse_root_of(int32_t x) {
    inverse_root found = {INT32_MAX, 0};
    if (x <= 1) {
        return found;
    }
    int32_t shift = 11;
    for (; x >= INT32_C(1) << 29; shift++) {
        x /= 4;
    }
    for (; x < INT32_C(1) << 27; shift--) {
        x *= 4;
    }
    const int32_t half = stj_rounding_shift_right(x >> 1, 1);
    int32_t root = ONE_Q3;
    for (int step = 0; step < 5; step++) {
        const int32_t square = stj_doubling_high_mul(root, root);
        const int32_t cube = shift_left(stj_doubling_high_mul(square, root), 6);
        root = shift_left(stj_doubling_high_mul(root, THREE_HALVES_Q3) - stj_doubling_high_mul(half, cube), 3);
    }
    found.multiplier = stj_doubling_high_mul(root, HALF_ROOT_OF_TWO);
    if (shift < 0) {
        found.multiplier = (int32_t)((uint32_t)found.multiplier << -shift);
    } else {
        found.shift = -shift;
    }
    return found;
}

static void normalize(const stj_l2_normalization_params *params, const int8_t *in, int8_t *out) {
    int32_t sum = 0;
    for (int32_t c = 0; c < params->channels; c++) {
        const int32_t x = in[c] - params->zero_point;
        sum += x * x;
    }
    const inverse_root root = inverse_root_of(sum);
    for (int32_t c = 0; c < params->channels; c++) {
        const int32_t x = in[c] - params->zero_point;
        out[c] = (int8_t)stj_clamp(stj_requantize(x, root.multiplier, root.shift + OUTPUT_BITS), INT8_MIN, INT8_MAX);
    }
}

void stj_l2_normalization_s8(const stj_l2_normalization_params *params, const stj_in *in, const stj_out *out,
                             int32_t y0, int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *from = (const int8_t *)stj_read_row(&in[0], y);
        int8_t *to = (int8_t *)stj_write_row(&out[0], y);
        for (int32_t x = 0; x < params->width; x++) {
            normalize(params, from + x * params->channels, to + x * params->channels);
        }
    }
}
