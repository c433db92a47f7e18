/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels that take each element, row or column once, on small lopsided tensors and arbitrary data, in blocks of just
 * the size that the kernels' contracts name. */
#include <string.h>

#include "stj_add_s8.h"
#include "stj_dequantize_s8.h"
#include "stj_fully_connected_s8.h"
#include "stj_lookup_s8.h"
#include "stj_mean_s8.h"
#include "stj_move.h"
#include "stj_mul_s8.h"
#include "stj_pad_s8.h"
#include "stj_quantize_s8.h"
#include "stj_resize_nearest_neighbor.h"
#include "stj_softmax_s8.h"
#include "unknown.h"

enum { HEIGHT = 3, WIDTH = 4, CHANNELS = 5, ROW = WIDTH * CHANNELS };

/* How an operand stretches to [HEIGHT, WIDTH, CHANNELS], and its rows. */
typedef struct {
    stj_broadcast steps;
    int32_t rows, row_bytes;
} stretch;

static const stretch STRETCHES[] = {
    {{{0, 0, 1, 0}, {CHANNELS, 1}}, HEIGHT, ROW}, /* the result's shape */
    {{{0, 0, 0, 0}, {0, 1}}, 1, CHANNELS},        /* one value per channel */
    {{{0, 0, 1, 0}, {1, 0}}, HEIGHT, WIDTH},      /* one per position */
    {{{0, 0, 0, 1}, {0, 1}}, WIDTH, CHANNELS},    /* a matrix over all rows */
    {{{0, 0, 0, 0}, {0, 0}}, 1, 1},               /* a scalar */
};

static stj_add_params add_params(const stretch *a, const stretch *b) {
    const stj_add_params params = {{{1, HEIGHT}, WIDTH, CHANNELS},
                                   {a->steps, b->steps},
                                   {unknown(-128, 127), unknown(-128, 127)},
                                   {unknown(0, INT32_MAX), unknown(0, INT32_MAX)},
                                   {unknown(-31, 0), unknown(-31, 0)},
                                   unknown(0, 1) ? 1 : -1,
                                   unknown(0, INT32_MAX),
                                   unknown(-31, 0),
                                   unknown(-128, 127),
                                   unknown(-128, 0),
                                   unknown(1, 127)};
    return params;
}

static stj_mul_params mul_params(const stretch *a, const stretch *b) {
    const stj_mul_params params = {{{1, HEIGHT}, WIDTH, CHANNELS},
                                   {a->steps, b->steps},
                                   {unknown(-128, 127), unknown(-128, 127)},
                                   unknown(0, INT32_MAX),
                                   unknown(-31, 14),
                                   unknown(-128, 127),
                                   unknown(-128, 0),
                                   unknown(1, 127)};
    return params;
}

static void check_two_operands(const stretch *a, const stretch *b) {
    uint8_t *from[2] = {unknown_bytes(a->rows * a->row_bytes), unknown_bytes(b->rows * b->row_bytes)};
    uint8_t *to = unknown_bytes(2 * ROW);
    const stj_in in[2] = {{from[0], a->row_bytes, a->rows}, {from[1], b->row_bytes, b->rows}};
    const stj_out out = {to, ROW, 2};
    const stj_add_params add = add_params(a, b);
    const stj_mul_params mul = mul_params(a, b);
    stj_add_s8(&add, in, &out, 0, HEIGHT);
    stj_mul_s8(&mul, in, &out, 0, HEIGHT);
    free(from[0]);
    free(from[1]);
    free(to);
}

/* A region whose operands and result wrap at different places: two tiles and a raster, or the other way round. */
static void check_pointwise_region(int raster) {
    const stj_region region = {1, HEIGHT, 1, WIDTH};
    const int32_t kept = raster ? WIDTH + 3 : 2 * 3, other = raster ? 2 * 3 : WIDTH + 3;
    uint8_t *from = unknown_bytes(kept * CHANNELS), *second = unknown_bytes(other * CHANNELS);
    uint8_t *to = unknown_bytes(kept * CHANNELS), *table = unknown_bytes(256);
    const int32_t columns[2] = {3, WIDTH}, rows[2] = {2, 0};
    const stj_pixels_in in[2] = {{from, CHANNELS, columns[raster], rows[raster], kept},
                                 {second, CHANNELS, columns[!raster], rows[!raster], other}};
    const stj_pixels_out out = {to, CHANNELS, columns[raster], rows[raster], kept};
    const stj_lookup_params lookup = {0, table};
    const stj_add_params add = add_params(&STRETCHES[0], &STRETCHES[0]);
    const stj_mul_params mul = mul_params(&STRETCHES[0], &STRETCHES[0]);
    stj_add_s8_tile(&add, in, &out, &region);
    stj_mul_s8_tile(&mul, in, &out, &region);
    stj_lookup_s8_tile(&lookup, in, &out, &region);
    free(from);
    free(second);
    free(to);
    free(table);
}

static void check_unary(void) {
    uint8_t *bytes = unknown_bytes(2 * ROW), *reals = unknown_bytes(2 * ROW * 4), *table = unknown_bytes(256);
    const stj_in small = {bytes, ROW, 2}, large = {reals, ROW * 4, 2};
    const stj_out to_small = {bytes, ROW, 2}, to_large = {reals, ROW * 4, 2};
    const stj_lookup_params lookup = {ROW, table};
    const stj_quantize_params quantize = {ROW, 0.05f, unknown(-128, 127)};
    const stj_dequantize_params dequantize = {ROW, 0.05f, unknown(-128, 127)};
    stj_lookup_s8(&lookup, &small, &to_small, 0, HEIGHT);
    stj_quantize_s8(&quantize, &large, &to_small, 0, HEIGHT);
    stj_dequantize_s8(&dequantize, &small, &to_large, 0, HEIGHT);
    free(bytes);
    free(reals);
    free(table);
}

/* Vectors within a row, and vectors of several rows. */
static void check_fully_connected(int32_t vectors, int32_t in_depth, int32_t out_depth, int32_t per_channel) {
    const int32_t entries = per_channel ? out_depth : 1;
    uint8_t *from = unknown_bytes(2 * 12), *to = unknown_bytes(vectors * out_depth);
    int8_t *weights = unknown_bytes(out_depth * in_depth), *shift = unknown_shifts(entries, -31, -1);
    int32_t *bias = unknown_words(out_depth, -(1 << 24), 1 << 24);
    int32_t *multiplier = unknown_words(entries, 1 << 30, INT32_MAX);
    const stj_in in = {from, 12, 2};
    const stj_out out = {to, vectors * out_depth, 1};
    for (int32_t once = 0; once < 2; once++) {
        const stj_fully_connected_params params = {weights,
                                                   bias,
                                                   multiplier,
                                                   shift,
                                                   per_channel,
                                                   once,
                                                   in_depth,
                                                   out_depth,
                                                   vectors,
                                                   unknown(-128, 127),
                                                   unknown(-128, 127),
                                                   unknown(-128, 0),
                                                   unknown(1, 127)};
        stj_fully_connected_s8(&params, &in, &out, 0, 24 / in_depth / vectors);
    }
    free(from);
    free(to);
    free(weights);
    free(shift);
    free(bias);
    free(multiplier);
}

/* Any of the five axes summed over. */
static void check_mean(int32_t axes) {
    static const int32_t extent[5] = {1, 2, 3, 2, 3};
    stj_mean_params params;
    int32_t results = 1;
    for (int axis = 0; axis < 5; axis++) {
        params.extent[axis] = extent[axis];
        params.reduced[axis] = axes >> axis & 1;
        results *= params.reduced[axis] ? 1 : extent[axis];
    }
    params.row_elements = results;
    params.multiplier = unknown(0, INT32_MAX);
    params.shift = unknown(-31, 4);
    params.in_zero_point = unknown(-128, 127);
    params.out_zero_point = unknown(-128, 127);
    uint8_t *from = unknown_bytes(6 * 6), *to = unknown_bytes(results);
    const stj_in in = {from, 6, 6};
    const stj_out out = {to, results, 1};
    stj_mean_s8(&params, &in, &out, 0, 1);
    free(from);
    free(to);
}

static void check_pad(void) {
    const stj_pad_params params = {{1, 1, 2, 3, 2}, {1, 2, 5, 4, 4}, {0, 1, 2, 0, 1}, unknown(-128, 127)};
    uint8_t *from = unknown_bytes(6), *to = unknown_bytes(3 * 16);
    const stj_in in = {from, 6, 1};
    const stj_out out = {to, 16, 3};
    stj_pad_s8(&params, &in, &out, 0, 10);
    free(from);
    free(to);
}

/* A concatenation of channels, 3 and 2, and the transposition of a matrix that is read backwards. */
static void check_move(int32_t size) {
    const stj_move_box boxes[3] = {
        {0,
         0,
         {1, HEIGHT},
         {0, 0, 0},
         {1, 1, HEIGHT, WIDTH, 3},
         0,
         5 * size,
         0,
         0,
         {0, 0, 1, 0, 0},
         {0, 0, 0, 3 * size, size}},
        {1,
         0,
         {1, HEIGHT},
         {0, 0, 0},
         {1, 1, HEIGHT, WIDTH, 2},
         3 * size,
         5 * size,
         0,
         0,
         {0, 0, 1, 0, 0},
         {0, 0, 0, 2 * size, size}},
        {0, 1, {1, 3}, {0, 0, 0}, {1, 1, 3, 1, HEIGHT}, 0, 0, 0, 2 * size, {0, 0, 0, 0, 1}, {0, 0, -size, 0, 0}},
    };
    int32_t words[3 * sizeof boxes[0] / sizeof(int32_t)];
    memcpy(words, boxes, sizeof boxes);
    const stj_move_params params = {size, 3, words};
    uint8_t *a = unknown_bytes(HEIGHT * WIDTH * 3 * size), *b = unknown_bytes(HEIGHT * WIDTH * 2 * size);
    uint8_t *both = unknown_bytes(HEIGHT * ROW * size), *turned = unknown_bytes(3 * HEIGHT * size);
    const stj_in in[2] = {{a, WIDTH * 3 * size, HEIGHT}, {b, WIDTH * 2 * size, HEIGHT}};
    const stj_out out[2] = {{both, ROW * size, HEIGHT}, {turned, HEIGHT * size, 3}};
    stj_move(&params, in, out, 0, HEIGHT);
    free(a);
    free(b);
    free(both);
    free(turned);
}

static void check_resize(void) {
    static const int32_t rows[5] = {0, 0, 1, 1, 2}, columns[3] = {0, 2, 2};
    const stj_resize_nearest_neighbor_params params = {3, 2, rows, columns};
    uint8_t *from = unknown_bytes(2 * 4), *to = unknown_bytes(2 * 6);
    const stj_in in = {from, 4, 2};
    const stj_out out = {to, 6, 2};
    stj_resize_nearest_neighbor(&params, &in, &out, 0, 5);
    free(from);
    free(to);
}

#ifndef __FRAMAC__
/* All pairs of values, and long sums of nearly equal ones. Not for Eva, which does not know that no element is above
 * the highest: it takes every index for possible. */
static void check_softmax(void) {
    int32_t *table = unknown_words(256, 0, INT32_MAX);
    table[0] = INT32_MAX;
    for (int32_t pair = 0; pair < 1 << 16; pair++) {
        int8_t values[2] = {(int8_t)(pair % 256 - 128), (int8_t)(pair / 256 - 128)};
        const stj_in in = {(const uint8_t *)values, 2, 1};
        const stj_out out = {(uint8_t *)values, 2, 1};
        const stj_softmax_params params = {1, 2, table};
        stj_softmax_s8(&params, &in, &out, 0, 1);
    }
    for (int32_t classes = 1; classes <= 4095; classes += 89) {
        uint8_t *block = unknown_bytes(classes);
        const stj_in in = {block, classes, 1};
        const stj_out out = {block, classes, 1};
        const stj_softmax_params params = {1, classes, table};
        stj_softmax_s8(&params, &in, &out, 0, 1);
        free(block);
    }
    free(table);
}
#endif

int main(void) {
#ifndef __FRAMAC__
    check_softmax();
#endif
    for (int a = 0; a < 5; a++) {
        check_two_operands(&STRETCHES[0], &STRETCHES[a]);
        check_two_operands(&STRETCHES[a], &STRETCHES[0]);
    }
    check_pointwise_region(0);
    check_pointwise_region(1);
    check_unary();
    check_fully_connected(1, 12, 5, 1);
    check_fully_connected(2, 4, 3, 0);
    check_fully_connected(1, 24, 2, 1);
    for (int32_t axes = 0; axes < 32; axes++) {
        check_mean(axes);
    }
    check_pad();
    check_resize();
    check_move(1);
    check_move(4);
    return 0;
}
