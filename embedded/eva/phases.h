/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels that slide a window over an image whose rows come in phases: each phase in the least memory that the window
 * over it allows, in a block of just that size. */
#ifndef PHASES_H
#define PHASES_H

#include "windows.h"

enum { MOST_PHASES = 3 };

/* A kernel, and how it is called for all rows and for a region. */
typedef struct {
    kernel about;
    void (*rows)(const layer *l, const stj_in *in, const stj_out *out);
    void (*tile)(const layer *l, const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region);
} in_phases;

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

static void check_rows_in_phases(const in_phases *kernel, const layer *l) {
    const int32_t row = l->width.out * l->out_c, bytes = l->width.extent * l->in_c;
    uint8_t *from[MOST_PHASES], *to = unknown_bytes(2 * row);
    stj_in in[MOST_PHASES];
    for (int32_t phase = 0; phase < l->height.stride; phase++) {
        const axis dense = phase_of(&l->height, phase);
        const int32_t capacity = longest_window(&dense);
        from[phase] = unknown_bytes(capacity * bytes);
        const stj_in view = {from[phase], bytes, capacity};
        in[phase] = view;
    }
    const stj_out out = {to, row, 2};
    kernel->rows(l, in, &out);
    for (int32_t phase = 0; phase < l->height.stride; phase++) {
        free(from[phase]);
    }
    free(to);
}

static void check_region_in_phases(const in_phases *kernel, const layer *l, const stj_region *region, int raster) {
    const int32_t columns = region->x1 - region->x0, rows = region->y1 - region->y0;
    const int32_t wide =
        kernel->about.at_once ? positions_read(&l->width, region->x0, region->x1) : longest_window(&l->width);
    uint8_t *from[MOST_PHASES], *to = unknown_bytes(rows * columns * l->out_c);
    stj_pixels_in in[MOST_PHASES];
    for (int32_t phase = 0; phase < l->height.stride; phase++) {
        const axis dense = phase_of(&l->height, phase);
        const int32_t tall = longest_window(&dense);
        const int32_t pixels = raster ? (tall - 1) * l->width.extent + wide : tall * wide;
        from[phase] = unknown_bytes(pixels * l->in_c);
        const stj_pixels_in view = {from[phase], l->in_c, raster ? l->width.extent : wide, raster ? 0 : tall, pixels};
        in[phase] = view;
    }
    const stj_pixels_out out = {to, l->out_c, columns, rows, rows * columns};
    kernel->tile(l, in, &out, region);
    for (int32_t phase = 0; phase < l->height.stride; phase++) {
        free(from[phase]);
    }
    free(to);
}

static void check_layer_in_phases(const in_phases *kernel, const axis *height, const axis *width) {
    layer l = make_layer(&kernel->about, height, width, 1);
    check_rows_in_phases(kernel, &l);
    for (int raster = 0; raster < 2; raster++) {
        const stj_region all = {0, height->out, 0, width->out};
        const stj_region corner = {height->out - 1, height->out, width->out - 1, width->out};
        check_region_in_phases(kernel, &l, &all, raster);
        check_region_in_phases(kernel, &l, &corner, raster);
    }
    free_layer(&l);
}

/* Squares of `size` taps at a stride of 2; the last windows may lie behind the image. */
static inline void check_squares_in_phases(const in_phases *kernel, int32_t size) {
    const int32_t shapes[][3] = {{2, size / 2, 1}, {3, size / 2, 2}, {size, 0, 1}, {size + 4, size - 1, 5}};
    for (int h = 0; h < 4; h++) {
        for (int w = 0; w < 4; w++) {
            const axis height = {shapes[h][0], size, 2, 1, shapes[h][1], shapes[h][2]};
            const axis width = {shapes[w][0], size, 2, 1, shapes[w][1], shapes[w][2]};
            check_layer_in_phases(kernel, &height, &width);
        }
    }
}

#endif
