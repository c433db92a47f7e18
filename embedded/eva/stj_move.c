/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes that are moved. */
#include "stj_move.h"

#include <string.h>

#include "unknown.h"

enum { HEIGHT = 3, WIDTH = 4, CHANNELS = 5, ROW = WIDTH * CHANNELS };

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

int main(void) {
    check_move(1);
    check_move(4);
    return 0;
}
