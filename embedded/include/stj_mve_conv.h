/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions with windows for Helium: the inputs of `group` adjacent pixels are put into working memory, column by
 * column, each with its kernel_h rows of in_c bytes, padding included:
 *
 *     column 0: [row 0: in_c bytes][row 1] ... [row kernel_h - 1] | column 1: ...
 *
 * A pixel's window is kernel_w columns that lie side by side, the next pixel's begins stride_w columns further on. So a
 * column is copied once for all windows that share it, and what is left is a product of contiguous vectors
 * (stj_mve_products.h). */
#ifndef STJ_MVE_CONV_H
#define STJ_MVE_CONV_H

#include "stj_conv_2d_s8_mve.h"
#include "stj_mve_products.h"
#include "stj_mve_walk.h"
#include "stj_taps.h"

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

typedef struct {
    const stj_conv_2d_mve_params *params;
    int8_t *columns; /* working memory */
} stj_mve_conv;

/* How inputs of few channels are spread: `count` columns at a time fit a vector, where `places` says how far each byte
 * goes from the first. */
typedef struct {
    uint8x16_t places;
    int32_t count; /* 0: columns are copied one by one */
    int32_t step;  /* from column to column */
} stj_mve_spread;

static inline stj_mve_spread stj_mve_spread_of(const stj_conv_2d_mve_params *p) {
    uint8_t places[16] = {0};
    const int32_t depth = p->in_c, step = p->kernel_h * depth, fit = 16 / depth, far = 255 / step + 1;
    stj_mve_spread spread;
    spread.count = depth > 8 || step > 255 ? 0 : fit < far ? fit : far;
    spread.step = step;
    for (int32_t column = 0, byte = 0; column < spread.count; column++) {
        for (int32_t channel = 0; channel < depth; channel++) {
            places[byte++] = (uint8_t)(column * step + channel);
        }
    }
    spread.places = vldrbq_u8(places);
    return spread;
}

/* `columns` (>= 1) of `depth` bytes that lie side by side. */
static inline void stj_mve_spread_out(const stj_mve_spread *spread, const int8_t *from, int32_t columns, int32_t depth,
                                      int8_t *to) {
    const int32_t bytes = spread->count * depth, step = spread->count * spread->step, whole = columns / spread->count;
    __asm__ volatile("vctp.8 %[bytes]\n"
                     "wls lr, %[whole], 2f\n"
                     "1: vpstt\n"
                     "vldrbt.8 q0, [%[from]]\n"
                     "vstrbt.8 q0, [%[to], %q[places]]\n"
                     "add %[from], %[from], %[bytes]\n"
                     "add %[to], %[to], %[step]\n"
                     "le lr, 1b\n"
                     "2:\n"
                     : [from] "+r"(from), [to] "+r"(to)
                     : [whole] "r"(whole), [bytes] "r"(bytes), [step] "r"(step), [places] "w"(spread->places)
                     : "q0", "lr", "p0", "cc", "memory");
    const mve_pred16_t rest = vctp8q((uint32_t)((columns - whole * spread->count) * depth));
    vstrbq_scatter_offset_p_s8(to, spread->places, vldrbq_z_s8(from, rest), rest);
}

/* `count` columns of one row of taps from column `x` on; `y` is the row of the image, which begins in row `above`. */
static STJ_NOINLINE void stj_mve_conv_gather(const stj_mve_conv *conv, const stj_mve_spread *spread,
                                             const stj_pixels_in *in, int32_t above, int32_t y, int32_t x,
                                             int32_t count, int8_t *to) {
    const stj_conv_2d_mve_params *p = conv->params;
    const int32_t depth = p->in_c, step = spread->step;
    const int8_t *const end = to + count * step;
    const int32_t first = x < 0 ? 0 : x, inside = y >= 0 && y < p->in_h ? p->in_w : 0;
    const int32_t last = x + count < inside ? x + count : inside;
    if (first < last) {
        stj_mve_walk walk = stj_mve_walk_from(in, above + y, first, 1);
        for (int8_t *const stop = to + (first - x) * step; to < stop; to += step) {
            stj_mve_fill(to, p->in_zero_point, depth);
        }
        int32_t left = last - first;
        while (spread->count > 0 && left > 0) {
            const int32_t room = (int32_t)(walk.end - walk.at) / depth, columns = room < left ? room : left;
            stj_mve_spread_out(spread, walk.at, columns, depth, to);
            walk.at += columns * depth - (columns == room ? walk.turn : 0);
            to += columns * step;
            left -= columns;
        }
        for (; left > 0; left--, to += step) {
            stj_mve_copy(to, stj_mve_walk_on(&walk), depth);
        }
    }
    for (; to < end; to += step) {
        stj_mve_fill(to, p->in_zero_point, depth);
    }
}

static STJ_NOINLINE void stj_mve_conv_run(const void *context, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_mve_conv *conv = context;
    const stj_conv_2d_mve_params *p = conv->params;
    const int32_t column = p->kernel_h * p->in_c;
    const stj_mve_layer layer = {p->weights, p->kernel_w * column, p->out_c, p->out_zero_point, p->halves};
    const stj_mve_spread spread = stj_mve_spread_of(p);
    int8_t *to = run->to;
    for (int32_t i = 0; i < run->count; i += p->group) {
        const int32_t pixels = run->count - i < p->group ? run->count - i : p->group;
        const int32_t count = (pixels - 1) * p->stride_w + p->kernel_w;
        for (int32_t ky = 0; ky < p->kernel_h; ky++) {
            stj_mve_conv_gather(conv, &spread, in, run->above, run->y * p->stride_h - p->pad_top + ky * p->dilation_h,
                                (run->x + i) * p->stride_w - p->pad_left, count, conv->columns + ky * p->in_c);
        }
        const int8_t *window = conv->columns;
        for (int32_t left = pixels; left > 0; left -= 4, to += 4 * p->out_c) {
            const int8_t *x[4];
            for (int32_t k = 0; k < 4; k++, window += p->stride_w * column) {
                x[k] = window;
            }
            stj_mve_pixels(&layer, x, to, left < 4 ? left : 4);
        }
    }
    stj_mve_clamp(run->to, run->count * p->out_c, p->out_min, p->out_max);
}

static inline void stj_mve_conv_rows(const stj_conv_2d_mve_params *params, const stj_in *in, const stj_out *out,
                                     int32_t y0, int32_t y1) {
    const stj_mve_conv conv = {params, (int8_t *)out[1].data};
    const stj_pixels_in pixels = stj_mve_rows_in(in, params->in_w, params->in_c);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        stj_mve_conv_run(&conv, &pixels, &run);
    }
}

static inline void stj_mve_conv_region(const stj_conv_2d_mve_params *params, const stj_pixels_in *in,
                                       const stj_pixels_out *out, const stj_region *region) {
    const stj_mve_conv conv = {params, (int8_t *)out[1].data};
    stj_over_region(stj_mve_conv_run, &conv, in, out, region);
}

#endif
#endif
