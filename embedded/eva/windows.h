/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels that slide a window, on small lopsided images and arbitrary data: rows from rings of rows, regions from tiles
 * and rasters, all kept in the least memory that the kernels' contracts allow, in blocks of just that size. A kernel's
 * own check says what it is called with. */
#ifndef WINDOWS_H
#define WINDOWS_H

#include "stj_taps.h"
#include "unknown.h"

#ifndef WEIGHTS_IN_A_BYTE
#define WEIGHTS_IN_A_BYTE 1
#endif

/* One axis of an image and its window. */
typedef struct {
    int32_t extent, taps, stride, dilation, before, out;
} axis;

/* Fields that parameter structs have in this order: images, and windows. */
#define IMAGES(l) (l)->height.extent, (l)->width.extent, (l)->in_c, (l)->height.out, (l)->width.out
#define BOTH(l, field) (l)->height.field, (l)->width.field
#define WINDOW(l) BOTH(l, taps), BOTH(l, stride), BOTH(l, dilation), BOTH(l, before)

typedef struct kernel kernel;

/* What a kernel is called with, but for its parameters' struct. */
typedef struct {
    const kernel *kernel;
    int32_t in_c, out_c, images;
    axis height, width;
    int8_t *weights;
    int32_t *bias, *whole_bias, *multiplier;
    int8_t *shift;
} layer;

/* A kernel: its channels, the weights of one output channel at one tap (0: none), whether it pools. A pooling has no
 * dilation, and each of its windows meets the image. `at_once` says that it looks at all pixels that a region reads
 * before it takes the next: these lie in slots of their own then, not only those of each window. Weights, biases and
 * rescaling are those of `lanes` channels. */
struct kernel {
    int32_t in_c, out_c, depth;
    int pools;
    void (*rows)(const layer *l, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);
    void (*tile)(const layer *l, const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region);
    int at_once;
    int32_t lanes;
};

/* How many positions lie between the first and the last tap on the image of outputs [low, high), both counted; at least
 * 1. */
static int32_t positions_read(const axis *a, int32_t low, int32_t high) {
    int32_t first = -1, last = -1;
    for (int32_t y = low; y < high; y++) {
        for (int32_t tap = 0; tap < a->taps; tap++) {
            const int32_t at = y * a->stride - a->before + tap * a->dilation;
            if (at >= 0 && at < a->extent) {
                first = first < 0 || at < first ? at : first;
                last = at > last ? at : last;
            }
        }
    }
    return last - first + 1;
}

/* The same of the longest window. */
static int32_t longest_window(const axis *a) {
    int32_t longest = 1;
    for (int32_t y = 0; y < a->out; y++) {
        const int32_t positions = positions_read(a, y, y + 1);
        longest = positions > longest ? positions : longest;
    }
    return longest;
}

/* Whether some window has no tap on the image, which poolings exclude. */
static int misses(const axis *a) {
    for (int32_t y = 0; y < a->out; y++) {
        int hits = 0;
        for (int32_t tap = 0; tap < a->taps; tap++) {
            const int32_t at = y * a->stride - a->before + tap * a->dilation;
            hits += at >= 0 && at < a->extent;
        }
        if (!hits) {
            return 1;
        }
    }
    return 0;
}

static int layers_made; /* every other one has shifts that are rare */

static layer make_layer(const kernel *kernel, const axis *height, const axis *width, int32_t images) {
    layer l = {kernel, kernel->in_c, kernel->out_c, images, *height, *width, 0, 0, 0, 0, 0};
    if (kernel->depth > 0) {
        const int32_t lanes = kernel->lanes;
        l.weights = unknown_bytes(lanes / WEIGHTS_IN_A_BYTE * height->taps * width->taps * kernel->depth);
        l.bias = unknown_words(lanes, -(1 << 24), 1 << 24);
        l.whole_bias = unknown_words(lanes, -(1 << 24), 1 << 24);
        l.multiplier = unknown_words(lanes, 1 << 30, INT32_MAX);
        l.shift = unknown_stored_shifts(lanes, layers_made++ % 2, 4);
    }
    return l;
}

static void free_layer(layer *l) {
    free(l->weights);
    free(l->bias);
    free(l->whole_bias);
    free(l->multiplier);
    free(l->shift);
}

/* All rows of all images, from a ring of `capacity` rows to a ring of two. */
static void check_rows(const layer *l, int32_t capacity) {
    const int32_t in_row = l->width.extent * l->in_c, out_row = l->width.out * l->out_c;
    uint8_t *from = unknown_bytes(capacity * in_row), *to = unknown_bytes(2 * out_row);
    const stj_in in = {from, in_row, capacity};
    const stj_out out = {to, out_row, 2};
    l->kernel->rows(l, &in, &out, 0, l->images * l->height.out);
    free(from);
    free(to);
}

/* One region, from a tile or a raster to a tile or a raster. */
static void check_region(const layer *l, const stj_region *region, int raster_in, int raster_out) {
    const int at_once = l->kernel->at_once;
    const int32_t tall = at_once ? positions_read(&l->height, region->y0, region->y1) : longest_window(&l->height);
    const int32_t wide = at_once ? positions_read(&l->width, region->x0, region->x1) : longest_window(&l->width);
    const int32_t rows = region->y1 - region->y0, columns = region->x1 - region->x0;
    const int32_t in_pixels = raster_in ? (tall - 1) * l->width.extent + wide : tall * wide;
    const int32_t out_pixels = raster_out ? (rows - 1) * l->width.out + columns : rows * columns;
    uint8_t *from = unknown_bytes(in_pixels * l->in_c), *to = unknown_bytes(out_pixels * l->out_c);
    const stj_pixels_in in = {from, l->in_c, raster_in ? l->width.extent : wide, raster_in ? 0 : tall, in_pixels};
    const stj_pixels_out out = {to, l->out_c, raster_out ? l->width.out : columns, raster_out ? 0 : rows, out_pixels};
    l->kernel->tile(l, &in, &out, region);
    free(from);
    free(to);
}

static void check_layer(const kernel *kernel, const axis *height, const axis *width) {
    const int dilated = height->dilation > 1 || width->dilation > 1;
    if (kernel->pools && (dilated || misses(height) || misses(width))) {
        return;
    }
    for (int32_t images = 1; images <= 2; images++) {
        layer l = make_layer(kernel, height, width, images);
        check_rows(&l, images == 1 ? longest_window(height) : images * height->extent);
        free_layer(&l);
    }
    layer l = make_layer(kernel, height, width, 1);
    for (int raster = 0; raster < 4; raster++) {
        const stj_region all = {0, height->out, 0, width->out};
        const stj_region corner = {height->out - 1, height->out, width->out - 1, width->out};
        check_region(&l, &all, raster & 1, raster >> 1);
        if (raster == 0 || raster == 3) {
            check_region(&l, &corner, raster & 1, raster >> 1);
        }
    }
    free_layer(&l);
}

#ifdef __FRAMAC__
/* Narrower than the window, exactly as wide, wider; strides that skip, dilations, windows that lie in the padding. */
static const axis AXES[] = {
    {1, 1, 1, 1, 0, 1}, {1, 3, 1, 1, 1, 1}, {2, 3, 1, 2, 3, 4}, {3, 2, 2, 1, 0, 1},
    {4, 3, 2, 1, 1, 2}, {5, 2, 3, 2, 1, 2}, {5, 3, 1, 1, 1, 5}, {2, 1, 2, 1, 1, 2},
};

/* Heights and widths. Poolings leave the last one out. */
static const int PAIRS[][2] = {{6, 4}, {5, 1}, {3, 7}, {0, 6}, {2, 5}};

static inline void check_windows(const kernel *kernel) {
    for (int pair = 0; pair < 5; pair++) {
        check_layer(kernel, &AXES[PAIRS[pair][0]], &AXES[PAIRS[pair][1]]);
    }
}
#else
static axis axes[1000];

/* All axes of up to `most` positions with windows of up to 3 taps. */
static inline int list_axes(int32_t most) {
    int count = 0;
    for (int32_t n = 0; n < most * 3 * 3 * 2 * 4; n++) {
        const axis a = {n % most + 1,         n / most % 3 + 1,  n / most / 3 % 3 + 1,
                        n / most / 9 % 2 + 1, n / most / 18 % 4, 0};
        const int32_t reach = (a.taps - 1) * a.dilation + 1;
        const int one_of_equals = (a.taps > 1 || a.dilation == 1) && a.before <= reach;
        if (one_of_equals) {
            axes[count] = a;
            axes[count++].out = (a.extent + a.before) / a.stride + 1; /* the last windows may lie behind the image */
        }
    }
    return count;
}

static inline void check_windows(const kernel *kernel) {
    const int tall = list_axes(4);
    static axis heights[1000];
    for (int i = 0; i < tall; i++) {
        heights[i] = axes[i];
    }
    const int wide = list_axes(5);
    for (int h = 0; h < tall; h++) {
        for (int w = h % 3; w < wide; w += 3) {
            check_layer(kernel, &heights[h], &axes[w]);
        }
    }
}
#endif

#endif
