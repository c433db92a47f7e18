/* SPDX-License-Identifier: Apache-2.0 */
/* TRANSPOSE_CONV on int16: windows that overlap along height, and leave gaps along width. */
#include "stj_transpose_conv_s16.h"

#include "wide.h"

enum {
    IN_H = 3,
    IN_W = 2,
    IN_C = 2,
    OUT_H = 6,
    OUT_W = 5,
    OUT_C = 3,
    KERNEL_H = 3,
    KERNEL_W = 2,
    LANES = 4,
    BYTES = 2
};

typedef struct {
    int8_t *weights;
    rescaling rescaling;
    stj_transpose_conv_s16_params params;
} layer;

static layer make_layer(void) {
    layer l;
    l.weights = unknown_bytes(KERNEL_H * KERNEL_W * IN_C * LANES);
    l.rescaling = unknown_rescaling(LANES);
    const stj_transpose_conv_s16_params params = {
        l.weights,
        l.rescaling.bias,
        l.rescaling.multiplier,
        l.rescaling.shift,
        IN_H,
        IN_W,
        IN_C,
        OUT_H,
        OUT_W,
        OUT_C,
        KERNEL_H,
        KERNEL_W,
        2,
        3,
        1,
        0,
        -999,
        999,
    };
    l.params = params;
    return l;
}

static void free_layer(layer *l) {
    free(l->weights);
    free_rescaling(&l->rescaling);
}

static void rows(const layer *l) {
    uint8_t *from = unknown_bytes(2 * IN_W * IN_C * BYTES), *to = unknown_bytes(2 * OUT_W * OUT_C * BYTES);
    const stj_in in = {from, IN_W * IN_C * BYTES, 2};
    const stj_out out = {to, OUT_W * OUT_C * BYTES, 2};
    stj_transpose_conv_s16(&l->params, &in, &out, 0, OUT_H);
    free(from);
    free(to);
}

static void tile(const layer *l, int32_t ring_rows) {
    const int32_t pixels = ring_rows > 0 ? ring_rows * IN_W : IN_W + 2;
    uint8_t *from = unknown_bytes(pixels * IN_C * BYTES), *to = unknown_bytes(2 * 3 * OUT_C * BYTES);
    const stj_pixels_in in = {from, IN_C * BYTES, IN_W, ring_rows, pixels};
    const stj_pixels_out out = {to, OUT_C * BYTES, 3, 2, 2 * 3};
    const stj_region region = {2, 4, 1, 4};
    stj_transpose_conv_s16_tile(&l->params, &in, &out, &region);
    free(from);
    free(to);
}

int main(void) {
    layer l = make_layer();
    rows(&l);
    tile(&l, 2);
    tile(&l, 0);
    free_layer(&l);
    return 0;
}
