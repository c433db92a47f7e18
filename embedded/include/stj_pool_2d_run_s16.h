/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernels of the poolings of int16 share, as stj_pool_2d_run.h has it for int8. */
#ifndef STJ_POOL_2D_RUN_S16_H
#define STJ_POOL_2D_RUN_S16_H

#include "stj_pool_2d_run.h"
#include "stj_s16.h"

/* What a pooling takes from one channel of a window, beginning with `taken`; `channel` is counted in bytes. */
static inline int32_t stj_pool_window_s16(stj_pool_take *take, int32_t taken, const stj_taps *taps, int32_t channel) {
    int32_t offset = taps->offset;
    for (int32_t ky = taps->first_y; ky < taps->end_y; ky++) {
        const int8_t *x = taps->data + offset + channel;
        int32_t room = stj_room(taps, offset);
        for (int32_t kx = 0; kx < taps->count; kx++) {
            taken = take(taken, stj_load_s16(x));
            x += stj_right(taps, &room);
        }
        offset = stj_below(taps, offset);
    }
    return taken;
}

/* The results of a run; the kernels' stj_compute_run. */
STJ_TEMPLATE void stj_pool_run_s16(stj_pool_take *take, int32_t first, stj_pool_result *result,
                                   const stj_pool_2d_params *p, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_axis height = {p->kernel_h, p->stride_h, 1, p->pad_top, p->in_h};
    const stj_axis width = {p->kernel_w, p->stride_w, 1, p->pad_left, p->in_w};
    int8_t *to = run->to;
    stj_taps taps;
    stj_taps_of_row(&taps, in, &height, 1, run->above, run->y);
    for (int32_t i = 0; i < run->count; i++) {
        stj_taps_in_row(&taps, in, &width, run->x + i);
        const int32_t count = taps.count * (taps.end_y - taps.first_y);
        for (int32_t c = 0; c < p->channels; c++, to += STJ_S16_BYTES) {
            const int32_t taken = stj_pool_window_s16(take, first, &taps, c * STJ_S16_BYTES);
            stj_store_s16(to, stj_clamp(result(taken, count), p->out_min, p->out_max));
        }
    }
}

#endif
