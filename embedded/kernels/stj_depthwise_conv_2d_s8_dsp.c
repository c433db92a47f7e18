/* SPDX-License-Identifier: Apache-2.0 */
/* Four channels at a time, two taps at a time: a word of each tap's pixel holds the four channels, PKHBT, PKHTB and
 * four SXTAB16 make four pairs of them, less the zero point, and four SMLADs add these up.
 *
 *     tap 0    c0 c1 c2 c3        c0 of taps 0 and 1     weights of c0
 *     tap 1    c0 c1 c2 c3        c1 of taps 0 and 1     weights of c1       ...
 *
 * Scratch holds, for one output position, the address of each tap's pixel: a tap outside the image has that of a pixel
 * of zero points, which lies behind them. The list is made once per position and used by all channels.
 *
 * Register plan: 4 sums, list, its end, table, channel, minus the zero point twice; the rest is for data and weights.
 */
#include "stj_depthwise_conv_2d_s8_dsp.h"

#include "stj_dsp.h"
#include "stj_rescale_dsp.h"
#include "stj_taps.h"

enum { LANES = 4 };

/* A pixel of zero points. */
static STJ_NOINLINE void fill(int8_t *pixel, int32_t channels, int32_t zero_point) {
    for (int32_t c = 0; c < channels; c += LANES) {
        const int8_t zeros[LANES] = {(int8_t)zero_point, (int8_t)zero_point, (int8_t)zero_point, (int8_t)zero_point};
        memcpy(pixel + c, zeros, LANES);
    }
}

/* The addresses of one output position; the one that fills up the last pair is that of any pixel. */
static STJ_NOINLINE void list_taps(const stj_depthwise_conv_2d_dsp_params *p, const stj_taps *taps, const int8_t **list,
                                   const int8_t *outside) {
    const int8_t **to = list;
    int32_t offset = taps->offset;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int there = ky >= taps->first_y && ky < taps->end_y && taps->count > 0;
        const int8_t *pixel = taps->data + offset;
        int32_t room = there ? stj_room(taps, offset) : 0;
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            if (!there || kx < taps->first_x || kx >= taps->first_x + taps->count) {
                *to++ = outside;
                continue;
            }
            *to++ = pixel;
            pixel += stj_right(taps, &room);
        }
        offset = there ? stj_below(taps, offset) : offset;
    }
    *to = to[-1];
}

static inline int8_t rescaled(int32_t halves, int32_t sum, int32_t multiplier, int32_t addend, int32_t shift) {
    return stj_saturated(halves ? stj_rescale_twice_away(sum, multiplier, addend, shift)
                                : stj_rescale_twice(sum, multiplier, addend, shift));
}

/* The result of lane k, a constant. `table` is at the multipliers and addends. */
STJ_TEMPLATE int8_t result(int32_t halves, const int32_t *table, int32_t k, int32_t sum) {
    int32_t multiplier, addend;
    stj_load_two(table, 2 * k, &multiplier, &addend);
    return rescaled(halves, sum, multiplier, addend, table[2 * LANES + k]);
}

/* Fewer than four channels, or an activation that leaves a part of int8. */
static STJ_NOINLINE void store_some(const stj_depthwise_conv_2d_dsp_params *p, int32_t lanes, const int32_t *table,
                                    const int32_t *sums, int8_t *out) {
    for (int32_t k = 0; k < lanes; k++) {
        const int32_t x = rescaled(p->halves, sums[k], table[2 * k], table[2 * k + 1], table[2 * LANES + k]);
        out[k] = (int8_t)(x < p->out_min ? p->out_min : x > p->out_max ? p->out_max : x);
    }
}

/* All channels of one output position. */
static STJ_NOINLINE void add_position(const stj_depthwise_conv_2d_dsp_params *p, const int8_t *const *list,
                                      int32_t pairs, int8_t *out) {
    const int32_t zero = stj_in_register((int32_t)((uint32_t)(-p->in_zero_point & 0xffff) * 0x10001u));
    const int8_t *const *const end = list + 2 * pairs;
    const int32_t *table = p->table;
    const int32_t halves = p->halves, narrow = p->out_min > INT8_MIN || p->out_max < INT8_MAX;
    for (int32_t c = 0; c < p->in_c; c += LANES) {
        int32_t s0 = table[0], s1 = table[1], s2 = table[2], s3 = table[3];
        const int8_t *const *tap = list;
        table += LANES;
        do {
            const int8_t *first, *second;
            stj_load_two(tap, 0, &first, &second);
            const int32_t x = stj_load_word(first + c), y = stj_load_word(second + c);
            const int32_t low = stj_pkhbt(x, y), high = stj_pkhtb(x, y);
            int32_t w[LANES];
            table += LANES;
            stj_load_two(table, -4, &w[0], &w[1]);
            s0 = __smlad(__sxtab16(zero, low), w[0], s0);
            s1 = __smlad(stj_sxtab16_odd(zero, low), w[1], s1);
            stj_load_two(table, -2, &w[2], &w[3]);
            s2 = __smlad(__sxtab16(zero, high), w[2], s2);
            s3 = __smlad(stj_sxtab16_odd(zero, high), w[3], s3);
            tap += 2;
        } while (tap != end);
        const int32_t lanes = p->in_c - c;
        if (lanes < LANES || narrow) {
            const int32_t sums[LANES] = {s0, s1, s2, s3};
            store_some(p, lanes < LANES ? lanes : LANES, table, sums, out + c);
        } else if (halves) {
            out[c] = result(1, table, 0, s0);
            out[c + 1] = result(1, table, 1, s1);
            out[c + 2] = result(1, table, 2, s2);
            out[c + 3] = result(1, table, 3, s3);
        } else {
            out[c] = result(0, table, 0, s0);
            out[c + 1] = result(0, table, 1, s1);
            out[c + 2] = result(0, table, 2, s2);
            out[c + 3] = result(0, table, 3, s3);
        }
        table += 3 * LANES;
    }
}

/* Scratch: the addresses, one more than there are taps, and the pixel of zero points. */
static STJ_NOINLINE void compute_run(const stj_depthwise_conv_2d_dsp_params *p, const stj_pixels_in *in,
                                     const stj_output_run *run, void *scratch) {
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    const int32_t count = p->kernel_h * p->kernel_w;
    const int8_t **const list = scratch;
    int8_t *const outside = (int8_t *)(list + count + 1);
    int8_t *to = run->to;
    int filled = 0;
    stj_taps taps;
    stj_taps_of_row(&taps, in, &height, p->dilation_w, run->above, run->y);
    for (int32_t i = 0; i < run->count; i++) {
        stj_taps_in_row(&taps, in, &width, run->x + i);
        if (!filled && (taps.end_y - taps.first_y < p->kernel_h || taps.count < p->kernel_w)) {
            fill(outside, p->in_c, p->in_zero_point);
            filled = 1;
        }
        list_taps(p, &taps, list, outside);
        add_position(p, list, (count + 1) / 2, to);
        to += p->in_c;
    }
}

void stj_depthwise_conv_2d_s8_dsp(const stj_depthwise_conv_2d_dsp_params *params, const stj_in *in, const stj_out *out,
                                  int32_t y0, int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->in_c);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run, out[1].data);
    }
}

void stj_depthwise_conv_2d_s8_dsp_tile(const stj_depthwise_conv_2d_dsp_params *params, const stj_pixels_in *in,
                                       const stj_pixels_out *out, const stj_region *region) {
    for (int32_t y = region->y0; y < region->y1; y++) {
        for (int32_t x = region->x0; x < region->x1;) {
            const stj_output_run run = stj_output_run_of(out, y, x, region->x1);
            compute_run(params, in, &run, out[1].data);
            x += run.count;
        }
    }
}
