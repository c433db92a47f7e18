/* SPDX-License-Identifier: Apache-2.0 */
/* Pass 2 of stj_depthwise_dsp.h, where table and registers are drawn: what was unpacked times the weights, in blocks of
 * output columns of a channel, and their rescaling. */
#ifndef STJ_DEPTHWISE_ADD_DSP_H
#define STJ_DEPTHWISE_ADD_DSP_H

#include "stj_depthwise_unpack_dsp.h"
#include "stj_rescale_dsp.h"

/* Words of a channel's part of the table, and places in it. */
#define STJ_TABLE_WORDS(size) ((size) / 2 * (size) + (size) + 2)
enum { STJ_BIAS = 0, STJ_MULTIPLIER = 1, STJ_WEIGHTS = 3 };

enum { STJ_MOST_OUTPUTS = 6 };

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
        if (size == 3 && narrow && n > 4) { /* else the compiler keeps the address of every column in registers */
            STJ_STEPS(out);
        }
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

#endif
