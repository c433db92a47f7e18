#include "stj_depthwise_conv_2d_s8.h"

#include "stj_rescale.h"
#include "stj_window.h"

/* The window of one output position, clipped to the image. */
typedef struct {
    const stj_in *in;
    stj_window_rows rows;
    int32_t columns;     /* taps along the width */
    int32_t input;       /* element of an input row under the first of them */
    int32_t weight;      /* element of the weights at the first tap of the first row */
    int32_t weight_row;  /* elements from one row of taps to the next */
    int32_t input_step;  /* elements of the input row from one tap to the next */
    int32_t weight_step; /* elements of the weights from one tap to the next */
    int32_t zero_point;
} clipped_window;

/* sums[k] = the window's sum for adjacent channels k = 0 .. 3 from `channel` on. */
static __attribute__((noinline)) void add_four(const clipped_window *window, const int8_t *weights, int32_t channel,
                                               int32_t sums[4]) {
    const int32_t zero_point = window->zero_point;
    int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    int32_t slot = window->rows.slot;
    weights += window->weight + channel;
    for (int32_t ky = window->rows.first_tap; ky < window->rows.end_tap; ky++) {
        const int8_t *x = stj_slot(window->in, slot) + window->input + channel;
        const int8_t *w = weights;
        for (int32_t kx = 0; kx < window->columns; kx++) {
            s0 += (x[0] - zero_point) * w[0];
            s1 += (x[1] - zero_point) * w[1];
            s2 += (x[2] - zero_point) * w[2];
            s3 += (x[3] - zero_point) * w[3];
            x += window->input_step;
            w += window->weight_step;
        }
        weights += window->weight_row;
        slot = stj_next_slot(slot, window->rows.step, window->in->capacity);
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
}

/* The window's sum for one output channel. */
static int32_t add_one(const clipped_window *window, const int8_t *weights, int32_t in_channel, int32_t out_channel) {
    int32_t sum = 0;
    int32_t slot = window->rows.slot;
    weights += window->weight + out_channel;
    for (int32_t ky = window->rows.first_tap; ky < window->rows.end_tap; ky++) {
        const int8_t *x = stj_slot(window->in, slot) + window->input + in_channel;
        const int8_t *w = weights;
        for (int32_t kx = 0; kx < window->columns; kx++) {
            sum += (*x - window->zero_point) * *w;
            x += window->input_step;
            w += window->weight_step;
        }
        weights += window->weight_row;
        slot = stj_next_slot(slot, window->rows.step, window->in->capacity);
    }
    return sum;
}

/* One output position: all channels. */
static void compute_position(const stj_depthwise_conv_2d_params *p, const stj_rescale *rescale,
                             const clipped_window *window, int8_t *out) {
    int32_t sums[4];
    int32_t c = 0;
    if (p->depth_multiplier == 1) {
        for (; c + 4 <= p->in_c; c += 4) {
            add_four(window, p->weights, c, sums);
            stj_store(rescale, c, 4, sums, out + c);
        }
    }
    for (int32_t in_c = c; in_c < p->in_c; in_c++) {
        for (int32_t k = 0; k < p->depth_multiplier; k++, c++) {
            sums[0] = add_one(window, p->weights, in_c, c);
            stj_store(rescale, c, 1, sums, out + c);
        }
    }
}

void stj_depthwise_conv_2d_s8(const stj_depthwise_conv_2d_params *params, const stj_in *in, const stj_out *out,
                              int32_t y0, int32_t y1) {
    const stj_depthwise_conv_2d_params *p = params;
    const int32_t out_c = p->in_c * p->depth_multiplier;
    const stj_rescale rescale = {p->bias, p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    clipped_window window;
    window.in = in;
    window.weight_row = p->kernel_w * out_c;
    window.weight_step = out_c;
    window.input_step = p->dilation_w * p->in_c;
    window.zero_point = p->in_zero_point;
    for (int32_t y = y0; y < y1; y++) {
        const int32_t image = y / p->out_h;
        const int32_t top = (y - image * p->out_h) * p->stride_h - p->pad_top;
        window.rows = stj_rows_of(in, image, p->in_h, top, p->dilation_h, p->kernel_h);
        int8_t *row = stj_out_row(out, y);
        for (int32_t x = 0; x < p->out_w; x++) {
            const int32_t left = x * p->stride_w - p->pad_left;
            const int32_t first = stj_first_tap(left, p->dilation_w);
            window.columns = stj_end_tap(left, p->dilation_w, p->kernel_w, p->in_w) - first;
            window.input = (left + first * p->dilation_w) * p->in_c;
            window.weight = window.rows.first_tap * window.weight_row + first * out_c;
            compute_position(p, &rescale, &window, row + x * out_c);
        }
    }
}
