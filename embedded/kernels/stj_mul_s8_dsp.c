/* SPDX-License-Identifier: Apache-2.0 */
/* MUL of four elements at a time. SXTAB16 widens two bytes of a word to halfwords and takes the zero point off, SADD16
 * doubles those of the first operand:
 *
 *     word              a3 | a2 | a1 | a0
 *     even              2 * (a2 - zero point)  |  2 * (a0 - zero point)
 *     odd               2 * (a3 - zero point)  |  2 * (a1 - zero point)
 *
 * SMULBB and SMULTT are then twice the products, which stj_rescale_dsp.h rescales in five instructions: the addend with
 * the product's sign, SMMLAR, ASR, SSAT. Halves below the zero point go away from zero whether or not an activation
 * cuts them off.
 */
#include "stj_mul_s8_dsp.h"

#include "stj_clamp_dsp.h"
#include "stj_pixels.h"
#include "stj_rescale_dsp.h"

/* What the loop keeps in registers; `less` has both halfwords of a zero point, negated. */
typedef struct {
    int32_t less[2];
    int32_t multiplier, addend, shift;
} mul_line;

static inline int8_t result_of(const mul_line *line, int32_t twice) {
    return stj_saturated(stj_rescale_twice_away(twice, line->multiplier, line->addend, line->shift));
}

static inline void multiply_pair(const mul_line *line, int32_t a, int32_t b, int8_t *low, int8_t *high) {
    const int32_t twice = __sadd16(a, a);
    *low = result_of(line, stj_low_product(twice, b));
    *high = result_of(line, stj_high_product(twice, b));
}

static inline void multiply_four(const mul_line *line, const int8_t *a, const int8_t *b, int8_t *to) {
    const int32_t first = stj_load_word(a), second = stj_load_word(b);
    multiply_pair(line, __sxtab16(line->less[0], first), __sxtab16(line->less[1], second), &to[0], &to[2]);
    multiply_pair(line, stj_sxtab16_odd(line->less[0], first), stj_sxtab16_odd(line->less[1], second), &to[1], &to[3]);
}

static inline int32_t both_halves(int32_t x) { return (int32_t)(((uint32_t)x & 0xffffu) * UINT32_C(0x00010001)); }

static STJ_NOINLINE void multiply_elements(const void *p, const int8_t *a, int32_t step0, const int8_t *b,
                                           int32_t step1, int8_t *to, int32_t count) {
    const stj_mul_dsp_params *params = p;
    const int32_t *zero = params->in_zero_point;
    const mul_line line = {
        {both_halves(-zero[0]), both_halves(-zero[1])}, params->multiplier, params->addend, params->shift};
    int32_t c = 0;
    (void)step0, (void)step1; /* 1 */
    for (; c + 4 <= count; c += 4) {
        multiply_four(&line, a + c, b + c, to + c);
    }
    for (; c < count; c++) {
        to[c] = result_of(&line, 2 * (a[c] - zero[0]) * (b[c] - zero[1]));
    }
    stj_clamp_values(to, count, params->out_min, params->out_max);
}

void stj_mul_s8_dsp(const stj_mul_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    stj_over_broadcast(multiply_elements, params, params->operands, &params->result, in, out, y0, y1);
}

static void multiply_pixels(const void *params, const stj_pixel_runs *runs) {
    multiply_elements(params, runs->in[0], 1, runs->in[1], 1, runs->to, runs->bytes);
}

void stj_mul_s8_dsp_tile(const stj_mul_dsp_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region) {
    stj_over_pixels(multiply_pixels, params, in, 2, out, region);
}
