/* SPDX-License-Identifier: Apache-2.0 */
/* Products with weights as halfwords: twice the flash of the file, but one instruction less per unit, and weights can
 * be multiplied by powers of two, which shortens the rescaling. Read stj_product_dsp.h first.
 *
 * A unit's weights w0..w3 are the words w0 | w2 << 16 and w1 | w3 << 16; of its inputs, A is x0 | x2 << 16 and B is
 * x1 | x3 << 16. 16 instructions for 24 products.
 *
 * Rescalings:
 *
 *     0, 1  stj_rescale_scaled, every channel scaled so that its shift is 11, or 13, which SSAT takes along: three
 *           instructions for a result. Per channel of the stream: multiplier, addend.
 *     2     stj_rescale_twice_away, with multiplier, addend, shift in the stream: five
 *     3     the same with a range of its own
 */
#ifndef STJ_PRODUCT_WIDE_DSP_H
#define STJ_PRODUCT_WIDE_DSP_H

#include "stj_product_dsp.h"

/* A and B of four inputs. */
static inline void stj_wide_inputs(int32_t bytes, int32_t *a, int32_t *b) {
    *a = __sxtb16(bytes);
    *b = __sxtb16((int32_t)((uint32_t)bytes >> 8));
}

#if STJ_PRODUCT_ASM
/* clang-format off */

#define STJ_WIDE_UNIT(PIXELS) "ldrd r9, r10, [r11], #8 \n" STJ_WIDE_LOADED(PIXELS, STJ_ADD_PRODUCTS)
#define STJ_WIDE_LOADED(PIXELS, PRODUCTS)             \
    STJ_LOAD_PIXELS PIXELS(PRODUCTS)                  \
    "ldrd   r9, r10, [r11], #8     \n"                \
    STJ_LOAD_PIXELS PIXELS(STJ_ADD_PRODUCTS)

#define STJ_WIDE_SCALED(SUM0, SUM1, SHIFT)            \
    "smmla  " SUM0 ", " SUM0 ", r6, r7 \n"            \
    "smmla  " SUM1 ", " SUM1 ", r8, r9 \n"            \
    "ssat   " SUM0 ", #8, " SUM0 ", asr #" SHIFT "\n" \
    "ssat   " SUM1 ", #8, " SUM1 ", asr #" SHIFT "\n"
#define STJ_WIDE_SCALED_11(SUM0, SUM1, NONE) STJ_WIDE_SCALED(SUM0, SUM1, "11")
#define STJ_WIDE_SCALED_13(SUM0, SUM1, NONE) STJ_WIDE_SCALED(SUM0, SUM1, "13")
#define STJ_WIDE_RESCALE(PIXELS, RESULTS) "ldmia.w r11!, {r6, r7, r8, r9} \n" PIXELS(RESULTS)

#define STJ_WIDE_AWAY(SUM)                            \
    "add.w  r9, r7, " SUM ", asr #31    \n"           \
    "smmlar " SUM ", " SUM ", r6, r9    \n"           \
    "asr.w  " SUM ", " SUM ", r8        \n"           \
    "ssat   " SUM ", #8, " SUM "        \n"
#define STJ_WIDE_AWAY_0(SUM0, SUM1, NONE) STJ_WIDE_AWAY(SUM0)
#define STJ_WIDE_AWAY_1(SUM0, SUM1, NONE) STJ_WIDE_AWAY(SUM1)
#define STJ_WIDE_RESCALE_AWAY(PIXELS)                 \
    "ldmia.w r11!, {r6, r7, r8} \n" PIXELS(STJ_WIDE_AWAY_0) \
    "ldmia.w r11!, {r6, r7, r8} \n" PIXELS(STJ_WIDE_AWAY_1)

/* A unit is of 4 + 4 * pixels instructions. */
#define STJ_WIDE_PRODUCT(PIXELS, BYTES)                                                                    \
    STJ_PRODUCT_LOOP(STJ_WIDE_LOADED(PIXELS, STJ_FIRST_PRODUCTS), STJ_WIDE_UNIT(PIXELS), BYTES)            \
    "4: \n" STJ_WIDE_RESCALE(PIXELS, STJ_WIDE_SCALED_11) STJ_PRODUCT_STORE(PIXELS)                         \
    "5: \n" STJ_WIDE_RESCALE(PIXELS, STJ_WIDE_SCALED_13) STJ_PRODUCT_STORE(PIXELS)                         \
    "6: \n" STJ_WIDE_RESCALE_AWAY(PIXELS) "3: \n" STJ_PRODUCT_STORE(PIXELS)                                 \
    "7: \n" STJ_WIDE_RESCALE_AWAY(PIXELS) STJ_PRODUCT_CLAMP(PIXELS)                                        \
    STJ_PRODUCT_END

/* clang-format on */
#else

static inline void stj_wide_products_of(const int32_t *stream, stj_block *block, int32_t rescaling, int32_t count) {
    while (stream != block->end) {
        const int32_t *pixels = block->pixels;
        int32_t sums[2][STJ_BLOCK_PIXELS];
        stj_biases(sums, stream);
        stream += 2;
        for (int32_t half = 0; half < 2 * block->units; half++, stream += 2, pixels += STJ_BLOCK_PIXELS) {
            for (int32_t i = 0; i < 2 * count; i++) {
                const int32_t channel = i / count, pixel = i % count;
                sums[channel][pixel] = __smlad(stream[channel], pixels[pixel], sums[channel][pixel]);
            }
        }
        for (int32_t channel = 0; channel < 2; channel++, stream += rescaling < 2 ? 2 : 3) {
            int32_t results[STJ_BLOCK_PIXELS];
            for (int32_t pixel = 0; pixel < count; pixel++) {
                const int32_t a = sums[channel][pixel];
                results[pixel] = rescaling < 2 ? stj_rescale_scaled(a, stream[0], stream[1], rescaling == 0 ? 11 : 13)
                                               : stj_rescale_twice_away(a, stream[0], stream[1], stream[2]);
            }
            stj_store_channel(block, results, count, rescaling == 3);
        }
    }
}

#endif

STJ_PRODUCT(stj_wide_1, 1, STJ_WIDE_PRODUCT(STJ_PIXELS_1, "32"), stj_wide_products_of)
STJ_PRODUCT(stj_wide_2, 2, STJ_WIDE_PRODUCT(STJ_PIXELS_2, "48"), stj_wide_products_of)
STJ_PRODUCT(stj_wide_3, 3, STJ_WIDE_PRODUCT(STJ_PIXELS_3, "64"), stj_wide_products_of)

STJ_EXPAND(stj_wide_expand,
           "sxtb16 r8, r4, ror #8 \n"
           "sxtb16 r9, r5, ror #8 \n"
           "sxtb16 r10, r6, ror #8 \n"
           "sxtb16 r4, r4 \n"
           "sxtb16 r5, r5 \n"
           "sxtb16 r6, r6 \n",
           stj_wide_inputs)

#endif
