#include "stj_average_pool_2d_s8.h"

#include "stj_requantize.h"
#include "stj_window.h"

/* total / count to nearest, halves away from zero; count >= 1. */
static int32_t rounded_mean(int32_t total, int32_t count) {
    return (total > 0 ? total + count / 2 : total - count / 2) / count;
}

/* Sum over the window of one channel: `columns` positions, from element `input` of each row on. */
static int32_t window_sum(const stj_in *in, const stj_window_rows *rows, int32_t input, int32_t columns, int32_t step) {
    int32_t total = 0;
    int32_t slot = rows->slot;
    for (int32_t ky = rows->first_tap; ky < rows->end_tap; ky++) {
        const int8_t *x = stj_slot(in, slot) + input;
        for (int32_t kx = 0; kx < columns; kx++) {
            total += *x;
            x += step;
        }
        slot = stj_next_slot(slot, rows->step, in->capacity);
    }
    return total;
}

void stj_average_pool_2d_s8(const stj_pool_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                            int32_t y1) {
    const stj_pool_2d_params *p = params;
    for (int32_t y = y0; y < y1; y++) {
        const int32_t image = y / p->out_h;
        const int32_t top = (y - image * p->out_h) * p->stride_h - p->pad_top;
        const stj_window_rows rows = stj_rows_of(in, image, p->in_h, top, 1, p->kernel_h);
        int8_t *to = stj_out_row(out, y);
        for (int32_t ox = 0; ox < p->out_w; ox++) {
            const int32_t left = ox * p->stride_w - p->pad_left;
            const int32_t first = stj_first_tap(left, 1);
            const int32_t columns = stj_end_tap(left, 1, p->kernel_w, p->in_w) - first;
            const int32_t count = columns * (rows.end_tap - rows.first_tap);
            for (int32_t c = 0; c < p->channels; c++) {
                const int32_t input = (left + first) * p->channels + c;
                const int32_t total = window_sum(in, &rows, input, columns, p->channels);
                *to++ = (int8_t)stj_clamp(rounded_mean(total, count), p->out_min, p->out_max);
            }
        }
    }
}
