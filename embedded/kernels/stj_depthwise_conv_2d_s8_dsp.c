/* SPDX-License-Identifier: Apache-2.0 */
/* Four channels at a time: a word of each tap's pixel holds them. Of two taps, PKHBT, PKHTB and four SXTB16 make four
 * pairs, and four SMLADs add these up; a last tap that has no partner is two SXTB16 and four products of halfwords.
 *
 *     tap 0    c0 c1 c2 c3        c0 of taps 0 and 1     weights of c0
 *     tap 1    c0 c1 c2 c3        c1 of taps 0 and 1     weights of c1       ...
 *     last     c0 c1 c2 c3        c0 and c2; c1 and c3   weights of c0 and c1; of c2 and c3
 *
 * Biases have the input's zero point in them. Scratch holds, for one output position, the address of each tap's pixel:
 * a tap outside the image has that of a pixel of zero points, which lies behind them. The list is made once per
 * position and used by all channels.
 *
 * With a multiplier m, output channels 0, m, 2m ... are computed like this into scratch and then put where they belong,
 * then 1, m + 1, 2m + 1 ..., m times.
 *
 *     r0       the table              r4-r7    four sums                     lr   the channel
 *     r1       the end of the list    r8-r10   addresses, pixels, halves
 *     r2       the next result        r11, r12 weights
 *     r3       the list, behind which there are its own address and the channel at which to stop
 *
 * Per group of channels: 17 instructions for two taps, 9 for a last one, 5 or 6 for each result, 5. */
#include "stj_depthwise_conv_2d_s8_dsp.h"

#include "stj_clamp_dsp.h"
#include "stj_dsp.h"
#include "stj_rescale_dsp.h"
#include "stj_taps.h"

/* Assembly, because what gcc 12 makes of the same in C keeps pointers in memory and steps them one by one. It takes all
 * registers; without optimisation r7 is the frame pointer. */
#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__) && defined(__OPTIMIZE__)
#define GROUPS_ASM 1
#else
#define GROUPS_ASM 0
#endif

enum { LANES = 4 };

/* Addresses in the list: those of the taps, of which there are at least two. */
static inline int32_t listed_taps(const stj_depthwise_conv_2d_dsp_params *p) {
    const int32_t count = p->kernel_h * p->kernel_w;
    return count > 1 ? count : 2;
}

/* Of the table, for four channels. */
static inline int32_t group_words(const stj_depthwise_conv_2d_dsp_params *p) { return 4 * LANES + 2 * listed_taps(p); }

/* A pixel of zero points. */
static STJ_NOINLINE void fill(int8_t *pixel, int32_t channels, int32_t zero_point) {
    for (int32_t c = 0; c < channels; c += LANES) {
        stj_store_word(pixel + c, stj_four_bytes(zero_point));
    }
}

static inline const int8_t **list_outside(const int8_t **to, const int8_t *outside, int32_t count) {
    for (; count > 0; count--) {
        *to++ = outside;
    }
    return to;
}

/* The addresses of one output position. */
static STJ_NOINLINE void list_taps(const stj_depthwise_conv_2d_dsp_params *p, const stj_taps *taps, const int8_t **list,
                                   const int8_t *outside) {
    const int32_t there = taps->count > 0 && taps->end_y > taps->first_y;
    const int32_t first_y = there ? taps->first_y : p->kernel_h, end_y = there ? taps->end_y : p->kernel_h;
    int32_t offset = taps->offset;
    const int8_t **to = list_outside(list, outside, first_y * p->kernel_w);
    for (int32_t ky = first_y; ky < end_y; ky++) {
        const int8_t *pixel = taps->data + offset;
        if (p->kernel_w == 1) {
            *to++ = pixel;
        } else {
            int32_t room = stj_room(taps, offset);
            to = list_outside(to, outside, taps->first_x);
            for (int32_t left = taps->count; left > 0; left--) {
                *to++ = pixel;
                pixel += stj_right(taps, &room);
            }
            to = list_outside(to, outside, p->kernel_w - taps->first_x - taps->count);
        }
        offset = stj_below(taps, offset);
    }
    to = list_outside(to, outside, (p->kernel_h - end_y) * p->kernel_w);
    if (to == list + 1) { /* the second tap has weights of 0 */
        *to = outside;
    }
}

/* The channels from `c` on of one output position, at most four. */
static STJ_NOINLINE void add_group(const stj_depthwise_conv_2d_dsp_params *p, const int8_t *const *list,
                                   const int32_t *table, int32_t c, int8_t *out) {
    const int32_t count = listed_taps(p), lanes = p->in_c - c < LANES ? p->in_c - c : LANES;
    const int32_t *words = table + LANES, *scale = words + 2 * count;
    for (int32_t k = 0; k < lanes; k++, scale += 3) {
        int32_t sum = table[k];
        for (int32_t tap = 0; tap < count; tap++) {
            const int32_t alone = tap + 1 == count && (count & 1) != 0;
            const int32_t word = alone ? words[2 * tap + k / 2] : words[tap / 2 * LANES + k];
            const int32_t second = alone ? k & 1 : tap & 1;
            const int32_t weight = second != 0 ? stj_high(word) : stj_low(word);
            sum = (int32_t)((uint32_t)sum + (uint32_t)(weight * list[tap][c + k]));
        }
        out[k] = stj_saturated(p->halves ? stj_rescale_twice_away(sum, scale[0], scale[1], scale[2])
                                         : stj_rescale_twice(sum, scale[0], scale[1], scale[2]));
    }
}

/* Both below: one output channel per input channel of one output position. Returns the table behind what was used. */
#if GROUPS_ASM
/* clang-format off */

#define TWO_TAPS                                      \
    "2:                                   \n"         \
    "ldrd   r8, r9, [r3], #8              \n"         \
    "ldrd   r11, r12, [r0], #8            \n"         \
    "ldr    r8, [r8, lr]                  \n"         \
    "ldr    r9, [r9, lr]                  \n"         \
    "pkhbt  r10, r8, r9, lsl #16          \n"         \
    "pkhtb  r9, r9, r8, asr #16           \n"         \
    "sxtb16 r8, r10                       \n"         \
    "sxtb16 r10, r10, ror #8              \n"         \
    "smlad  r4, r8, r11, r4               \n"         \
    "smlad  r5, r10, r12, r5              \n"         \
    "ldrd   r11, r12, [r0], #8            \n"         \
    "sxtb16 r8, r9                        \n"         \
    "sxtb16 r9, r9, ror #8                \n"         \
    "smlad  r6, r8, r11, r6               \n"         \
    "smlad  r7, r9, r12, r7               \n"         \
    "cmp    r3, r1                        \n"         \
    "bne    2b                            \n"

#define LAST_TAP                                      \
    "ldr    r8, [r3], #4                  \n"         \
    "ldrd   r11, r12, [r0], #8            \n"         \
    "ldr    r8, [r8, lr]                  \n"         \
    "sxtb16 r9, r8                        \n"         \
    "sxtb16 r10, r8, ror #8               \n"         \
    "smlabb r4, r9, r11, r4               \n"         \
    "smlabt r5, r10, r11, r5              \n"         \
    "smlatb r6, r9, r12, r6               \n"         \
    "smlatt r7, r10, r12, r7              \n"

/* AWAY: with halves away from zero below the zero point. */
#define AWAY(SUM) "add r9, r9, " SUM ", asr #31 \n"
#define NOT_AWAY(SUM) ""
#define RESULT(SUM, SIGN)                             \
    "ldmia.w r0!, {r8, r9, r10}           \n"         \
    SIGN(SUM)                                         \
    "smmlar r8, " SUM ", r8, r9           \n"         \
    "asr    r8, r8, r10                   \n"         \
    "ssat   r8, #8, r8                    \n"         \
    "strb   r8, [r2], #1                  \n"

#define GROUPS(LAST, SIGN)                            \
    "mov    lr, #0                        \n"         \
    "1:                                   \n"         \
    "ldmia.w r0!, {r4, r5, r6, r7}        \n"         \
    TWO_TAPS LAST                                     \
    RESULT("r4", SIGN) RESULT("r5", SIGN) RESULT("r6", SIGN) RESULT("r7", SIGN) \
    "ldrd   r3, r8, [r3]                  \n"         \
    "add    lr, lr, #4                    \n"         \
    "cmp    lr, r8                        \n"         \
    "bne    1b                            \n"

#define ADD_GROUPS(NAME, LAST, SIGN)                                                                   \
    static STJ_NOINLINE const int32_t *NAME(const int32_t *table, const int8_t *const *pairs_end, int8_t *to, \
                                            const int8_t *const *list) {                               \
        register const int32_t *r_table __asm__("r0") = table;                                         \
        register const int8_t *const *r_end __asm__("r1") = pairs_end;                                 \
        register int8_t *r_to __asm__("r2") = to;                                                      \
        register const int8_t *const *r_list __asm__("r3") = list;                                     \
        __asm__ volatile(GROUPS(LAST, SIGN)                                                            \
                         : "+r"(r_table), "+r"(r_to), "+r"(r_list)                                     \
                         : "r"(r_end)                                                                  \
                         : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory"); \
        return r_table;                                                                                \
    }

ADD_GROUPS(add_even, "", NOT_AWAY)
ADD_GROUPS(add_odd, LAST_TAP, NOT_AWAY)
ADD_GROUPS(add_even_away, "", AWAY)
ADD_GROUPS(add_odd_away, LAST_TAP, AWAY)

/* clang-format on */

/* Fewer than four channels are left to `add_group`. */
static const int32_t *add_channels(const stj_depthwise_conv_2d_dsp_params *p, const int32_t *table, const int8_t **list,
                                   int8_t *out) {
    const int32_t count = listed_taps(p), whole = p->in_c & -LANES;
    const int8_t *const *pairs_end = list + (count & -2);
    list[count] = (const int8_t *)list;
    list[count + 1] = (const int8_t *)(intptr_t)whole;
    if (whole > 0) {
        if ((count & 1) != 0) {
            table = p->halves ? add_odd_away(table, pairs_end, out, list) : add_odd(table, pairs_end, out, list);
        } else {
            table = p->halves ? add_even_away(table, pairs_end, out, list) : add_even(table, pairs_end, out, list);
        }
    }
    if (whole < p->in_c) {
        add_group(p, list, table, whole, out + whole);
        table += group_words(p);
    }
    return table;
}
#else

static const int32_t *add_channels(const stj_depthwise_conv_2d_dsp_params *p, const int32_t *table, const int8_t **list,
                                   int8_t *out) {
    for (int32_t c = 0; c < p->in_c; c += LANES, table += group_words(p)) {
        add_group(p, list, table, c, out + c);
    }
    return table;
}
#endif

/* Every so manyth output channel of one output position. */
static STJ_NOINLINE void spread(const int8_t *plane, int32_t channels, int32_t multiplier, int8_t *to) {
    for (const int8_t *const end = plane + channels; plane != end; plane++, to += multiplier) {
        *to = *plane;
    }
}

/* Scratch: the addresses, two words more, the pixel of zero points, and with a multiplier a plane. */
static STJ_NOINLINE void compute_run(const stj_depthwise_conv_2d_dsp_params *p, const stj_pixels_in *in,
                                     const stj_output_run *run, void *scratch) {
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    const int8_t **const list = scratch;
    int8_t *const outside = (int8_t *)(list + listed_taps(p) + 2);
    int8_t *const plane = outside + ((p->in_c + LANES - 1) & -LANES);
    int8_t *to = run->to;
    const int32_t out_c = p->in_c * p->multiplier;
    int filled = 0;
    stj_taps taps;
    stj_taps_of_row(&taps, in, &height, p->dilation_w, run->above, run->y);
    for (int32_t i = 0; i < run->count; i++) {
        stj_taps_in_row(&taps, in, &width, run->x + i);
        if (!filled && (taps.end_y - taps.first_y < p->kernel_h || taps.count < p->kernel_w)) {
            fill(outside, p->in_c, p->in_zero_point);
            filled = 1;
        }
        list_taps(p, &taps, list, outside);
        const int32_t *table = p->table;
        for (int32_t k = 0; k < p->multiplier; k++) {
            table = add_channels(p, table, list, p->multiplier == 1 ? to : plane);
            if (p->multiplier > 1) {
                spread(plane, p->in_c, p->multiplier, to + k);
            }
        }
        to += out_c;
    }
    stj_clamp_values(run->to, run->count * out_c, p->out_min, p->out_max);
}

void stj_depthwise_conv_2d_s8_dsp(const stj_depthwise_conv_2d_dsp_params *params, const stj_in *in, const stj_out *out,
                                  int32_t y0, int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->in_c);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run, out[1].data);
    }
}

void stj_depthwise_conv_2d_s8_dsp_tile(const stj_depthwise_conv_2d_dsp_params *params, const stj_pixels_in *in,
                                       const stj_pixels_out *out, const stj_region *region) {
    for (int32_t y = region->y0; y < region->y1; y++) {
        for (int32_t x = region->x0; x < region->x1;) {
            const stj_output_run run = stj_output_run_of(out, y, x, region->x1);
            compute_run(params, in, &run, out[1].data);
            x += run.count;
        }
    }
}
