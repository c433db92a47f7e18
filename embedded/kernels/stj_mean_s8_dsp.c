/* SPDX-License-Identifier: Apache-2.0 */
/* MEAN over height and width, with the sums of two channels in a register, as in stj_average_pool_2d_s8_dsp.c: a group
 * of eight channels is added up over all rows, then rescaled. The last group ends with the last channel and may overlap
 * the one before. The zero point is taken off each sum at once.
 */
#include "stj_mean_s8_dsp.h"

#include "stj_dsp.h"
#include "stj_requantize.h"
#include "stj_window.h"

enum { GROUP = 8 };

/* As stj_requantize, without its test for a product that a multiplier >= 0 never gives. */
static inline int8_t rescaled(const stj_mean_dsp_params *p, int32_t sum) {
    const int32_t shifted = (int32_t)((uint32_t)(sum - p->less) << (p->shift > 0 ? p->shift : 0));
    const int32_t high = (int32_t)(((int64_t)shifted * p->multiplier + (INT64_C(1) << 30)) >> 31);
    const int32_t scaled = stj_rounding_shift_right(high, p->shift > 0 ? 0 : -p->shift);
    return stj_ssat_8(scaled + p->out_zero_point);
}

static STJ_NOINLINE void mean_group(const stj_mean_dsp_params *p, const stj_in *in, int32_t channel, int8_t *to) {
    int32_t sums[4] = {0, 0, 0, 0};
    int32_t slot = 0;
    for (int32_t y = 0; y < p->rows; y++) {
        const int8_t *from = stj_slot(in, slot) + channel;
        int32_t a = sums[0], b = sums[1], c = sums[2], d = sums[3];
        int32_t left = p->width;
        do {
            const int32_t first = stj_load_word(from), second = stj_load_word(from + 4);
            from += p->channels;
            a = __sxtab16(a, first), b = stj_sxtab16_odd(b, first);
            c = __sxtab16(c, second), d = stj_sxtab16_odd(d, second);
        } while (--left > 0);
        sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d;
        slot = stj_next_slot(slot, 1, in->capacity);
    }
    for (int32_t k = 0; k < GROUP; k++) {
        const int32_t pair = sums[k / 4 * 2 + k % 2];
        to[k] = rescaled(p, k % 4 < 2 ? (int16_t)((uint32_t)pair & 0xffffu) : pair >> 16);
    }
}

void stj_mean_s8_dsp(const stj_mean_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const int32_t last = params->channels - GROUP;
    for (int32_t y = y0; y < y1; y++) {
        int8_t *to = stj_out_row(out, y);
        for (int32_t c = 0; c < last; c += GROUP) {
            mean_group(params, in, c, to + c);
        }
        mean_group(params, in, last, to + last);
    }
}
