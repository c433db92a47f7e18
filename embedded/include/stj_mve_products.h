/* SPDX-License-Identifier: Apache-2.0 */
/* The core of the Helium convolutions and fully connected layers: vectors of `depth` inputs times all output channels.
 *
 * VMLADAV multiplies sixteen inputs by sixteen weights and adds the products up in one general register, of which eight
 * can be accumulators (r0, r2, ... r12, lr). So four pixels by two channels are computed at once: six loads for eight
 * products. Four results of a channel are the lanes of one vector, so that its bias, multiplier and shift are scalars,
 * and four channels become sixteen bytes, of each pixel four adjacent channels: one scatter store of words.
 *
 *     registers   r1 r3 r5 r7 the pixels, r9 the weights, r11 blocks left; q for four inputs and two weights
 *     weights     by pairs of channels a and b:
 *                   block 0: [16 of a][16 of b], block 1: ..., | a: bias multiplier shift | b: bias multiplier shift
 *                 with depth <= 16 there is one block, four pixels stay in registers, and channels go one by one:
 *                   [16] bias multiplier shift
 *                 blocks are filled up with zeros, channels to a multiple of four with such of zeros
 *
 * Shifts are stored as VRSHL takes them: minus the shift to the right, and one more where `halves` (stj_mve.h).
 * The last block's inputs are loaded with a predicate, so nothing behind a pixel is read.
 *
 * One pixel by itself takes two accumulators per pair, and the parameters of four channels by gather loads: up to two
 * pixels are done so. */
#ifndef STJ_MVE_PRODUCTS_H
#define STJ_MVE_PRODUCTS_H

#include "stj_mve.h"

/* A layer; kernels fill one in per call. */
typedef struct {
    const int32_t *weights;
    int32_t depth;      /* inputs of a vector, >= 1 */
    int32_t channels;   /* outputs, >= 1 */
    int32_t zero_point; /* of the output */
    int32_t halves;     /* 1: halves away from zero; 0: the lowest output is the zero point */
} stj_mve_layer;

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

#define STJ_MVE_HALVES_OF(register) "vqdmulh.s32 " register ", " register ", %[half]\n"

/* One channel of four pixels in registers: dot products, rescaled. */
#define STJ_MVE_DOT_16(HALVES)                                                                                         \
    __asm__("vldrb.8 %q[sum], [%[w]], #16\n"                                                                           \
            "vmladav.s8 r0, %q[x0], %q[sum]\n"                                                                         \
            "vmladav.s8 r2, %q[x1], %q[sum]\n"                                                                         \
            "vmladav.s8 r4, %q[x2], %q[sum]\n"                                                                         \
            "vmladav.s8 r6, %q[x3], %q[sum]\n"                                                                         \
            "vmov %q[sum][2], %q[sum][0], r0, r4\n"                                                                    \
            "vmov %q[sum][3], %q[sum][1], r2, r6\n"                                                                    \
            "ldm %[w]!, {r0, r2, r4}\n"                                                                                \
            "vadd.i32 %q[sum], %q[sum], r0\n"                                                                          \
            "vqrdmulh.s32 %q[sum], %q[sum], r2\n" HALVES "vrshl.s32 %q[sum], r4\n"                                     \
            : [sum] "=&w"(sum), [w] "+r"(*w)                                                                           \
            : [x0] "w"(x[0]), [x1] "w"(x[1]), [x2] "w"(x[2]), [x3] "w"(x[3]), [half] "r"(STJ_MVE_HALF)                 \
            : "r0", "r2", "r4", "r6", "memory")

STJ_TEMPLATE int32x4_t stj_mve_dot_16(const int32_t **w, const int8x16_t x[4], int32_t halves) {
    int32x4_t sum;
    if (halves) {
        STJ_MVE_DOT_16(STJ_MVE_HALVES_OF("%q[sum]"));
    } else {
        STJ_MVE_DOT_16("");
    }
    return sum;
}

/* Two channels of four pixels: the first block, `middle` (>= 0) more, the last one under the predicate. */
#define STJ_MVE_LOAD_WEIGHTS "vldrb.8 %q[w0], [r9], #16\nvldrb.8 %q[w1], [r9], #16\n"
#define STJ_MVE_LOAD_PIXELS                                                                                            \
    "vldrb.8 %q[x0], [r1], #16\n"                                                                                      \
    "vldrb.8 %q[x1], [r3], #16\n"                                                                                      \
    "vldrb.8 %q[x2], [r5], #16\n"                                                                                      \
    "vldrb.8 %q[x3], [r7], #16\n"
#define STJ_MVE_EIGHT(ADD)                                                                                             \
    "vmladav" ADD ".s8 r0, %q[x0], %q[w0]\n"                                                                           \
    "vmladav" ADD ".s8 r2, %q[x1], %q[w0]\n"                                                                           \
    "vmladav" ADD ".s8 r4, %q[x2], %q[w0]\n"                                                                           \
    "vmladav" ADD ".s8 r6, %q[x3], %q[w0]\n"                                                                           \
    "vmladav" ADD ".s8 r8, %q[x0], %q[w1]\n"                                                                           \
    "vmladav" ADD ".s8 r10, %q[x1], %q[w1]\n"                                                                          \
    "vmladav" ADD ".s8 r12, %q[x2], %q[w1]\n"                                                                          \
    "vmladav" ADD ".s8 lr, %q[x3], %q[w1]\n"
#define STJ_MVE_DOT_PAIR(HALVES)                                                                                       \
    __asm__ volatile(                                                                                                  \
        "vctp.8 r0\nldm r1, {r1, r3, r5, r7}\n" STJ_MVE_LOAD_PIXELS STJ_MVE_LOAD_WEIGHTS STJ_MVE_EIGHT(                \
            "") "cmp r11, #0\n"                                                                                        \
                "beq 2f\n"                                                                                             \
                "1:\n" STJ_MVE_LOAD_PIXELS STJ_MVE_LOAD_WEIGHTS STJ_MVE_EIGHT(                                         \
                    "a") "subs r11, r11, #1\n"                                                                         \
                         "bne 1b\n"                                                                                    \
                         "2: vpstttt\n"                                                                                \
                         "vldrbt.8 %q[x0], [r1]\n"                                                                     \
                         "vldrbt.8 %q[x1], [r3]\n"                                                                     \
                         "vldrbt.8 %q[x2], [r5]\n"                                                                     \
                         "vldrbt.8 %q[x3], [r7]\n" STJ_MVE_LOAD_WEIGHTS STJ_MVE_EIGHT(                                 \
                             "a") "vmov %q[x0][2], %q[x0][0], r0, r4\n"                                                \
                                  "vmov %q[x0][3], %q[x0][1], r2, r6\n"                                                \
                                  "vmov %q[x1][2], %q[x1][0], r8, r12\n"                                               \
                                  "vmov %q[x1][3], %q[x1][1], r10, lr\n"                                               \
                                  "ldm r9!, {r0, r2, r4, r6, r8, r10}\n"                                               \
                                  "vadd.i32 %q[x0], %q[x0], r0\n"                                                      \
                                  "vadd.i32 %q[x1], %q[x1], r6\n"                                                      \
                                  "vqrdmulh.s32 %q[x0], %q[x0], r2\n"                                                  \
                                  "vqrdmulh.s32 %q[x1], %q[x1], r8\n" HALVES "vrshl.s32 %q[x0], r4\n"                  \
                                  "vrshl.s32 %q[x1], r10\n"                                                            \
        : [x0] "=&w"(sums[0]), [x1] "=&w"(sums[1]), [x2] "=&w"(x2), [x3] "=&w"(x3), [w0] "=&w"(w0), [w1] "=&w"(w1),    \
          "+r"(pixels), "+r"(weights), "+r"(left), "+r"(rest)                                                          \
        :                                                                                                              \
        : "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r10", "r12", "lr", "p0", "cc", "memory")

STJ_TEMPLATE const int32_t *stj_mve_dot_pair(const int32_t *w, const int8_t *const x[4], int32_t middle, int32_t tail,
                                             int32_t halves, int32x4_t sums[2]) {
    register const int8_t *const *pixels __asm__("r1") = x;
    register const int32_t *weights __asm__("r9") = w;
    register int32_t left __asm__("r11") = middle;
    register int32_t rest __asm__("r0") = tail;
    int8x16_t x2, x3, w0, w1;
    if (halves) {
        STJ_MVE_DOT_PAIR("movw r12, #1\nmovt r12, #0x4000\nvqdmulh.s32 %q[x0], %q[x0], r12\n"
                         "vqdmulh.s32 %q[x1], %q[x1], r12\n");
    } else {
        STJ_MVE_DOT_PAIR("");
    }
    return weights;
}

/* Words of the layout for one quad of channels. */
static inline int32_t stj_mve_quad_words(int32_t depth) {
    const int32_t blocks = (depth + 15) / 16;
    return blocks == 1 ? 4 * (4 + 3) : 2 * (blocks * 8 + 6);
}

/* Four pixels by `channels` channels; results go to `to` + `pixels` as words. */
STJ_TEMPLATE void stj_mve_four_by(const stj_mve_layer *layer, const int32_t *w, int32_t channels,
                                  const int8_t *const x[4], int8_t *to, uint32x4_t pixels, int32_t halves) {
    const int32_t zero_point = layer->zero_point;
    const int32_t middle = (layer->depth + 15) / 16 - 2;
    const int32_t tail = (int32_t)((uint32_t)(layer->depth - 1) % 16) + 1; /* inputs of the last block */
    const int8_t *const end = to + channels;
    if (middle < 0) {
        int8x16_t inputs[4];
#pragma GCC unroll 4
        for (int32_t p = 0; p < 4; p++) {
            inputs[p] = vldrbq_z_s8(x[p], vctp8q((uint32_t)tail));
        }
        do {
            int32x4_t even = stj_mve_dot_16(&w, inputs, halves);
            stj_mve_first(&even);
            int32x4_t odd = stj_mve_dot_16(&w, inputs, halves);
            stj_mve_first(&odd);
            stj_mve_second(&even, stj_mve_dot_16(&w, inputs, halves));
            stj_mve_second(&odd, stj_mve_dot_16(&w, inputs, halves));
            vstrwq_scatter_offset_s32((int32_t *)(void *)to, pixels, stj_mve_bytes(even, odd, zero_point));
            to += 4;
        } while (to < end);
        return;
    }
    do {
        int32x4_t low[2], high[2];
        w = stj_mve_dot_pair(w, x, middle, tail, halves, low);
        stj_mve_first(&low[0]);
        stj_mve_first(&low[1]);
        w = stj_mve_dot_pair(w, x, middle, tail, halves, high);
        stj_mve_second(&low[0], high[0]);
        stj_mve_second(&low[1], high[1]);
        vstrwq_scatter_offset_s32((int32_t *)(void *)to, pixels, stj_mve_bytes(low[0], low[1], zero_point));
        to += 4;
    } while (to < end);
}

static STJ_NOINLINE void stj_mve_four_words(const stj_mve_layer *layer, const int32_t *w, int32_t channels,
                                            const int8_t *const x[4], int8_t *to, uint32x4_t pixels) {
    if (layer->halves) {
        stj_mve_four_by(layer, w, channels, x, to, pixels, 1);
    } else {
        stj_mve_four_by(layer, w, channels, x, to, pixels, 0);
    }
}

/* Sums of the last one to three channels of one pixel, with any number of blocks: plain, because layers have them once.
 */
static inline int32x4_t stj_mve_sums_of_more(const int32_t *w, const int8_t *x, int32_t blocks, int32_t tail) {
    int32x4_t sums = vdupq_n_s32(0);
    const int8_t *a = (const int8_t *)w;
    int32_t four[4] = {0, 0, 0, 0};
    for (int32_t block = 0; block < blocks; block++, a += 32, x += 16) {
        const int8x16_t inputs = vldrbq_z_s8(x, vctp8q(block < blocks - 1 ? 16 : (uint32_t)tail));
        const int8_t *b = a + blocks * 32 + 24;
        four[0] = vmladavaq_s8(four[0], inputs, vldrbq_s8(a));
        four[1] = vmladavaq_s8(four[1], inputs, vldrbq_s8(a + 16));
        four[2] = vmladavaq_s8(four[2], inputs, vldrbq_s8(b));
        four[3] = vmladavaq_s8(four[3], inputs, vldrbq_s8(b + 16));
    }
    sums = vsetq_lane_s32(four[0], sums, 0);
    sums = vsetq_lane_s32(four[1], sums, 1);
    sums = vsetq_lane_s32(four[2], sums, 2);
    return vsetq_lane_s32(four[3], sums, 3);
}

/* Sums of four channels of one pixel with one block. */
static inline int32x4_t stj_mve_sums_of_one(const int32_t *w, const int8_t *x, int32_t tail) {
    int32x4_t sums, inputs;
    __asm__("vctp.8 %[tail]\n"
            "vpst\n"
            "vldrbt.8 %q[inputs], [%[x]]\n"
            "vldrb.8 %q[sums], [%[w]]\n"
            "vmladav.s8 r0, %q[inputs], %q[sums]\n"
            "vldrb.8 %q[sums], [%[w], #28]\n"
            "vmladav.s8 r2, %q[inputs], %q[sums]\n"
            "vldrb.8 %q[sums], [%[w], #56]\n"
            "vmladav.s8 r4, %q[inputs], %q[sums]\n"
            "vldrb.8 %q[sums], [%[w], #84]\n"
            "vmladav.s8 r6, %q[inputs], %q[sums]\n"
            "vmov %q[sums][2], %q[sums][0], r0, r4\n"
            "vmov %q[sums][3], %q[sums][1], r2, r6\n"
            : [sums] "=&w"(sums), [inputs] "=&w"(inputs)
            : [w] "r"(w), [x] "r"(x), [tail] "r"(tail)
            : "r0", "r2", "r4", "r6", "p0", "memory");
    return sums;
}

#define STJ_MVE_FOUR_CHANNELS(ADD)                                                                                     \
    "vldrb.8 %q[own], [%[low]], #16\n"                                                                                 \
    "vmladav" ADD ".s8 r0, %q[sums], %q[own]\n"                                                                        \
    "vldrb.8 %q[own], [%[low]], #16\n"                                                                                 \
    "vmladav" ADD ".s8 r2, %q[sums], %q[own]\n"                                                                        \
    "vldrb.8 %q[own], [%[high]], #16\n"                                                                                \
    "vmladav" ADD ".s8 r4, %q[sums], %q[own]\n"                                                                        \
    "vldrb.8 %q[own], [%[high]], #16\n"                                                                                \
    "vmladav" ADD ".s8 r6, %q[sums], %q[own]\n"
#define STJ_MVE_ONE(HALVES)                                                                                            \
    __asm__ volatile("vctp.8 r0\n"                                                                                     \
                     "3: ldr %[at], %[x]\n"                                                                            \
                     "add %[high], %[low], %[second]\n"                                                                \
                     "vldrb.8 %q[sums], [%[at]], #16\n" STJ_MVE_FOUR_CHANNELS(                                         \
                         "") "wls lr, %[middle], 2f\n"                                                                 \
                             "1: vldrb.8 %q[sums], [%[at]], #16\n" STJ_MVE_FOUR_CHANNELS(                              \
                                 "a") "le lr, 1b\n"                                                                    \
                                      "2: vpst\n"                                                                      \
                                      "vldrbt.8 %q[sums], [%[at]]\n" STJ_MVE_FOUR_CHANNELS(                            \
                                          "a") "vmov %q[sums][2], %q[sums][0], r0, r4\n"                               \
                                               "vmov %q[sums][3], %q[sums][1], r2, r6\n"                               \
                                               "vadd.i32 %q[place], %q[apart], %[low]\n"                               \
                                               "vldrw.u32 %q[own], [%q[place], #0]\n"                                  \
                                               "vadd.i32 %q[sums], %q[sums], %q[own]\n"                                \
                                               "vldrw.u32 %q[own], [%q[place], #4]\n"                                  \
                                               "vqrdmulh.s32 %q[sums], %q[sums], %q[own]\n"                            \
                                               "vldrw.u32 %q[own], [%q[place], #8]\n" HALVES                           \
                                               "vrshl.s32 %q[sums], %q[sums], %q[own]\n"                               \
                                               "ldr r0, %[zero_point]\n"                                               \
                                               "vadd.i32 %q[sums], %q[sums], r0\n"                                     \
                                               "vqmovnb.s32 %q[sums], %q[sums]\n"                                      \
                                               "vqmovnb.s16 %q[sums], %q[sums]\n"                                      \
                                               "vstrb.32 %q[sums], [%[to]], #4\n"                                      \
                                               "add %[low], %[high], #24\n"                                            \
                                               "cmp %[to], %[end]\n"                                                   \
                                               "bne 3b\n"                                                              \
                     : [sums] "=&w"(sums), [own] "=&w"(own), [place] "=&w"(place), [low] "+r"(low),                    \
                       [high] "=&r"(high), [at] "=&r"(at), [to] "+l"(to), "+r"(rest)                                   \
                     : [x] "m"(x), [zero_point] "m"(zero_point), [middle] "r"(middle), [second] "r"(second),           \
                       [end] "r"(end), [apart] "w"(apart)                                                              \
                     : "r2", "r4", "r6", "lr", "p0", "cc", "memory")

/* `quads` (>= 1) of four channels of one pixel, with `middle` (>= 0) and two blocks. */
STJ_TEMPLATE void stj_mve_quads_of_one(const stj_mve_layer *layer, const int8_t *x, int8_t *to, int32_t quads,
                                       uint32x4_t apart, int32_t halves) {
    const int32_t middle = (layer->depth + 15) / 16 - 2, second = stj_mve_quad_words(layer->depth) * 2;
    const int32_t zero_point = layer->zero_point;
    const int8_t *low = (const int8_t *)layer->weights, *high, *at;
    const int8_t *const end = to + 4 * quads;
    register int32_t rest __asm__("r0") = (int32_t)((uint32_t)(layer->depth - 1) % 16) + 1;
    int32x4_t sums, own, place;
    if (halves) {
        STJ_MVE_ONE("movw r0, #1\nmovt r0, #0x4000\nvqdmulh.s32 %q[sums], %q[sums], r0\n");
    } else {
        STJ_MVE_ONE("");
    }
}

/* One pixel by all channels. */
static STJ_NOINLINE void stj_mve_one(const stj_mve_layer *layer, const int8_t *x, int8_t *to) {
    const int32_t blocks = (layer->depth + 15) / 16, words = stj_mve_quad_words(layer->depth);
    const int32_t tail = (int32_t)((uint32_t)(layer->depth - 1) % 16) + 1, second = words * 2;
    /* The parameters of channels 0 to 3 of a quad, from those of channel 0 on. */
    const uint32_t next = blocks == 1 ? 28 : 12;
    const uint32x4_t apart = {0, next, (uint32_t)second, (uint32_t)second + next};
    const int32_t *w = layer->weights;
    int32_t left = layer->channels;
    if (blocks > 1 && left >= 4) {
        const int32_t quads = left / 4;
        if (layer->halves) {
            stj_mve_quads_of_one(layer, x, to, quads, apart, 1);
        } else {
            stj_mve_quads_of_one(layer, x, to, quads, apart, 0);
        }
        left -= 4 * quads;
        to += 4 * quads;
        w += quads * words;
    }
    for (; left > 0; left -= 4, to += 4, w += words) {
        const int32x4_t sums = blocks == 1 ? stj_mve_sums_of_one(w, x, tail) : stj_mve_sums_of_more(w, x, blocks, tail);
        const int32_t *own = w + (blocks == 1 ? 4 : blocks * 8);
        const int32x4_t acc = vaddq_s32(sums, vldrwq_gather_offset_s32(own, apart));
        const int32x4_t multiplier = vldrwq_gather_offset_s32(own + 1, apart);
        const int32x4_t n = vldrwq_gather_offset_s32(own + 2, apart);
        const int32x4_t rescaled =
            layer->halves ? stj_mve_rescale(acc, multiplier, n, 1) : stj_mve_rescale(acc, multiplier, n, 0);
        vstrbq_p_s32(to, stj_mve_narrow_lanes(rescaled, layer->zero_point), vctp32q((uint32_t)left));
    }
}

/* Where quads of channels do not begin at multiples of four bytes: through memory of the stack, then byte by byte. */
static STJ_NOINLINE void stj_mve_four_bytes(const stj_mve_layer *layer, const int8_t *const x[4], int8_t *to,
                                            int32_t count) {
    const int32_t *w = layer->weights;
    for (int32_t k = 0; k < layer->channels; k += 4, w += stj_mve_quad_words(layer->depth)) {
        int32_t results[4];
        const int32_t left = layer->channels - k < 4 ? layer->channels - k : 4;
        stj_mve_four_words(layer, w, 4, x, (int8_t *)results, vidupq_n_u32(0, 4));
        for (int32_t p = 0; p < count; p++) {
            const int8x16_t one = vreinterpretq_s8_s32(vdupq_n_s32(results[p]));
            vstrbq_p_s8(to + p * layer->channels + k, one, vctp8q((uint32_t)left));
        }
    }
}

/* `count` (1 to 4) adjacent results from the pixels `x`, of which those from `count` on are filled in here. */
static inline void stj_mve_pixels(const stj_mve_layer *layer, const int8_t *x[4], int8_t *to, int32_t count) {
    if (count < 3) {
        for (int32_t p = 0; p < count; p++) {
            stj_mve_one(layer, x[p], to + p * layer->channels);
        }
        return;
    }
    x[3] = count < 4 ? x[2] : x[3];
    if ((((uintptr_t)to | (uintptr_t)layer->channels) & 3u) != 0) {
        stj_mve_four_bytes(layer, x, to, count);
        return;
    }
    /* The fourth of three is the third once more, to the same place. */
    const uint32x4_t lane = vminq_u32(vidupq_n_u32(0, 1), vdupq_n_u32((uint32_t)count - 1));
    stj_mve_four_words(layer, layer->weights, layer->channels, x, to, vmulq_n_u32(lane, (uint32_t)layer->channels));
}

#endif
#endif
