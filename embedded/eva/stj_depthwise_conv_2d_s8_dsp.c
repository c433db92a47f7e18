/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolutions by windows of any shape, with the DSP extension: channels fill whole words, since what lies
 * behind a row is not there; tables have words that keep to C6. */
#include "stj_depthwise_conv_2d_s8_dsp.h"

#include "windows.h"

typedef struct {
    stj_depthwise_conv_2d_dsp_params params;
    void *scratch;
    int32_t scratch_bytes;
} call;

static call make_call(const layer *l) {
    const axis *h = &l->height, *w = &l->width;
    const int32_t count = h->taps * w->taps > 1 ? h->taps * w->taps : 2;
    const int32_t bytes = (count + 2) * (int32_t)sizeof(void *) + l->in_c, words = 4 + 2 * count + 4 * 3;
    int32_t *table = unknown_words(l->in_c / 4 * words, -(1 << 29), 1 << 29);
    for (int32_t group = 0; group < l->in_c / 4; group++) {
        for (int32_t k = 1; k <= 4; k++) {
            table[(group + 1) * words - 3 * k + 2] = unknown(0, 31); /* shifts */
        }
    }
    const call c = {
        {table, IMAGES(l), WINDOW(l), 1, unknown(-128, 127), unknown(0, 1), unknown(-128, 0), unknown(1, 127)},
        unknown_bytes(bytes),
        bytes};
    return c;
}

static void free_call(const call *c) {
    free((void *)(uintptr_t)c->params.table);
    free(c->scratch);
}

static void rows(const layer *l, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const call c = make_call(l);
    const stj_out both[] = {*out, {c.scratch, c.scratch_bytes, 1}};
    stj_depthwise_conv_2d_s8_dsp(&c.params, in, both, y0, y1);
    free_call(&c);
}

static void tile(const layer *l, const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const call c = make_call(l);
    const stj_pixels_out both[] = {*out, {c.scratch, c.scratch_bytes, 1, 1, 1}};
    stj_depthwise_conv_2d_s8_dsp_tile(&c.params, in, both, region);
    free_call(&c);
}

int main(void) {
    const kernel one_word = {4, 4, 0, 0, rows, tile, 0, 0}, two_words = {8, 8, 0, 0, rows, tile, 0, 0};
    check_windows(&one_word);
    check_windows(&two_words);
    return 0;
}
