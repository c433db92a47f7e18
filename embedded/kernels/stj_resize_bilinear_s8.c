/* SPDX-License-Identifier: Apache-2.0 */
/* RESIZE_BILINEAR in plain C.
 *
 * A sum is at most 128 * 2048 * 2048 in size, for along an axis two weights are 1024 together, and the first is at most
 * 1536: it fits int32, where TFLM takes 64 bits. */
#include "stj_resize_bilinear_s8.h"

#include "stj_taps.h"

enum { BITS = 10, ONE = 1 << BITS };

/* The two positions between which a result position lies, and the weight of the second. */
typedef struct {
    int32_t first, second, weight;
} between;

static between place_of(int32_t position, int32_t scale, int32_t offset, int32_t extent) {
    const int32_t place = position * scale + offset;
    const int32_t end = (place + ONE - 1) / ONE;
    between found = {place > 0 ? place / ONE : 0, end < extent ? end : extent - 1, 0};
    found.weight = place - found.first * ONE;
    return found;
}

/* The nearest integer, halves away from zero, of a number with twenty bits of fraction. */
static int32_t rounded(int32_t sum) { return (sum + (sum > 0 ? ONE * ONE / 2 : -ONE * ONE / 2)) / (ONE * ONE); }

static const int8_t *pixel_at(const stj_pixels_in *in, int32_t y, int32_t x) {
    int32_t run = 1;
    return (const int8_t *)stj_read_pixels(in, y, x, &run);
}

/* One pixel of `channels`: corners above and below, on the left and on the right. */
static STJ_NOINLINE void interpolate(const int8_t *const corner[4], int32_t down, int32_t across, int32_t channels,
                                     int8_t *to) {
    const int8_t *a = corner[0], *b = corner[1], *c = corner[2], *d = corner[3];
    const int32_t up = ONE - down, back = ONE - across;
    for (int32_t i = 0; i < channels; i++) {
        to[i] = (int8_t)rounded((a[i] * up + c[i] * down) * back + (b[i] * up + d[i] * down) * across);
    }
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_resize_bilinear_params *p = params;
    const between rows = place_of(run->y, p->scale_h, p->offset_h, p->in_h);
    int8_t *to = run->to;
    for (int32_t x = run->x; x < run->x + run->count; x++, to += p->channels) {
        const between columns = place_of(x, p->scale_w, p->offset_w, p->in_w);
        const int32_t above = run->above + rows.first, below = run->above + rows.second;
        const int8_t *const corner[4] = {pixel_at(in, above, columns.first), pixel_at(in, above, columns.second),
                                         pixel_at(in, below, columns.first), pixel_at(in, below, columns.second)};
        interpolate(corner, rows.weight, columns.weight, p->channels, to);
    }
}

void stj_resize_bilinear_s8(const stj_resize_bilinear_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                            int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->channels);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_resize_bilinear_s8_tile(const stj_resize_bilinear_params *params, const stj_pixels_in *in,
                                 const stj_pixels_out *out, const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}
