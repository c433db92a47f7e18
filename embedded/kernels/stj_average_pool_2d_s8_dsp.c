/* SPDX-License-Identifier: Apache-2.0 */
/* AVERAGE_POOL_2D with the sums of two channels in a register: 256 int8 fit a halfword.
 *
 * A word of four channels is added by two instructions, SXTAB16 as it lies and SXTAB16 rotated by a byte:
 *
 *     word        c3 | c2 | c1 | c0
 *     words[0]    sum of c2 | sum of c0
 *     words[1]    sum of c3 | sum of c1
 *
 * and the next word likewise goes to words[2] and words[3]. The loop over a row of a window holds four sums, two words,
 * the address, its step and a count. The mean is rounded to nearest, halves away from zero, by a division each: SDIV
 * cuts off, so half the divisor goes before it, with the sum's sign.
 */
#include "stj_average_pool_2d_s8_dsp.h"

#include "stj_pool_2d_dsp.h"

static inline void add_groups(stj_pool_taken *taken, const int8_t *from, int32_t count, int32_t step) {
    int32_t a = taken->words[0], b = taken->words[1], c = taken->words[2], d = taken->words[3];
    do {
        const int32_t first = stj_load_word(from), second = stj_load_word(from + 4);
        from += step;
        a = __sxtab16(a, first), b = stj_sxtab16_odd(b, first);
        c = __sxtab16(c, second), d = stj_sxtab16_odd(d, second);
    } while (--count > 0);
    taken->words[0] = a, taken->words[1] = b, taken->words[2] = c, taken->words[3] = d;
}

static inline int8_t mean_of(int32_t sum, int32_t count, int32_t half, const stj_pool_2d_params *params) {
    const int32_t sign = sum >> 31;
    const int32_t mean = (sum + ((half ^ sign) - sign)) / count;
    const int32_t above = mean < params->out_min ? params->out_min : mean;
    return (int8_t)(above > params->out_max ? params->out_max : above);
}

static inline void give_means(const stj_pool_taken *taken, int32_t count, const stj_pool_2d_params *params,
                              int8_t *to) {
    const int32_t half = count / 2;
    for (int32_t k = 0; k < STJ_POOL_GROUP; k += 4) {
        const int32_t even = taken->words[k / 2], odd = taken->words[k / 2 + 1];
        to[k] = mean_of((int16_t)((uint32_t)even & 0xffffu), count, half, params);
        to[k + 1] = mean_of((int16_t)((uint32_t)odd & 0xffffu), count, half, params);
        to[k + 2] = mean_of(even >> 16, count, half, params);
        to[k + 3] = mean_of(odd >> 16, count, half, params);
    }
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    stj_pool_groups(add_groups, 0, give_means, params, in, run);
}

void stj_average_pool_2d_s8_dsp(const stj_pool_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                                int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->channels);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_average_pool_2d_s8_dsp_tile(const stj_pool_2d_params *params, const stj_pixels_in *in,
                                     const stj_pixels_out *out, const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}
