/* SPDX-License-Identifier: Apache-2.0 */
/* What the products of weights with pixels have in common: stj_product_packed_dsp.h and stj_product_wide_dsp.h.
 *
 * A block is one to three pixels (or windows) of `units` times four inputs, made into pairs of halfwords once for all
 * output channels. Of the inputs x0..x3 of a unit there are two words, A and B, in which weights find them; those of
 * three pixels lie side by side, so that one LDM loads three of them:
 *
 *     A of pixel 0, 1, 2 | B of pixel 0, 1, 2 | the next unit ...
 *
 * Weights come in a stream of words, for each pair of output channels in the order in which the loop needs them:
 *
 *     bias 0, bias 1 | per unit: words of channel 0 and 1 | multiplier, addend, shift of channel 0, of channel 1
 *
 * Six sums, three pixels, two weights, and the addresses of weights, pixels and of what else is needed fill the
 * fourteen registers. That else lies behind the pixels, where their address is when a pair of channels is through with
 * them. Sums are modulo 2^32: only the last one has to fit.
 *
 *     r0-r2    sums of channel 0, pixels 0, 1, 2           r9, r10  words of weights
 *     r3-r5    sums of channel 1                           r11      the stream
 *     r6-r8    words of the three pixels                   r12, lr  the next pixels, and where they end
 *
 * Per pair of channels, besides the units and the rescaling: LDRD of the biases, a jump into the loop, compare and
 * branch for each eight units, a jump to the rescaling, LDM and STM of where results go, LDRD, compare and branch: 11.
 */
#ifndef STJ_PRODUCT_DSP_H
#define STJ_PRODUCT_DSP_H

#include "stj_dsp.h"
#include "stj_nn.h"
#include "stj_rescale_dsp.h"

/* Assembly, because what gcc 12 makes of the same in C keeps half of the values in memory. It takes all registers;
 * without optimisation r7 is the frame pointer. */
#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__) && defined(__OPTIMIZE__)
#define STJ_PRODUCT_ASM 1
#else
#define STJ_PRODUCT_ASM 0
#endif

enum { STJ_BLOCK_PIXELS = 3, STJ_UNIT_WORDS = 6, STJ_LOOP_UNITS = 8 };

/* What a product needs besides pixels and weights, at most 64 bytes. Assembly knows the offsets: 4 bytes per field. */
typedef struct {
    int8_t *to[STJ_BLOCK_PIXELS]; /* the next output channel of each pixel */
    const int32_t *pixels;
    const int32_t *end; /* of the stream */
    uint32_t enter;     /* address of the first unit that is computed in a loop, of which some may be left out */
    uint32_t rescale;   /* address of the rescaling */
    int32_t low, high;  /* of the results; only the lowest byte counts */
    int32_t units;
} stj_block;

/* All output channels of a block of so many pixels, whose units end where `block` lies; `skip` are the units that the
 * first pass through the loop leaves out. */
typedef void stj_product_of_block(const int32_t *stream, stj_block *block, int32_t skip, int32_t rescaling);

/* The unit before the loop is always computed. */
static inline int32_t stj_skipped_units(int32_t units) {
    return units == 1 ? STJ_LOOP_UNITS : (1 - units) & (STJ_LOOP_UNITS - 1);
}

#if STJ_PRODUCT_ASM
/* clang-format off */

/* OP(sum of channel 0, sum of channel 1, third register) for each pixel of a block, the last one first: the first unit
 * finds the biases in the sums of pixel 0. */
#define STJ_PIXELS_1(OP) OP("r0", "r3", "r6")
#define STJ_PIXELS_2(OP) OP("r1", "r4", "r7") STJ_PIXELS_1(OP)
#define STJ_PIXELS_3(OP) OP("r2", "r5", "r8") STJ_PIXELS_2(OP)

/* The words r6-r8 of pixels by one word of weights of each channel. */
#define STJ_ADD_PRODUCTS(SUM0, SUM1, PIXEL)      \
    "smlad  " SUM0 ", r9, " PIXEL ", " SUM0 " \n" \
    "smlad  " SUM1 ", r10, " PIXEL ", " SUM1 " \n"

#define STJ_FIRST_PRODUCTS(SUM0, SUM1, PIXEL) \
    "smlad  " SUM0 ", r9, " PIXEL ", r0 \n"   \
    "smlad  " SUM1 ", r10, " PIXEL ", r3 \n"

#define STJ_LOAD_PIXELS "ldmia.w r12!, {r6, r7, r8} \n"

/* From the arguments (r0 stream, r1 block, r2 units that the first pass leaves out, r3 which rescaling) to the jump to a
 * rescaling, of which 4, 5, 6 and 7 are the labels. FIRST finds the biases and its first weights loaded, UNIT is BYTES
 * long. A rescaling ends with STJ_PRODUCT_STORE, or with a jump to one whose label is 3. */
#define STJ_PRODUCT_LOOP(FIRST, UNIT, BYTES)              \
    "mov    r11, r0                \n"                    \
    "mov    lr, r1                 \n"                    \
    "adr    r4, 2f                 \n"                    \
    "movw   r5, #" BYTES "         \n"                    \
    "mla    r4, r2, r5, r4         \n"                    \
    "adr    r6, 9f                 \n"                    \
    "ldr    r5, [r6, r3, lsl #2]   \n"                    \
    "add    r5, r5, r6             \n"                    \
    "orr    r4, r4, #1             \n"                    \
    "strd   r4, r5, [lr, #20]      \n"                    \
    "ldr    r12, [lr, #12]         \n"                    \
    "1:                            \n"                    \
    "ldmia.w r11!, {r0, r3, r9, r10} \n"                  \
    FIRST                                                 \
    "ldr    pc, [lr, #20]          \n"                    \
    "2:                            \n"                    \
    UNIT UNIT UNIT UNIT UNIT UNIT UNIT UNIT               \
    "cmp    r12, lr                \n"                    \
    "bne.w  2b                     \n"                    \
    "ldr    pc, [lr, #24]          \n"

#define STJ_STORE_RESULTS(SUM0, SUM1, TO)   \
    "strb   " SUM0 ", [" TO "], #1 \n"      \
    "strb   " SUM1 ", [" TO "], #1 \n"

#define STJ_PRODUCT_STORE(PIXELS)           \
    "ldmia.w lr, {r6, r7, r8}      \n"      \
    PIXELS(STJ_STORE_RESULTS)               \
    "stmia.w lr, {r6, r7, r8}      \n"      \
    "ldrd   r12, r0, [lr, #12]     \n"      \
    "cmp    r11, r0                \n"      \
    "bne.w  1b                     \n"      \
    "b.w    8f                     \n"

/* The larger of two and then the smaller, byte by byte, of which the lowest is stored: ends of a range in r6 and r7. */
#define STJ_CLAMP_1(SUM)                    \
    "ssub8  r8, " SUM ", r6        \n"      \
    "sel    " SUM ", " SUM ", r6   \n"      \
    "ssub8  r8, r7, " SUM "        \n"      \
    "sel    " SUM ", " SUM ", r7   \n"
#define STJ_CLAMP_RESULTS(SUM0, SUM1, NONE) STJ_CLAMP_1(SUM0) STJ_CLAMP_1(SUM1)

#define STJ_PRODUCT_CLAMP(PIXELS)           \
    "ldrd   r6, r7, [lr, #28]      \n"      \
    PIXELS(STJ_CLAMP_RESULTS)               \
    "b.w    3b                     \n"

/* The table of the rescalings' addresses, and the end. */
#define STJ_PRODUCT_END                     \
    ".align 2                      \n"      \
    "9: .word 4b - 9b + 1, 5b - 9b + 1, 6b - 9b + 1, 7b - 9b + 1 \n" \
    "8:                            \n"

/* The body of a product of a block: TEXT as above. */
#define STJ_PRODUCT_BODY(TEXT)                                                 \
    register const int32_t *r_stream __asm__("r0") = stream;                   \
    register stj_block *r_block __asm__("r1") = block;                         \
    register int32_t r_skip __asm__("r2") = skip;                              \
    register int32_t r_rescaling __asm__("r3") = rescaling;                    \
    __asm__ volatile(TEXT                                                      \
                     : "+r"(r_stream), "+r"(r_block), "+r"(r_skip), "+r"(r_rescaling) \
                     :                                                         \
                     : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory")

/* The body of a function that makes the words of three pixels: MAKE turns r4-r6 into A in r4-r6 and B in r8-r10. Two
 * units at a time; an odd one is the second half of the first two. */
#define STJ_EXPAND_UNIT(MAKE)                                                  \
    "ldr    r4, [r1], #4           \n"                                         \
    "ldr    r5, [r2], #4           \n"                                         \
    "ldr    r6, [r3], #4           \n"                                         \
    MAKE                                                                       \
    "stmia.w r0!, {r4, r5, r6, r8, r9, r10} \n"

#define STJ_EXPAND_BODY(MAKE)                                                  \
    register int32_t *r_to __asm__("r0") = to;                                 \
    register const int8_t *r_x0 __asm__("r1") = x;                             \
    register const int8_t *r_x1 __asm__("r2") = x + step;                      \
    register const int8_t *r_x2 __asm__("r3") = x + 2 * step;                  \
    register int32_t *r_end __asm__("r12") = to + STJ_UNIT_WORDS * units;      \
    register int32_t r_odd __asm__("r4") = units & 1;                          \
    __asm__ volatile("cbnz   r4, 2f \n"                                        \
                     "1: \n" STJ_EXPAND_UNIT(MAKE)                             \
                     "2: \n" STJ_EXPAND_UNIT(MAKE)                             \
                     "cmp    r0, r12 \n"                                       \
                     "bne    1b \n"                                            \
                     : "+r"(r_to), "+r"(r_x0), "+r"(r_x1), "+r"(r_x2), "+r"(r_odd) \
                     : "r"(r_end)                                              \
                     : "r5", "r6", "r8", "r9", "r10", "cc", "memory")

#define STJ_PRODUCT(NAME, PIXELS, TEXT, IN_C) static STJ_NOINLINE void NAME(const int32_t *stream, stj_block *block, int32_t skip, int32_t rescaling) { STJ_PRODUCT_BODY(TEXT); }

#define STJ_EXPAND(NAME, MAKE, INPUTS) static STJ_NOINLINE void NAME(int32_t *to, const int8_t *x, int32_t step, int32_t units) { STJ_EXPAND_BODY(MAKE); }

/* clang-format on */
#else

/* What the sums of two channels begin with. */
static inline void stj_biases(int32_t sums[2][STJ_BLOCK_PIXELS], const int32_t *stream) {
    for (int32_t i = 0; i < 2 * STJ_BLOCK_PIXELS; i++) {
        sums[i / STJ_BLOCK_PIXELS][i % STJ_BLOCK_PIXELS] = stream[i / STJ_BLOCK_PIXELS];
    }
}

/* The next results of one output channel. */
static inline void stj_store_channel(stj_block *block, const int32_t *results, int32_t pixels, int32_t clamped) {
    const int8_t low = (int8_t)(clamped ? block->low : -128), high = (int8_t)(clamped ? block->high : 127);
    for (int32_t pixel = 0; pixel < pixels; pixel++) {
        const int8_t result = stj_saturated(results[pixel]);
        *block->to[pixel]++ = result < low ? low : result > high ? high : result;
    }
}

/* The words of three pixels; `inputs` makes A and B of the four inputs of a word. */
static inline void stj_expand_of(void (*inputs)(int32_t bytes, int32_t *a, int32_t *b), int32_t *to, const int8_t *x,
                                 int32_t step, int32_t units) {
    for (int32_t i = 0; i < units * STJ_BLOCK_PIXELS; i++) {
        const int32_t unit = i / STJ_BLOCK_PIXELS, pixel = i % STJ_BLOCK_PIXELS;
        int32_t *words = to + unit * STJ_UNIT_WORDS + pixel;
        inputs(stj_load_word(x + pixel * step + unit * STJ_UNIT_INPUTS), words, words + STJ_BLOCK_PIXELS);
    }
}

#define STJ_PRODUCT(NAME, PIXELS, TEXT, IN_C)                                                                          \
    static STJ_NOINLINE void NAME(const int32_t *stream, stj_block *block, int32_t skip, int32_t rescaling) {          \
        (void)skip;                                                                                                    \
        IN_C(stream, block, rescaling, PIXELS);                                                                        \
    }

#define STJ_EXPAND(NAME, MAKE, INPUTS)                                                                                 \
    static STJ_NOINLINE void NAME(int32_t *to, const int8_t *x, int32_t step, int32_t units) {                         \
        stj_expand_of(INPUTS, to, x, step, units);                                                                     \
    }

#endif

/* Functions made of assembly or, on hosts, of C:
 *
 *     STJ_PRODUCT   the product of a block of so many pixels; `skip` and `rescaling` as drawn above
 *     STJ_EXPAND    the words of three pixels, `step` bytes apart, from `units` (>= 1) units of each on */

#endif
