/* SPDX-License-Identifier: Apache-2.0 */
/* Products with int8 weights, two in a halfword (stj_packed_dsp.h): 17 instructions for 24 of them. Read
 * stj_product_dsp.h first.
 *
 * Rescalings: 0 and 1 as stj_rescale_scaled and stj_rescale_scaled_away with 8 bits, 4 and 6 instructions per result; 2
 * and 3 the same with a range of their own. Per channel of the stream: multiplier, addend, shift.
 */
#ifndef STJ_PRODUCT_PACKED_DSP_H
#define STJ_PRODUCT_PACKED_DSP_H

#include "stj_packed_dsp.h"
#include "stj_product_dsp.h"

#if STJ_PRODUCT_ASM
/* clang-format off */

#define STJ_PACKED_UNIT(PIXELS) "ldrd r9, r10, [r11], #8 \n" STJ_PACKED_LOADED(PIXELS, STJ_ADD_PRODUCTS)
#define STJ_PACKED_LOADED(PIXELS, PRODUCTS)           \
    STJ_LOAD_PIXELS PIXELS(PRODUCTS)                  \
    "sxtb16 r9, r9                 \n"                \
    "sxtb16 r10, r10               \n"                \
    STJ_LOAD_PIXELS PIXELS(STJ_ADD_PRODUCTS)

#define STJ_PACKED_RESULTS(SUM0, SUM1, NONE)          \
    "smmla  " SUM0 ", " SUM0 ", r6, r7  \n"           \
    "smmla  " SUM1 ", " SUM1 ", r9, r10 \n"           \
    "asr.w  " SUM0 ", " SUM0 ", r8      \n"           \
    "asr.w  " SUM1 ", " SUM1 ", r12     \n"           \
    "ssat   " SUM0 ", #8, " SUM0 "      \n"           \
    "ssat   " SUM1 ", #8, " SUM1 "      \n"
#define STJ_PACKED_RESCALE(PIXELS) "ldmia.w r11!, {r6, r7, r8, r9, r10, r12} \n" PIXELS(STJ_PACKED_RESULTS)

#define STJ_PACKED_AWAY(SUM)                          \
    "smmla  r9, " SUM ", r6, r7         \n"           \
    "asr.w  " SUM ", " SUM ", #31       \n"           \
    "add.w  " SUM ", r9, " SUM ", lsl #7 \n"          \
    "asr.w  " SUM ", " SUM ", r8        \n"           \
    "ssat   " SUM ", #8, " SUM "        \n"
#define STJ_PACKED_AWAY_0(SUM0, SUM1, NONE) STJ_PACKED_AWAY(SUM0)
#define STJ_PACKED_AWAY_1(SUM0, SUM1, NONE) STJ_PACKED_AWAY(SUM1)
#define STJ_PACKED_RESCALE_AWAY(PIXELS)               \
    "ldmia.w r11!, {r6, r7, r8} \n" PIXELS(STJ_PACKED_AWAY_0) \
    "ldmia.w r11!, {r6, r7, r8} \n" PIXELS(STJ_PACKED_AWAY_1)

/* A unit is of 5 + 4 * pixels instructions. */
#define STJ_PACKED_PRODUCT(PIXELS, BYTES)                                                                  \
    STJ_PRODUCT_LOOP(STJ_PACKED_LOADED(PIXELS, STJ_FIRST_PRODUCTS), STJ_PACKED_UNIT(PIXELS), BYTES)        \
    "4: \n" STJ_PACKED_RESCALE(PIXELS) "3: \n" STJ_PRODUCT_STORE(PIXELS)                                    \
    "5: \n" STJ_PACKED_RESCALE_AWAY(PIXELS) STJ_PRODUCT_STORE(PIXELS)                                      \
    "6: \n" STJ_PACKED_RESCALE(PIXELS) STJ_PRODUCT_CLAMP(PIXELS)                                           \
    "7: \n" STJ_PACKED_RESCALE_AWAY(PIXELS) STJ_PRODUCT_CLAMP(PIXELS)                                      \
    STJ_PRODUCT_END

/* clang-format on */
#else

static inline void stj_packed_products_of(const int32_t *stream, stj_block *block, int32_t rescaling, int32_t count) {
    while (stream != block->end) {
        const int32_t *pixels = block->pixels;
        int32_t sums[2][STJ_BLOCK_PIXELS];
        stj_biases(sums, stream);
        stream += 2;
        for (int32_t unit = 0; unit < block->units; unit++, stream += 2, pixels += STJ_UNIT_WORDS) {
            for (int32_t i = 0; i < 2 * count; i++) {
                const int32_t channel = i / count, pixel = i % count;
                const int32_t a = pixels[pixel], b = pixels[STJ_BLOCK_PIXELS + pixel];
                sums[channel][pixel] = stj_packed_products(stream[channel], a, b, sums[channel][pixel]);
            }
        }
        for (int32_t channel = 0; channel < 2; channel++, stream += 3) {
            int32_t results[STJ_BLOCK_PIXELS];
            for (int32_t pixel = 0; pixel < count; pixel++) {
                const int32_t a = sums[channel][pixel];
                results[pixel] = (rescaling & 1) != 0 ? stj_rescale_scaled_away(a, stream[0], stream[1], stream[2], 8)
                                                      : stj_rescale_scaled(a, stream[0], stream[1], stream[2]);
            }
            stj_store_channel(block, results, count, rescaling & 2);
        }
    }
}

#endif

STJ_PRODUCT(stj_packed_1, 1, STJ_PACKED_PRODUCT(STJ_PIXELS_1, "36"), stj_packed_products_of)
STJ_PRODUCT(stj_packed_2, 2, STJ_PACKED_PRODUCT(STJ_PIXELS_2, "52"), stj_packed_products_of)
STJ_PRODUCT(stj_packed_3, 3, STJ_PACKED_PRODUCT(STJ_PIXELS_3, "68"), stj_packed_products_of)

STJ_EXPAND(stj_packed_expand,
           "eor    r8, r4, #0x007f007f \n"
           "eor    r9, r5, #0x007f007f \n"
           "eor    r10, r6, #0x007f007f \n"
           "sxtb16 r4, r4 \n"
           "sxtb16 r5, r5 \n"
           "sxtb16 r6, r6 \n",
           stj_packed_inputs)

#endif
