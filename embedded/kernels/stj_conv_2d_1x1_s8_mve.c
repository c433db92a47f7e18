/* SPDX-License-Identifier: Apache-2.0 */
/* Pixels are read where they lie, four at a time, two by themselves (stj_mve_products.h has the loops and draws the
 * weights). Rows that follow each other without a stride are one long row, so that narrow images fill fours as well.
 * Where results lie over their own pixels, these are first copied to working memory, four at a time. */
#include "stj_conv_2d_1x1_s8_mve.h"

#include "stj_mve_products.h"
#include "stj_mve_walk.h"
#include "stj_taps.h"

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

typedef struct {
    const stj_conv_2d_1x1_mve_params *params;
    int8_t *copies; /* of four pixels; a null pointer where results lie elsewhere */
} pointwise;

static STJ_NOINLINE void compute_run(const void *context, const stj_pixels_in *in, const stj_output_run *run) {
    const pointwise *self = context;
    const stj_conv_2d_1x1_mve_params *p = self->params;
    const stj_mve_layer layer = {p->weights, p->in_c, p->out_c, p->out_zero_point, p->halves};
    stj_mve_walk walk = stj_mve_walk_from(in, run->above + run->y * p->stride_h, run->x * p->stride_w, p->stride_w);
    int8_t *to = run->to;
    for (int32_t left = run->count; left > 0; left -= 4, to += 4 * p->out_c) {
        const int32_t count = left < 4 ? left : 4;
        const int8_t *x[4];
        for (int32_t i = 0; i < count; i++) {
            x[i] = stj_mve_walk_on(&walk);
        }
        for (int32_t i = 0; self->copies != 0 && i < count; i++) {
            int8_t *copy = self->copies + i * p->in_c;
            stj_mve_copy(copy, x[i], p->in_c);
            x[i] = copy;
        }
        stj_mve_pixels(&layer, x, to, count);
    }
    stj_mve_clamp(run->to, run->count * p->out_c, p->out_min, p->out_max);
}

void stj_conv_2d_1x1_s8_mve(const stj_conv_2d_1x1_mve_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                            int32_t y1) {
    const pointwise self = {params, in->data == out->data ? (int8_t *)out[1].data : 0};
    const stj_pixels_in pixels = stj_mve_rows_in(in, params->in_w, params->in_c);
    if (params->stride_h == 1 && params->stride_w == 1) {
        const stj_pixels_out results = stj_mve_rows_out(out, params->out_w, params->out_c);
        const stj_region rows = {y0, y0 + 1, 0, (y1 - y0) * params->out_w};
        stj_over_region(compute_run, &self, &pixels, &results, &rows);
        return;
    }
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(&self, &pixels, &run);
    }
}

void stj_conv_2d_1x1_s8_mve_tile(const stj_conv_2d_1x1_mve_params *params, const stj_pixels_in *in,
                                 const stj_pixels_out *out, const stj_region *region) {
    const pointwise self = {params, in->data == out->data ? (int8_t *)out[1].data : 0};
    stj_over_region(compute_run, &self, in, out, region);
}

#endif
