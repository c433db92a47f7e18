/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_conv_2d_s8.h"

#include "stj_dot.h"
#include "stj_rescale.h"
#include "stj_taps.h"

/* A row of taps as runs of inputs that meet runs of weights: adjacent taps without groups are one run. */
typedef struct {
    int32_t weight; /* element of a row of taps where the first run starts */
    int32_t count;  /* runs */
    int32_t length; /* elements per run; a run of several taps may wrap */
} runs_of_row;

static runs_of_row runs_of(const stj_conv_2d_params *p, const stj_taps *taps, int32_t depth) {
    const int adjacent = p->dilation_w == 1 && p->groups == 1;
    runs_of_row runs;
    runs.weight = taps->first_x * depth;
    runs.count = adjacent ? 1 : taps->count;
    runs.length = adjacent ? taps->count * depth : depth;
    return runs;
}

/* Adds a row of taps, the first at `offset`, to sums[4]. */
static inline void add_row(const stj_taps *taps, int32_t offset, const runs_of_row *runs, const stj_lanes *lanes,
                           int32_t weight, int32_t channel, int32_t depth, int32_t zero_point, int32_t sums[4]) {
    const int8_t *x = taps->data + offset + channel;
    int32_t room = stj_room(taps, offset);
    for (int32_t run = 0; run < runs->count; run++) {
        const int32_t head = runs->length < room ? runs->length : room;
        stj_dot4(x, zero_point, lanes, weight, head, sums);
        if (head < runs->length) {
            stj_dot4(x + head - taps->turn, zero_point, lanes, weight + head, runs->length - head, sums);
        }
        weight += depth;
        x += taps->right;
        room -= taps->right;
        if (room <= 0) {
            x -= taps->turn;
            room += taps->turn;
        }
    }
}

/* Adds the whole window of up to four output channels to sums[4]; `channel` is the first input channel. */
static __attribute__((noinline)) void add_window(const stj_conv_2d_params *p, const stj_taps *taps,
                                                 const runs_of_row *runs, const stj_lanes *lanes, int32_t channel,
                                                 int32_t depth, int32_t sums[4]) {
    int32_t offset = taps->offset;
    for (int32_t ky = taps->first_y; ky < taps->end_y; ky++) {
        const int32_t weight = ky * p->kernel_w * depth + runs->weight;
        add_row(taps, offset, runs, lanes, weight, channel, depth, p->in_zero_point, sums);
        offset = stj_below(taps, offset);
    }
}

/* One output position: all channels, written to out[out_c]. */
static void compute_position(const stj_conv_2d_params *p, const stj_rescale *rescale, const stj_taps *taps,
                             int8_t *out) {
    const int32_t depth = p->in_c / p->groups;
    const int32_t out_depth = p->out_c / p->groups;
    const int32_t filter = p->kernel_h * p->kernel_w * depth;
    const runs_of_row runs = runs_of(p, taps, depth);
    /* A 1x1 kernel needs no loops around the dot product, and most of a network's work is in 1x1 kernels. */
    const int one_run =
        runs.count == 1 && taps->end_y == taps->first_y + 1 && runs.length <= stj_room(taps, taps->offset);
    const int32_t first_weight = taps->first_y * p->kernel_w * depth + runs.weight;
    for (int32_t group = 0; group < p->groups; group++) {
        const int32_t group_end = (group + 1) * out_depth;
        for (int32_t c = group * out_depth; c < group_end; c += 4) {
            const int32_t count = group_end - c < 4 ? group_end - c : 4;
            const stj_lanes lanes = stj_lanes_of(p->weights + c * filter, filter, count);
            int32_t sums[4] = {0, 0, 0, 0};
            if (one_run) {
                const int8_t *x = taps->data + taps->offset + group * depth;
                stj_dot4(x, p->in_zero_point, &lanes, first_weight, runs.length, sums);
            } else {
                add_window(p, taps, &runs, &lanes, group * depth, depth, sums);
            }
            stj_store(rescale, c, count, sums, out + c);
        }
    }
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_conv_2d_params *p = params;
    const stj_rescale rescale = {p->bias, p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    stj_taps taps;
    stj_taps_of_row(&taps, in, &height, p->dilation_w, run->above, run->y);
    for (int32_t i = 0; i < run->count; i++) {
        const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
        stj_taps_in_row(&taps, in, &width, run->x + i);
        compute_position(p, &rescale, &taps, run->to + i * p->out_c);
    }
}

void stj_conv_2d_s8(const stj_conv_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->in_c);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_conv_2d_s8_tile(const stj_conv_2d_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}
