/* SPDX-License-Identifier: Apache-2.0 */
/* stj_tile: the kernels that compute a region of an image, some rows by some columns, from images of which memory keeps
 * only some pixels. stj_nn.h has those that compute whole rows; a kernel's parameters are the same struct for both.
 *
 *     void stj_<op>_s8_tile(const stj_<op>_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
 *                           const stj_region *region);
 *
 * Tensors are images [height, width, channels], batch 1. Rows and columns are counted over the whole image, whatever
 * part of it is in memory, and parameters hold the extents of the whole image. A pixel is all channels of a position.
 *
 * The caller guarantees:
 *   - the region lies within the output image, and the output's pixels of the region all have slots of their own;
 *   - every pixel that the region reads is in its slot: for a window, those of its taps that lie on the image (padding
 *     is skipped), for the others the pixel at the output's own position;
 *   - from the first to the last column of one window is at most `columns` pixels in a tile. In a raster, from the
 * first to the last pixel of one window in reading order is at most `pixels`;
 *   - what is written overlaps nothing that is read, but for operands that a kernel's header allows to lie where the
 *     result does.
 */
#ifndef STJ_TILE_H
#define STJ_TILE_H

#include <stdint.h>

/* Pixels of an image in memory, kept in one of two ways:
 *   raster (rows == 0): the last `pixels` in reading order; pixel (y, x) is in slot (y * columns + x) % pixels, where
 *                       columns is the image's width;
 *   tile (rows >= 1):   rings along both axes; it is in slot (y % rows) * columns + x % columns, pixels being
 *                       rows * columns. */
typedef struct {
    const uint8_t *data;
    int32_t pixel_bytes; /* slot s starts at data + s * pixel_bytes */
    int32_t columns;     /* >= 1 */
    int32_t rows;        /* >= 0 */
    int32_t pixels;      /* slots, >= 1 */
} stj_pixels_in;

typedef struct {
    uint8_t *data;
    int32_t pixel_bytes;
    int32_t columns;
    int32_t rows;
    int32_t pixels;
} stj_pixels_out;

/* Output rows [y0, y1) by columns [x0, x1); empty unless y0 < y1 and x0 < x1. */
typedef struct {
    int32_t y0, y1, x0, x1;
} stj_region;

#endif
