/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_add_s16.h"

#include "stj_pixels.h"
#include "stj_requantize.h"
#include "stj_s16.h"

#define HEADROOM 15 /* bits below the point of the common scale; 16 bits of value leave a sign to spare */

/* One operand's element in the common scale. */
static inline int32_t common(const stj_add_s16_params *params, int operand, int32_t x) {
    return stj_requantize(x * (INT32_C(1) << HEADROOM), params->in_multiplier[operand], params->in_shift[operand]);
}

static STJ_NOINLINE void add_elements(const void *p, const int8_t *a, int32_t step0, const int8_t *b, int32_t step1,
                                      int8_t *to, int32_t count) {
    const stj_add_s16_params *params = p;
    for (int32_t c = 0; c < count; c++) {
        const int32_t first = common(params, 0, stj_load_s16(a + c * step0));
        const int32_t sum = first + params->sign * common(params, 1, stj_load_s16(b + c * step1));
        const int32_t scaled = stj_requantize(sum, params->out_multiplier, params->out_shift);
        stj_store_s16(to + c * STJ_S16_BYTES, stj_clamp(scaled, params->out_min, params->out_max));
    }
}

void stj_add_s16(const stj_add_s16_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    stj_over_broadcast_of(add_elements, params, params->operands, &params->result, STJ_S16_BYTES, in, out, y0, y1);
}

static void add_pixels(const void *params, const stj_pixel_runs *runs) {
    add_elements(params, runs->in[0], STJ_S16_BYTES, runs->in[1], STJ_S16_BYTES, runs->to, runs->bytes / STJ_S16_BYTES);
}

void stj_add_s16_tile(const stj_add_s16_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                      const stj_region *region) {
    stj_over_pixels(add_pixels, params, in, 2, out, region);
}
