/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D of an image whose rows come in phases: each of them in the least memory that its window allows. */
#include "stj_depthwise_conv_2d_phases_s8.h"

#include "windows.h"

enum { CHANNELS = 5, MOST_PHASES = 3 };

static const kernel about = {CHANNELS, CHANNELS, 1, 0, 0, 0, 0, CHANNELS};

static stj_depthwise_conv_2d_params params_of(const layer *l) {
    const stj_depthwise_conv_2d_params params = {
        l->weights, l->bias,   l->whole_bias,      l->multiplier,      l->shift,         IMAGES(l),
        1,          WINDOW(l), unknown(-128, 127), unknown(-128, 127), unknown(-128, 0), unknown(1, 127)};
    return params;
}

/* The dense window over the rows of one phase. */
static axis phase_of(const axis *a, int32_t phase) {
    const int32_t before = (a->before + phase) / a->stride, first = a->before + phase - before * a->stride;
    const axis dense = {(a->extent - phase + a->stride - 1) / a->stride,
                        (a->taps - first + a->stride - 1) / a->stride,
                        1,
                        1,
                        before,
                        a->out};
    return dense;
}

static void check_all_rows(const layer *l) {
    const stj_depthwise_conv_2d_params params = params_of(l);
    const int32_t row = l->width.out * CHANNELS;
    uint8_t *from[MOST_PHASES], *to = unknown_bytes(2 * row);
    stj_in in[MOST_PHASES];
    for (int32_t phase = 0; phase < l->height.stride; phase++) {
        const axis dense = phase_of(&l->height, phase);
        const int32_t capacity = longest_window(&dense), bytes = l->width.extent * CHANNELS;
        from[phase] = unknown_bytes(capacity * bytes);
        const stj_in view = {from[phase], bytes, capacity};
        in[phase] = view;
    }
    const stj_out out = {to, row, 2};
    stj_depthwise_conv_2d_phases_s8(&params, in, &out, 0, l->height.out);
    for (int32_t phase = 0; phase < l->height.stride; phase++) {
        free(from[phase]);
    }
    free(to);
}

static void check_some(const layer *l, const stj_region *region, int raster) {
    const stj_depthwise_conv_2d_params params = params_of(l);
    const int32_t wide = longest_window(&l->width), columns = region->x1 - region->x0, rows = region->y1 - region->y0;
    uint8_t *from[MOST_PHASES], *to = unknown_bytes(rows * columns * CHANNELS);
    stj_pixels_in in[MOST_PHASES];
    for (int32_t phase = 0; phase < l->height.stride; phase++) {
        const axis dense = phase_of(&l->height, phase);
        const int32_t tall = longest_window(&dense);
        const int32_t pixels = raster ? (tall - 1) * l->width.extent + wide : tall * wide;
        from[phase] = unknown_bytes(pixels * CHANNELS);
        const stj_pixels_in view = {from[phase], CHANNELS, raster ? l->width.extent : wide, raster ? 0 : tall, pixels};
        in[phase] = view;
    }
    const stj_pixels_out out = {to, CHANNELS, columns, rows, rows * columns};
    stj_depthwise_conv_2d_phases_s8_tile(&params, in, &out, region);
    for (int32_t phase = 0; phase < l->height.stride; phase++) {
        free(from[phase]);
    }
    free(to);
}

static void check_layer_in_phases(const axis *height, const axis *width) {
    layer l = make_layer(&about, height, width, 1);
    check_all_rows(&l);
    for (int raster = 0; raster < 2; raster++) {
        const stj_region all = {0, height->out, 0, width->out};
        const stj_region corner = {height->out - 1, height->out, width->out - 1, width->out};
        check_some(&l, &all, raster);
        check_some(&l, &corner, raster);
    }
    free_layer(&l);
}

/* Heights with at least one tap, and one row, in each phase; the last windows may lie behind the image. */
static const axis HEIGHTS[] = {
    {2, 2, 2, 1, 0, 1}, {5, 3, 2, 1, 1, 3}, {4, 4, 2, 1, 2, 3},
    {7, 3, 3, 1, 2, 4}, {3, 5, 3, 1, 1, 2}, {6, 5, 2, 1, 4, 6},
};
static const axis WIDTHS[] = {{1, 1, 1, 1, 0, 1}, {4, 3, 2, 1, 1, 2}, {2, 3, 1, 2, 3, 4}, {5, 2, 1, 1, 1, 6}};

int main(void) {
    for (unsigned h = 0; h < sizeof HEIGHTS / sizeof HEIGHTS[0]; h++) {
        for (unsigned w = 0; w < sizeof WIDTHS / sizeof WIDTHS[0]; w++) {
            check_layer_in_phases(&HEIGHTS[h], &WIDTHS[w]);
        }
    }
    return 0;
}
