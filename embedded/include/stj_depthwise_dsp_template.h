/* SPDX-License-Identifier: Apache-2.0 */
/* The loops around both passes of stj_depthwise_dsp.h, and the template of its kernels. */
#ifndef STJ_DEPTHWISE_DSP_TEMPLATE_H
#define STJ_DEPTHWISE_DSP_TEMPLATE_H

#include "stj_depthwise_add_dsp.h"
#include "stj_depthwise_dsp.h"
#include "stj_taps.h"

/* Finds the columns from `x` on of row `y` of an image, `above` rows below the ring's first. Kernels of images whose
 * rows come in phases find them otherwise. */
#ifndef STJ_FIND_ROW
#define STJ_FIND_ROW(line, in, p, above, y, x) stj_find_line(line, in, (above) + (y), x)
#endif

/* Where row `row` of the ring has the run's columns, of which the first on the image is `x`. */
static inline void stj_find_line(stj_line *line, const stj_pixels_in *in, int32_t row, int32_t x) {
    int32_t slot, room, turn;
    if (in->rows > 0) {
        const int32_t column = x % in->columns;
        slot = row % in->rows * in->columns + column;
        room = in->columns - column;
        turn = in->columns;
    } else {
        slot = (row * in->columns + x) % in->pixels;
        room = in->pixels - slot;
        turn = in->pixels;
    }
    line->at = (const int8_t *)in->data + slot * in->pixel_bytes;
    line->step = in->pixel_bytes;
    line->group = 4;
    line->room = room;
    line->turn = turn * in->pixel_bytes;
}

static STJ_NOINLINE void stj_find_window(int32_t size, int32_t stride, const stj_depthwise_dsp_params *p,
                                         const stj_pixels_in *in, const stj_output_run *run, const int8_t *outside,
                                         stj_window *window) {
    const int32_t left = run->x * stride - p->pad_left, top = run->y * p->stride_h - p->pad_top;
    const int32_t columns = (run->count - 1) * stride + size;
    const int32_t first = left >= 0 ? 0 : left + columns > 0 ? -left : columns;
    const int32_t end = p->in_w - left < columns ? p->in_w - left : columns;
    const int32_t count = end > first ? end - first : 0;
    int32_t wraps = 0, first_pair = size, end_pair = 0;
    for (int32_t i = 0; i < size; i++) {
        stj_line *line = &window->lines[i];
        const int32_t y = top + i * p->dilation_h;
        if (y >= 0 && y < p->in_h && count > 0) {
            STJ_FIND_ROW(line, in, p, run->above, y, left + first);
            wraps |= line->room < count;
            if (i / 2 < first_pair) {
                first_pair = i / 2;
            }
            end_pair = i / 2 + 1;
        } else {
            line->at = outside;
            line->step = 0;
            line->group = 0;
            line->room = INT32_MAX;
            line->turn = 0;
        }
    }
    window->first = first;
    window->count = count;
    window->columns = columns;
    window->outside = outside;
    window->wraps = wraps;
    window->zero = (int32_t)((uint32_t)(-p->in_zero_point & 0xffff) * 0x10001u);
    window->last = window->lines[size - 1].group;
    window->at_once = !wraps && window->lines[0].group && window->lines[1].group && window->last;
    end_pair = end_pair < size / 2 ? end_pair : size / 2;
    if (size == 3) { /* the only pair is always added */
        first_pair = 0;
        end_pair = 1;
    }
    window->first_pair = first_pair;
    window->narrow =
        stride == 1 && run->count > 1 && run->count <= STJ_MOST_OUTPUTS && first == size / 2 && count == run->count;
    window->whole = window->last && first_pair == 0 && end_pair == size / 2;
    window->pairs = end_pair > first_pair ? end_pair - first_pair : 0;
}

/* Zeros in what pass 1 leaves out: the columns [from, to) beside the image, the same for all channels. */
static STJ_NOINLINE void stj_fill_padding(int32_t lane_words, int32_t *records, int32_t from, int32_t to) {
    for (int32_t j = from; j < to; j++) {
        int32_t *at = records + (j >> 1) * 4 * lane_words;
        for (int32_t lane = 0; lane < 4; lane++) {
            for (int32_t i = j & 1; i < lane_words - 1; i += 2) {
                at[i] = 0;
            }
            at[lane_words - 1] = 0;
            at += lane_words;
        }
    }
}

typedef void stj_unpack_function(int32_t *records, const stj_window *window, stj_line *line);
typedef void stj_add_function(const int32_t *lane, const int32_t *table, int8_t *out, int32_t step, int32_t count,
                              int32_t channels, const stj_window *window);

/* What a kernel is made of: functions of its own, which are not inlined, for both passes. */
typedef struct {
    stj_unpack_function *rows, *last;
    stj_unpack_function *three; /* for windows of 3 x 3 */
    stj_add_function *add;
} stj_depthwise_passes;

/* One run, no wider than scratch. */
STJ_TEMPLATE void stj_depthwise_run(int32_t size, int32_t stride, stj_depthwise_passes passes,
                                    const stj_depthwise_dsp_params *p, const stj_pixels_in *in,
                                    const stj_output_run *run, int32_t *scratch) {
    const int32_t out_c = p->in_c * p->depth_multiplier;
    int32_t *records = scratch + 2;
    const int32_t *table = p->table;
    int8_t *to = run->to;
    stj_window window;
    *scratch = (int32_t)((uint32_t)(p->in_zero_point & 0xff) * 0x01010101u);
    stj_find_window(size, stride, p, in, run, (const int8_t *)scratch, &window);
    if (!window.narrow) {
        stj_fill_padding(STJ_LANE_WORDS(size), records, 0, window.first);
        stj_fill_padding(STJ_LANE_WORDS(size), records, window.first + window.count, window.columns);
    }
    for (int32_t c = 0; c < p->in_c; c += 4) {
        const int32_t lanes = p->in_c - c < 4 ? p->in_c - c : 4;
        if (size == 3 && window.at_once) {
            passes.three(records, &window, window.lines);
        } else {
#pragma GCC unroll 1
            for (int32_t i = 0; i < window.pairs; i++) {
                const int32_t pair = window.first_pair + i;
                passes.rows(records + 2 * pair, &window, &window.lines[2 * pair]);
            }
            if (window.last) {
                passes.last(records + size / 2 * 2, &window, &window.lines[size - 1]);
            }
        }
        if (p->depth_multiplier == 1) {
            passes.add(records, table, to, out_c, run->count, lanes, &window);
            table += lanes * STJ_TABLE_WORDS(size);
            to += lanes;
            continue;
        }
        for (int32_t k = 0; k < lanes * p->depth_multiplier; k++) {
            passes.add(records + k / p->depth_multiplier * STJ_LANE_WORDS(size), table, to, out_c, run->count, 1,
                       &window);
            table += STJ_TABLE_WORDS(size);
            to++;
        }
    }
}

/* A run of any width. Scratch: a word of zero points, a word that is not used, and the records. */
STJ_TEMPLATE void stj_depthwise_pieces(int32_t size, int32_t stride, stj_depthwise_passes passes,
                                       const stj_depthwise_dsp_params *p, const stj_pixels_in *in,
                                       const stj_output_run *run, void *scratch) {
    const int32_t out_c = p->in_c * p->depth_multiplier;
    stj_output_run piece = *run;
    for (int32_t rest = run->count; rest > 0; rest -= piece.count) {
        piece.count = rest < p->columns ? rest : p->columns;
        stj_depthwise_run(size, stride, passes, p, in, &piece, (int32_t *)scratch);
        piece.x += piece.count;
        piece.to += piece.count * out_c;
    }
}

/* Computes a run; each kernel has its own. */
typedef void stj_depthwise_function(const stj_depthwise_dsp_params *p, const stj_pixels_in *in,
                                    const stj_output_run *run, void *scratch);

STJ_TEMPLATE void stj_depthwise_rows(stj_depthwise_function *compute, const stj_depthwise_dsp_params *p,
                                     const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, p->in_w, p->in_c);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, p->in_h, p->out_h, p->out_w);
        compute(p, &pixels, &run, out[1].data);
    }
}

STJ_TEMPLATE void stj_depthwise_region(stj_depthwise_function *compute, const stj_depthwise_dsp_params *p,
                                       const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    for (int32_t y = region->y0; y < region->y1; y++) {
        for (int32_t x = region->x0; x < region->x1;) {
            const stj_output_run run = stj_output_run_of(out, y, x, region->x1);
            compute(p, in, &run, out[1].data);
            x += run.count;
        }
    }
}

/* The kernel NAME of SIZE x SIZE taps at a stride of STRIDE columns: its passes, and its functions for rows, by ROWS,
 * and regions.
 */
#define STJ_DEPTHWISE_KERNEL(NAME, SIZE, STRIDE) STJ_DEPTHWISE_KERNEL_BY(NAME, SIZE, STRIDE, stj_depthwise_rows)

#define STJ_DEPTHWISE_KERNEL_BY(NAME, SIZE, STRIDE, ROWS)                                                              \
    static STJ_NOINLINE void unpack_rows(int32_t *records, const stj_window *window, stj_line *line) {                 \
        stj_unpack_rows(SIZE, records, window, line);                                                                  \
    }                                                                                                                  \
    static STJ_NOINLINE void unpack_last(int32_t *records, const stj_window *window, stj_line *line) {                 \
        stj_unpack_last(SIZE, records, window, line);                                                                  \
    }                                                                                                                  \
    static STJ_NOINLINE void unpack_three(int32_t *records, const stj_window *window, stj_line *lines) {               \
        stj_unpack_three(records, window, lines);                                                                      \
    }                                                                                                                  \
    static STJ_NOINLINE void add(const int32_t *lane, const int32_t *table, int8_t *out, int32_t step, int32_t count,  \
                                 int32_t channels, const stj_window *window) {                                         \
        stj_add(SIZE, STRIDE, lane, table, out, step, count, channels, window);                                        \
    }                                                                                                                  \
    static STJ_NOINLINE void compute(const stj_depthwise_dsp_params *p, const stj_pixels_in *in,                       \
                                     const stj_output_run *run, void *scratch) {                                       \
        const stj_depthwise_passes passes = {unpack_rows, unpack_last, unpack_three, add};                             \
        stj_depthwise_pieces(SIZE, STRIDE, passes, p, in, run, scratch);                                               \
    }                                                                                                                  \
    void NAME(const stj_depthwise_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {  \
        ROWS(compute, params, in, out, y0, y1);                                                                        \
    }                                                                                                                  \
    void NAME##_tile(const stj_depthwise_dsp_params *params, const stj_pixels_in *in, const stj_pixels_out *out,       \
                     const stj_region *region) {                                                                       \
        stj_depthwise_region(compute, params, in, out, region);                                                        \
    }

#endif
