#include "stj_conv_2d_s8.h"

#include "stj_dot.h"
#include "stj_rescale.h"
#include "stj_window.h"

/* The taps along the width that lie on the image, as runs of inputs that meet runs of weights: adjacent taps without
 * groups are one run. */
typedef struct {
    int32_t input;  /* element of an input row where the first run starts */
    int32_t weight; /* element of a row of taps where it starts */
    int32_t count;  /* runs */
    int32_t length; /* elements per run */
    int32_t step;   /* elements of the input row from one run to the next */
} runs_along_width;

static runs_along_width runs_of(const stj_conv_2d_params *p, int32_t start, int32_t depth) {
    const int32_t first = stj_first_tap(start, p->dilation_w);
    const int32_t end = stj_end_tap(start, p->dilation_w, p->kernel_w, p->in_w);
    const int32_t taps = end > first ? end - first : 0;
    const int adjacent = p->dilation_w == 1 && p->groups == 1;
    runs_along_width runs;
    runs.input = (start + first * p->dilation_w) * p->in_c;
    runs.weight = first * depth;
    runs.count = adjacent ? 1 : taps;
    runs.length = adjacent ? taps * depth : depth;
    runs.step = p->dilation_w * p->in_c;
    return runs;
}

/* Adds the whole window of up to four output channels to sums[4]; `channel` is the first input channel. */
static __attribute__((noinline)) void add_window(const stj_conv_2d_params *p, const stj_in *in,
                                                 const stj_window_rows *rows, const runs_along_width *runs,
                                                 const stj_lanes *lanes, int32_t channel, int32_t depth,
                                                 int32_t sums[4]) {
    int32_t slot = rows->slot;
    for (int32_t ky = rows->first_tap; ky < rows->end_tap; ky++) {
        const int8_t *x = stj_slot(in, slot) + runs->input + channel;
        int32_t weight = ky * p->kernel_w * depth + runs->weight;
        for (int32_t run = 0; run < runs->count; run++) {
            stj_dot4(x, p->in_zero_point, lanes, weight, runs->length, sums);
            x += runs->step;
            weight += depth;
        }
        slot = stj_next_slot(slot, rows->step, in->capacity);
    }
}

/* One output position: all channels, written to out[out_c]. */
static void compute_position(const stj_conv_2d_params *p, const stj_rescale *rescale, const stj_in *in,
                             const stj_window_rows *rows, int32_t start, int8_t *out) {
    const int32_t depth = p->in_c / p->groups;
    const int32_t out_depth = p->out_c / p->groups;
    const int32_t filter = p->kernel_h * p->kernel_w * depth;
    const runs_along_width runs = runs_of(p, start, depth);
    /* A 1x1 kernel needs no loops around the dot product, and most of a network's work is in 1x1 kernels. */
    const int one_run = runs.count == 1 && rows->end_tap == rows->first_tap + 1;
    const int32_t first_weight = rows->first_tap * p->kernel_w * depth + runs.weight;
    for (int32_t group = 0; group < p->groups; group++) {
        const int32_t group_end = (group + 1) * out_depth;
        for (int32_t c = group * out_depth; c < group_end; c += 4) {
            const int32_t count = group_end - c < 4 ? group_end - c : 4;
            const stj_lanes lanes = stj_lanes_of(p->weights + c * filter, filter, count);
            int32_t sums[4] = {0, 0, 0, 0};
            if (one_run) {
                const int8_t *x = stj_slot(in, rows->slot) + runs.input + group * depth;
                stj_dot4(x, p->in_zero_point, &lanes, first_weight, runs.length, sums);
            } else {
                add_window(p, in, rows, &runs, &lanes, group * depth, depth, sums);
            }
            stj_store(rescale, c, count, sums, out + c);
        }
    }
}

void stj_conv_2d_s8(const stj_conv_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_conv_2d_params *p = params;
    const stj_rescale rescale = {p->bias, p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    for (int32_t y = y0; y < y1; y++) {
        const int32_t image = y / p->out_h;
        const int32_t top = (y - image * p->out_h) * p->stride_h - p->pad_top;
        const stj_window_rows rows = stj_rows_of(in, image, p->in_h, top, p->dilation_h, p->kernel_h);
        int8_t *row = stj_out_row(out, y);
        for (int32_t x = 0; x < p->out_w; x++) {
            compute_position(p, &rescale, in, &rows, x * p->stride_w - p->pad_left, row + x * p->out_c);
        }
    }
}
