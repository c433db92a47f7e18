/* SPDX-License-Identifier: Apache-2.0 */
/* The template of stj_depthwise_dsp.h, where its idea is explained: pass 1, pass 2, and the loops around them. */
#ifndef STJ_DEPTHWISE_DSP_TEMPLATE_H
#define STJ_DEPTHWISE_DSP_TEMPLATE_H

#include "stj_depthwise_dsp.h"
#include "stj_dsp.h"
#include "stj_rescale_dsp.h"
#include "stj_taps.h"

/* Words of a record's channel, of a record, and of a channel's part of the table. */
#define STJ_LANE_WORDS(size) ((size) / 2 * 2 + 1)
#define STJ_RECORD_WORDS(size) (4 * STJ_LANE_WORDS(size))
#define STJ_TABLE_WORDS(size) ((size) / 2 * (size) + (size) + 2)

/* A pointer that a loop takes from step to step: the compiler does not compute anew where it ends. */
#if defined(__GNUC__)
#define STJ_STEPS(pointer) __asm__("" : "+r"(pointer))
#else
#define STJ_STEPS(pointer) ((void)0)
#endif

/* Places in the table. */
enum { STJ_BIAS = 0, STJ_MULTIPLIER = 1, STJ_WEIGHTS = 3 };

enum { STJ_EVEN_SHIFT = 8, STJ_MOST_TAPS = 7, STJ_MOST_OUTPUTS = 6 };

/* --- pass 1 ------------------------------------------------------------------------------------------------------- */

/* One row of the window over a run. A row outside the image stays on one word of zero points. */
typedef struct {
    const int8_t *at; /* channel 0 of the first column that is on the image */
    int32_t step;     /* bytes from one column to the next, 0 outside the image */
    int32_t group;    /* and from four channels to the next four */
    int32_t room;     /* columns before the row wraps */
    int32_t turn;     /* bytes back at the wrap */
} stj_line;

/* A run of output columns and where its input is. */
typedef struct {
    stj_line lines[STJ_MOST_TAPS];
    int32_t first, count;      /* columns of the plane that are on the image */
    int32_t columns;           /* of the plane */
    int32_t wraps;             /* whether any row wraps within the run */
    int32_t zero;              /* what is added to every pair: minus the zero point, twice */
    int32_t first_pair, pairs; /* pairs of rows of which one at least is on the image */
    int32_t last;              /* whether the last row is */
    int32_t whole;             /* whether all are */
    int32_t narrow;            /* whether the run is the whole row of an image of 2 to STJ_MOST_OUTPUTS columns */
    int32_t at_once;           /* whether there are three rows, all on the image, none wraps */
    const int8_t *outside;     /* a word of zero points */
} stj_window;

/* Where a line has a column, before or after the wrap. */
static inline const int8_t *stj_line_at(const stj_line *line, int32_t column) {
    return line->at + column * line->step - (column < line->room ? 0 : line->turn);
}

/* Columns from `column` on, at most `count`, before the line wraps. */
static inline int32_t stj_line_room(const stj_line *line, int32_t column, int32_t count) {
    const int32_t room = line->room - column;
    return room > 0 && room < count ? room : count;
}

/* Two words, of two rows or columns, as four pairs: of channels 0 to 3. `to` is where that of channel 0 goes. */
STJ_TEMPLATE void stj_unpack_one(int32_t size, int32_t *to, int32_t zero, int32_t x, int32_t y) {
    const int32_t lane = STJ_LANE_WORDS(size), low = stj_pkhbt(x, y), high = stj_pkhtb(x, y);
    to[0] = __sxtab16(zero, low);
    to[lane] = stj_sxtab16_odd(zero, low);
    to[2 * lane] = __sxtab16(zero, high);
    to[3 * lane] = stj_sxtab16_odd(zero, high);
}

/* The same of two columns whose pairs lie side by side. */
STJ_TEMPLATE void stj_unpack_two(int32_t size, int32_t *to, int32_t zero, int32_t x0, int32_t y0, int32_t x1,
                                 int32_t y1) {
    const int32_t lane = STJ_LANE_WORDS(size);
    const int32_t low0 = stj_pkhbt(x0, y0), high0 = stj_pkhtb(x0, y0);
    const int32_t low1 = stj_pkhbt(x1, y1), high1 = stj_pkhtb(x1, y1);
    int32_t first = __sxtab16(zero, low0), second = __sxtab16(zero, low1);
    stj_store_two(to, 0, first, second);
    first = stj_sxtab16_odd(zero, low0);
    second = stj_sxtab16_odd(zero, low1);
    stj_store_two(to, lane, first, second);
    first = __sxtab16(zero, high0);
    second = __sxtab16(zero, high1);
    stj_store_two(to, 2 * lane, first, second);
    first = stj_sxtab16_odd(zero, high0);
    second = stj_sxtab16_odd(zero, high1);
    stj_store_two(to, 3 * lane, first, second);
}

/* Pairs of rows, `count` columns from `p` and `q` on, to v words; `to` is this pair of rows in lane 0 of the record,
 * and `odd` whether the first column is its second one. */
STJ_TEMPLATE void stj_unpack_columns(int32_t size, int32_t *to, int32_t zero, const int8_t *p, const int8_t *q,
                                     int32_t p_step, int32_t q_step, int32_t odd, int32_t count) {
    if (odd) {
        stj_unpack_one(size, to + 1, zero, stj_load_word(p), stj_load_word(q));
        to += STJ_RECORD_WORDS(size);
        p += p_step;
        q += q_step;
        count--;
    }
    for (int32_t twos = count >> 1; twos > 0; twos--) {
        stj_unpack_two(size, to, zero, stj_load_word(p), stj_load_word(q), stj_load_word(p + p_step),
                       stj_load_word(q + q_step));
        to += STJ_RECORD_WORDS(size);
        STJ_STEPS(to);
        p_step = stj_in_register(p_step); /* else the compiler keeps twice the steps in registers that it lacks */
        q_step = stj_in_register(q_step);
        p += 2 * p_step;
        q += 2 * q_step;
    }
    if (count & 1) {
        stj_unpack_one(size, to, zero, stj_load_word(p), stj_load_word(q));
    }
}

/* A pair of rows to v words, and on to the next four channels. `records` is the pair's place in lane 0 of the first. */
STJ_TEMPLATE void stj_unpack_rows(int32_t size, int32_t *records, const stj_window *window, stj_line *a) {
    stj_line *b = a + 1;
    if (!window->wraps) {
        stj_unpack_columns(size, records + (window->first >> 1) * STJ_RECORD_WORDS(size), window->zero, a->at, b->at,
                           a->step, b->step, window->first & 1, window->count);
    } else {
        for (int32_t done = 0; done < window->count;) {
            const int32_t j = window->first + done;
            const int32_t count = stj_line_room(b, done, stj_line_room(a, done, window->count - done));
            stj_unpack_columns(size, records + (j >> 1) * STJ_RECORD_WORDS(size), window->zero, stj_line_at(a, done),
                               stj_line_at(b, done), a->step, b->step, j & 1, count);
            done += count;
        }
    }
    a->at += a->group;
    b->at += b->group;
}

/* The last row, which is on the image, to t words: pairs of its columns; and on to the next four channels. `records` is
 * the place of t in lane 0 of the first. */
STJ_TEMPLATE void stj_unpack_last(int32_t size, int32_t *records, const stj_window *window, stj_line *a) {
    const int32_t step = a->step, zero = window->zero, end = window->count;
    int32_t *to = records + (window->first >> 1) * STJ_RECORD_WORDS(size);
    int32_t done = 0;
    if (window->first & 1) {
        stj_unpack_one(size, to, zero, stj_load_word(window->outside), stj_load_word(a->at));
        to += STJ_RECORD_WORDS(size);
        done = 1;
    }
    while (end - done >= 2) {
        int32_t count = (end - done) >> 1, next = step;
        const int8_t *p = a->at + done * step;
        if (window->wraps) {
            p = stj_line_at(a, done);
            count = stj_line_room(a, done, end - done) >> 1;
            if (count == 0) { /* a pair astride the wrap */
                count = 1;
                next = step - a->turn;
            }
        }
        done += 2 * count;
        do {
            stj_unpack_one(size, to, zero, stj_load_word(p), stj_load_word(p + next));
            to += STJ_RECORD_WORDS(size);
            p += 2 * step;
        } while (--count > 0);
    }
    if (done < end) {
        stj_unpack_one(size, to, zero, stj_load_word(stj_line_at(a, done)), stj_load_word(window->outside));
    }
    a->at += a->group;
}

/* All three rows of a window of 3 x 3 that lie on the image and do not wrap, in one go: v and t words, and on to the
 * next four channels. */
STJ_TEMPLATE void stj_unpack_three(int32_t *records, const stj_window *window, stj_line *lines) {
    const int8_t *p = lines[0].at, *q = lines[1].at, *r = lines[2].at;
    const int32_t zero = window->zero;
    int32_t step = lines[0].step, count = window->count;
    int32_t *to = records + (window->first >> 1) * STJ_RECORD_WORDS(3);
    lines[0].at = p + 4;
    lines[1].at = q + 4;
    lines[2].at = r + 4;
    if (window->first & 1) {
        stj_unpack_one(3, to + 1, zero, stj_load_word(p), stj_load_word(q));
        stj_unpack_one(3, to + 2, zero, stj_load_word(window->outside), stj_load_word(r));
        to += STJ_RECORD_WORDS(3);
        p += step;
        q += step;
        r += step;
        count--;
    }
    for (int32_t twos = count >> 1; twos > 0; twos--) {
        stj_unpack_two(3, to, zero, stj_load_word(p), stj_load_word(q), stj_load_word(p + step),
                       stj_load_word(q + step));
        stj_unpack_one(3, to + 2, zero, stj_load_word(r), stj_load_word(r + step));
        to += STJ_RECORD_WORDS(3);
        STJ_STEPS(to);
        step = stj_in_register(step); /* else the compiler keeps twice the step in a register that it lacks */
        p += 2 * step;
        q += 2 * step;
        r += 2 * step;
    }
    if (count & 1) {
        stj_unpack_one(3, to, zero, stj_load_word(p), stj_load_word(q));
        stj_unpack_one(3, to + 2, zero, stj_load_word(r), stj_load_word(window->outside));
    }
}

/* --- pass 2 ------------------------------------------------------------------------------------------------------- */

/* How a block of outputs is computed: constants of the code. */
typedef struct {
    int32_t size, stride;
    int32_t outputs;
    int32_t begin,
        end;       /* columns of the plane that need no look, being outside the image, are those before and behind */
    int32_t whole; /* whether all rows of the window are on the image */
} stj_depthwise_block;

/* Adds taps [from, to) of one pair of rows to a block's outputs. `v` words behind `lane` is the pair in the record of
 * the first output's first column, `w` words behind `table` the weight of tap 0. */
STJ_TEMPLATE void stj_add_rows(stj_depthwise_block block, int32_t from, int32_t to, const int32_t *lane, int32_t v,
                               const int32_t *table, int32_t w, int32_t *sums) {
    const int32_t last = (block.outputs - 1) * block.stride + to, end = last < block.end ? last : block.end;
    const int32_t begin = from > block.begin ? from : block.begin;
    int32_t weights[STJ_MOST_TAPS];
#pragma GCC unroll 8
    for (int32_t i = from; i < to; i += 2) {
        if (i + 1 < to) {
            stj_load_two(table, w + i, &weights[i], &weights[i + 1]);
        } else {
            weights[i] = table[w + i];
        }
    }
#pragma GCC unroll 32
    for (int32_t j = begin & ~1; j < end; j += 2) {
        const int32_t at = v + j / 2 * STJ_RECORD_WORDS(block.size);
        int32_t pair[2] = {0, 0};
        if (j >= begin && j + 1 < end) {
            stj_load_two(lane, at, &pair[0], &pair[1]);
        } else {
            pair[j < begin] = lane[at + (j < begin)];
        }
#pragma GCC unroll 2
        for (int32_t h = 0; h < 2; h++) {
#pragma GCC unroll 8
            for (int32_t k = 0; k < block.outputs; k++) {
                const int32_t tap = j + h - k * block.stride;
                if (j + h >= begin && j + h < end && tap >= from && tap < to) {
                    sums[k] = __smlad(pair[h], weights[tap], sums[k]);
                }
            }
        }
    }
}

/* Adds the last row to a block's outputs; the weights are those of taps 0 and 1, 1 and 2, 2 and 3, ... */
STJ_TEMPLATE void stj_add_last(stj_depthwise_block block, const int32_t *lane, int32_t t, const int32_t *table,
                               int32_t w, int32_t *sums) {
    const int32_t last = (block.outputs - 1) * block.stride + block.size, end = last < block.end ? last : block.end;
    int32_t weights[STJ_MOST_TAPS];
#pragma GCC unroll 8
    for (int32_t i = 0; i < block.size - 1; i += 2) {
        stj_load_two(table, w + i, &weights[i], &weights[i + 1]);
    }
#pragma GCC unroll 32
    for (int32_t j = block.begin & ~1; j < end; j += 2) {
        const int32_t pair = lane[t + j / 2 * STJ_RECORD_WORDS(block.size)];
#pragma GCC unroll 8
        for (int32_t k = 0; k < block.outputs; k++) {
            const int32_t tap = j - k * block.stride; /* of the pair's first column */
            if (tap >= 0 && tap + 1 < block.size) {
                sums[k] = __smlad(pair, weights[tap], sums[k]);
            } else if (tap == -1) {
                sums[k] = __smlatb(pair, weights[0], sums[k]);
            } else if (tap + 1 == block.size) {
                sums[k] = __smlabt(pair, weights[block.size - 2], sums[k]);
            }
        }
    }
}

/* The outputs of a block in one channel, `step` bytes apart; returns where the next one goes. `lane` is the channel's
 * in the record of the first output's first column. */
STJ_TEMPLATE int8_t *stj_add_block(stj_depthwise_block block, const int32_t *lane, const int32_t *table, int8_t *out,
                                   int32_t step, const stj_window *window, int32_t last) {
    const int32_t size = block.size, half = size / 2;
    /* As many weights at a time as there are registers for. */
    const int32_t split = size == 7 || (size == 5 && block.outputs > 5) ? 4 : size;
    const int32_t bias = table[STJ_BIAS];
    int32_t sums[STJ_MOST_OUTPUTS], multiplier, addend;
#pragma GCC unroll 8
    for (int32_t k = 0; k < block.outputs; k++) {
        sums[k] = bias;
    }
    if (size == 3 || block.whole) {
#pragma GCC unroll 3
        for (int32_t i = 0; i < half; i++) {
            stj_add_rows(block, 0, split, lane, 2 * i, table, STJ_WEIGHTS + i * size, sums);
            if (split < size) {
                stj_add_rows(block, split, size, lane, 2 * i, table, STJ_WEIGHTS + i * size, sums);
            }
        }
    } else {
        const int32_t *v = lane + 2 * window->first_pair, *w = table + window->first_pair * size;
#pragma GCC unroll 1
        for (int32_t i = window->pairs; i > 0; i--) {
            stj_add_rows(block, 0, split, v, 0, w, STJ_WEIGHTS, sums);
            if (split < size) {
                stj_add_rows(block, split, size, v, 0, w, STJ_WEIGHTS, sums);
            }
            w += size;
            v += 2;
        }
    }
    if (block.whole || last) {
        stj_add_last(block, lane, 2 * half, table, STJ_WEIGHTS + half * size, sums);
    }
    stj_load_two(table, STJ_MULTIPLIER, &multiplier, &addend);
#pragma GCC unroll 8
    for (int32_t k = 0; k < block.outputs; k += 2) {
        out[0] = stj_saturated_8(stj_smmla(sums[k], multiplier, addend));
        if (k + 1 < block.outputs) {
            out[step] = stj_saturated_8(stj_smmla(sums[k + 1], multiplier, addend));
        }
        out += 2 * step;
        step = stj_in_register(step); /* else the compiler keeps its multiples in registers that it lacks */
    }
    return out;
}

/* Blocks of four outputs from the first column on, in each of `channels` channels, whose outputs are side by side. */
STJ_TEMPLATE void stj_add_fours(int32_t size, int32_t stride, int32_t whole, const int32_t *lane, const int32_t *table,
                                int8_t *first, int32_t step, int32_t blocks, int32_t channels,
                                const stj_window *window) {
    const stj_depthwise_block block = {size, stride, 4, 0, INT32_MAX, whole};
    const int32_t last = window->last;
    do {
        const int32_t *at = lane;
        int8_t *out = first++;
        int32_t rest = blocks;
        do {
            out = stj_add_block(block, at, table, out, step, window, last);
            at += 2 * stride * STJ_RECORD_WORDS(size);
        } while (--rest > 0);
        lane += STJ_LANE_WORDS(size);
        table += STJ_TABLE_WORDS(size);
    } while (--channels > 0);
}

/* One block of n outputs in each of them. With `narrow`, they are all that a row of an image of n columns has, padded
 * by half a window: the columns beside the image are not looked at. */
STJ_TEMPLATE void stj_add_some(int32_t size, int32_t stride, int32_t n, int32_t narrow, const int32_t *lane,
                               const int32_t *table, int8_t *out, int32_t step, int32_t channels,
                               const stj_window *window) {
    const int32_t half = size / 2;
    const stj_depthwise_block block = {size, stride, n, narrow ? half : 0, narrow ? half + n : INT32_MAX, 0};
    const int32_t last = window->last;
    do {
        stj_add_block(block, lane, table, out++, step, window, last);
        lane += STJ_LANE_WORDS(size);
        table += STJ_TABLE_WORDS(size);
    } while (--channels > 0);
}

/* All outputs of a run: as many blocks of four as leave a block of their own for the others. */
STJ_TEMPLATE void stj_add(int32_t size, int32_t stride, const int32_t *lane, const int32_t *table, int8_t *out,
                          int32_t step, int32_t count, int32_t channels, const stj_window *window) {
    if (stride == 1 && window->narrow) {
        switch (count) {
        case 2:
            stj_add_some(size, stride, 2, 1, lane, table, out, step, channels, window);
            return;
        case 3:
            stj_add_some(size, stride, 3, 1, lane, table, out, step, channels, window);
            return;
        case 4:
            stj_add_some(size, stride, 4, 1, lane, table, out, step, channels, window);
            return;
        case 5:
            stj_add_some(size, stride, 5, 1, lane, table, out, step, channels, window);
            return;
        default:
            stj_add_some(size, stride, 6, 1, lane, table, out, step, channels, window);
            return;
        }
    }
    if (count > STJ_MOST_OUTPUTS) {
        const int32_t blocks = (count - STJ_MOST_OUTPUTS + 3) >> 2;
        if (size > 3 && window->whole) {
            stj_add_fours(size, stride, 1, lane, table, out, step, blocks, channels, window);
        } else {
            stj_add_fours(size, stride, 0, lane, table, out, step, blocks, channels, window);
        }
        lane += blocks * 2 * stride * STJ_RECORD_WORDS(size);
        out += 4 * blocks * step;
        count -= 4 * blocks;
    }
    switch (count) {
    case 1:
        stj_add_some(size, stride, 1, 0, lane, table, out, step, channels, window);
        break;
    case 2:
        stj_add_some(size, stride, 2, 0, lane, table, out, step, channels, window);
        break;
    case 3:
        stj_add_some(size, stride, 3, 0, lane, table, out, step, channels, window);
        break;
    case 4:
        stj_add_some(size, stride, 4, 0, lane, table, out, step, channels, window);
        break;
    case 5:
        stj_add_some(size, stride, 5, 0, lane, table, out, step, channels, window);
        break;
    default:
        stj_add_some(size, stride, 6, 0, lane, table, out, step, channels, window);
    }
}

/* --- the loops around them ---------------------------------------------------------------------------------------- */

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
            stj_find_line(line, in, run->above + y, left + first);
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

#endif
