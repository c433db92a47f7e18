/* SPDX-License-Identifier: Apache-2.0 */
/* The way through the windows of poolings, eight channels at a time, for kernels that take them as two words.
 *
 * Channels are done in groups of eight, the last of which ends with the last channel: where their count is no multiple
 * of eight it overlaps the one before, and the same results are written twice. */
#ifndef STJ_POOL_2D_DSP_H
#define STJ_POOL_2D_DSP_H

#include "stj_dsp.h"
#include "stj_pool_2d.h"
#include "stj_taps.h"

enum { STJ_POOL_GROUP = 8 };

/* What a pooling has taken of eight channels: halfwords or bytes, as it likes. */
typedef struct {
    int32_t words[4];
} stj_pool_taken;

/* Takes `count` (>= 1) groups that are `step` bytes apart. */
typedef void stj_pool_take_groups(stj_pool_taken *taken, const int8_t *from, int32_t count, int32_t step);

/* Writes the results of a group of a window of `count` positions. */
typedef void stj_pool_give_group(const stj_pool_taken *taken, int32_t count, const stj_pool_2d_params *params,
                                 int8_t *to);

/* Takes a group of a whole window: row by row, each in up to two parts, before and behind the wrap of its memory. */
STJ_TEMPLATE void stj_pool_take_window(stj_pool_take_groups *take, stj_pool_taken *taken, const stj_taps *taps,
                                       int32_t channel) {
    int32_t offset = taps->offset;
    for (int32_t ky = taps->first_y; ky < taps->end_y; ky++) {
        const int8_t *from = taps->data + offset + channel;
        const int32_t head = stj_head(taps, offset);
        take(taken, from, head, taps->right);
        if (head < taps->count) {
            take(taken, from + head * taps->right - taps->turn, taps->count - head, taps->right);
        }
        offset = stj_below(taps, offset);
    }
}

/* The results of a run; the kernels' stj_compute_run. Each window meets the image, and there are eight channels. */
STJ_TEMPLATE void stj_pool_groups(stj_pool_take_groups *take, int32_t first, stj_pool_give_group *give,
                                  const stj_pool_2d_params *p, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_axis height = {p->kernel_h, p->stride_h, 1, p->pad_top, p->in_h};
    int8_t *to = run->to;
    stj_taps taps;
    stj_taps_of_row(&taps, in, &height, 1, run->above, run->y);
    for (int32_t i = 0; i < run->count; i++) {
        const stj_axis width = {p->kernel_w, p->stride_w, 1, p->pad_left, p->in_w};
        stj_taps_in_row(&taps, in, &width, run->x + i);
        const int32_t last = p->channels - STJ_POOL_GROUP;
        for (int32_t c = 0;; c = c + STJ_POOL_GROUP < last ? c + STJ_POOL_GROUP : last) {
            stj_pool_taken taken = {{first, first, first, first}};
            stj_pool_take_window(take, &taken, &taps, c);
            give(&taken, taps.count * (taps.end_y - taps.first_y), p, to + c);
            if (c == last) {
                break;
            }
        }
        to += p->channels;
    }
}

#endif
