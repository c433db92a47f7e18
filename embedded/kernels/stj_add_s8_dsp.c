/* SPDX-License-Identifier: Apache-2.0 */
/* ADD in about six instructions per element. Nothing is taken off an operand, and nothing is rounded: the exporter has
 * found two multipliers and one addend whose sum, shifted, is the operator's result for every pair of bytes.
 *
 * Four elements at a time. A word of each operand becomes two registers of two halfwords, an element times 256 each,
 * which SMLAWB and SMLAWT take as they are:
 *
 *     word             a3 | a2 | a1 | a0
 *     odd              a3 |  0 | a1 |  0        AND with 0xff00ff00
 *     even             a2 |  0 | a0 |  0        the same, of the word shifted left
 *
 *     t = addend + (multiplier[0] * even.low >> 16)          SMLAWB
 *     t = t      + (multiplier[1] * even.low >> 16)          SMLAWB, of the second operand
 *     result 0 = saturated(t >> 21)                          SSAT, which shifts, too
 */
#include "stj_add_s8_dsp.h"

#include "stj_clamp_dsp.h"
#include "stj_pixels.h"

/* What the loop keeps in registers. */
typedef struct {
    int32_t first, second, addend, mask;
} add_line;

static inline int8_t result_of(int32_t sum) { return stj_ssat_8(sum >> STJ_ADD_DSP_SHIFT); }

/* Elements 0 and 1 of halfwords; `low` and `high` are where the results go. */
static inline void add_pair(const add_line *line, int32_t a, int32_t b, int8_t *low, int8_t *high) {
    *low = result_of(__smlawb(line->second, b, __smlawb(line->first, a, line->addend)));
    *high = result_of(__smlawt(line->second, b, __smlawt(line->first, a, line->addend)));
}

static inline void add_four(const add_line *line, const int8_t *a, const int8_t *b, int8_t *to) {
    const int32_t first = stj_load_word(a), second = stj_load_word(b);
    const int32_t even_a = (int32_t)((uint32_t)first << 8) & line->mask;
    const int32_t even_b = (int32_t)((uint32_t)second << 8) & line->mask;
    add_pair(line, even_a, even_b, &to[0], &to[2]);
    add_pair(line, first & line->mask, second & line->mask, &to[1], &to[3]);
}

static STJ_NOINLINE void add_elements(const void *p, const int8_t *a, int32_t step0, const int8_t *b, int32_t step1,
                                      int8_t *to, int32_t count) {
    const stj_add_dsp_params *params = p;
    const add_line line = {params->multiplier[0], params->multiplier[1], params->addend,
                           stj_in_register((int32_t)0xff00ff00)};
    int32_t c = 0;
    (void)step0, (void)step1; /* 1 */
    for (; c + 8 <= count; c += 8) {
        add_four(&line, a + c, b + c, to + c);
        add_four(&line, a + c + 4, b + c + 4, to + c + 4);
    }
    for (; c < count; c++) {
        const int32_t sum = __smlawb(line.first, a[c] * 256, line.addend);
        to[c] = result_of(__smlawb(line.second, b[c] * 256, sum));
    }
    stj_clamp_values(to, count, params->out_min, params->out_max);
}

void stj_add_s8_dsp(const stj_add_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    stj_over_broadcast(add_elements, params, params->operands, &params->result, in, out, y0, y1);
}

static void add_pixels(const void *params, const stj_pixel_runs *runs) {
    add_elements(params, runs->in[0], 1, runs->in[1], 1, runs->to, runs->bytes);
}

void stj_add_s8_dsp_tile(const stj_add_dsp_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region) {
    stj_over_pixels(add_pixels, params, in, 2, out, region);
}
