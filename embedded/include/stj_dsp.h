/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of Arm's DSP extension under the names of the ACLE: the instruction where the machine has it, elsewhere C
 * that gives the same bits, so that kernels made of them run on any host. */
#ifndef STJ_DSP_H
#define STJ_DSP_H

#include <stdint.h>
#include <string.h>

/* Of one step of a product: the bytes of a word. */
enum { STJ_UNIT_INPUTS = 4 };

static inline int16_t stj_low(int32_t x) { return (int16_t)((uint32_t)x & 0xffffu); }

static inline int16_t stj_high(int32_t x) { return (int16_t)((uint32_t)x >> 16); }

/* Products of halfwords, for which compilers have SMULBB and SMULTT. */
static inline int32_t stj_low_product(int32_t a, int32_t b) { return stj_low(a) * stj_low(b); }

static inline int32_t stj_high_product(int32_t a, int32_t b) { return stj_high(a) * stj_high(b); }

#if defined(__ARM_FEATURE_DSP)
#include <arm_acle.h>
#else

/* sum + a.low * b.low + a.high * b.high, wrapping */
static inline int32_t __smlad(int32_t a, int32_t b, int32_t sum) {
    const uint32_t low = (uint32_t)(stj_low(a) * stj_low(b)), high = (uint32_t)(stj_high(a) * stj_high(b));
    return (int32_t)((uint32_t)sum + low + high);
}

/* Halfword by halfword, wrapping. */
static inline int32_t __sadd16(int32_t a, int32_t b) {
    const uint32_t low = (uint16_t)(stj_low(a) + stj_low(b)), high = (uint16_t)(stj_high(a) + stj_high(b));
    return (int32_t)(low | high << 16);
}

/* sum + (a * b.low >> 16), and with b.high */
static inline int32_t __smlawb(int32_t a, int32_t b, int32_t sum) {
    return (int32_t)((uint32_t)sum + (uint32_t)(int32_t)((int64_t)a * stj_low(b) >> 16));
}

static inline int32_t __smlawt(int32_t a, int32_t b, int32_t sum) {
    return (int32_t)((uint32_t)sum + (uint32_t)(int32_t)((int64_t)a * stj_high(b) >> 16));
}

/* a + b, saturated */
static inline int32_t __qadd(int32_t a, int32_t b) {
    const int64_t sum = (int64_t)a + b;
    return sum > INT32_MAX ? INT32_MAX : sum < INT32_MIN ? INT32_MIN : (int32_t)sum;
}

/* Halfwords of `sum`, bytes 0 and 2 of `x` added, wrapping. */
static inline int32_t __sxtab16(int32_t sum, int32_t x) {
    const uint32_t low = (uint16_t)(stj_low(sum) + (int8_t)(x & 0xff));
    const uint32_t high = (uint16_t)(stj_high(sum) + (int8_t)((uint32_t)x >> 16 & 0xffu));
    return (int32_t)(low | high << 16);
}

/* sum + a.low * b.high, and sum + a.high * b.low, wrapping */
static inline int32_t __smlabt(int32_t a, int32_t b, int32_t sum) {
    return (int32_t)((uint32_t)sum + (uint32_t)(stj_low(a) * stj_high(b)));
}

static inline int32_t __smlatb(int32_t a, int32_t b, int32_t sum) { return __smlabt(b, a, sum); }

/* Bytes 0 and 2, sign-extended to halfwords. */
static inline int32_t __sxtb16(int32_t x) {
    const int32_t low = (int8_t)(x & 0xff), high = (int8_t)((uint32_t)x >> 16 & 0xffu);
    return (int32_t)(((uint32_t)low & 0xffffu) | (uint32_t)high << 16);
}
#endif

#if !defined(__ARM_FEATURE_SAT)
/* The nearest integer of `bits` bits and a sign among them. */
static inline int32_t __ssat(int32_t x, int32_t bits) {
    const int32_t most = (int32_t)((UINT32_C(1) << (bits - 1)) - 1);
    return x > most ? most : x < -most - 1 ? -most - 1 : x;
}
#endif

/* Halfwords of `sum`, bytes 1 and 3 of `x` added, wrapping. */
static inline int32_t stj_sxtab16_odd(int32_t sum, int32_t x) {
#if defined(__ARM_FEATURE_DSP)
    int32_t odd;
    __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(odd) : "r"(sum), "r"(x));
    return odd;
#else
    return __sxtab16(sum, (int32_t)((uint32_t)x >> 8));
#endif
}

/* The larger of each of four int8. */
static inline int32_t stj_max_bytes(int32_t a, int32_t b) {
#if defined(__ARM_FEATURE_DSP)
    (void)__ssub8(a, b);
    return (int32_t)__sel((uint32_t)a, (uint32_t)b);
#else
    uint32_t word = 0;
    for (int32_t k = 0; k < 32; k += 8) {
        const int8_t x = (int8_t)((uint32_t)a >> k & 0xffu), y = (int8_t)((uint32_t)b >> k & 0xffu);
        word |= (uint32_t)(uint8_t)(x > y ? x : y) << k;
    }
    return (int32_t)word;
#endif
}

/* The smaller of each of four int8. */
static inline int32_t stj_min_bytes(int32_t a, int32_t b) {
#if defined(__ARM_FEATURE_DSP)
    (void)__ssub8(a, b);
    return (int32_t)__sel((uint32_t)b, (uint32_t)a);
#else
    return (int32_t) ~(uint32_t)stj_max_bytes((int32_t) ~(uint32_t)a, (int32_t) ~(uint32_t)b);
#endif
}

/* Four times one int8. */
static inline int32_t stj_four_bytes(int32_t x) { return (int32_t)(((uint32_t)x & 0xffu) * UINT32_C(0x01010101)); }

/* The same value, of which the compiler knows nothing: a constant that is kept in a register. */
static inline int32_t stj_in_register(int32_t x) {
#if defined(__GNUC__)
    __asm__("" : "+r"(x));
#endif
    return x;
}

/* The operations below have no name in the ACLE. Memory is read and written two words at a time where that is one
 * instruction: compilers keep to single words. */

/* a.low, b.low */
static inline int32_t stj_pkhbt(int32_t a, int32_t b) {
#if defined(__ARM_FEATURE_DSP)
    int32_t packed;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(packed) : "r"(a), "r"(b));
    return packed;
#else
    return (int32_t)(((uint32_t)a & 0xffffu) | (uint32_t)b << 16);
#endif
}

/* a.high, b.high */
static inline int32_t stj_pkhtb(int32_t a, int32_t b) {
#if defined(__ARM_FEATURE_DSP)
    int32_t packed;
    __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(packed) : "r"(b), "r"(a));
    return packed;
#else
    return (int32_t)((uint32_t)a >> 16 | ((uint32_t)b & 0xffff0000u));
#endif
}

/* x saturated to int8. What GCC's header makes of __ssat converts by itself, and would be warned of here. */
static inline int8_t stj_ssat_8(int32_t x) {
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
#endif
    return (int8_t)__ssat(x, 8);
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
}

/* x >> 8, saturated to int8. */
static inline int8_t stj_saturated_8(int32_t x) {
#if defined(__ARM_FEATURE_DSP)
    int32_t saturated;
    __asm__("ssat %0, #8, %1, asr #8" : "=r"(saturated) : "r"(x));
    return (int8_t)saturated;
#else
    x >>= 8;
    return (int8_t)(x < -128 ? -128 : x > 127 ? 127 : x);
#endif
}

/* Words `at` and `at` + 1 of an array; `at` is a constant below 255. Macros, since it stands in the instruction. The
 * compiler does not know that memory is read: what was written there was written by another function, never inlined. */
#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
#define stj_load_two(from, at, first, second)                                                                          \
    __asm__ volatile("ldrd %0, %1, [%2, %3]" : "=r"(*(first)), "=r"(*(second)) : "r"(from), "i"(4 * (at)))
#define stj_store_two(to, at, first, second)                                                                           \
    __asm__ volatile("strd %0, %1, [%2, %3]" : : "r"(first), "r"(second), "r"(to), "i"(4 * (at)) : "memory")
#else
#define stj_load_two(from, at, first, second) ((void)(*(first) = (from)[at], *(second) = (from)[(at) + 1]))
#define stj_store_two(to, at, first, second) ((void)((to)[at] = (first), (to)[(at) + 1] = (second)))
#endif

/* A word from any address. */
static inline int32_t stj_load_word(const void *from) {
    int32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

/* A word to any address. */
static inline void stj_store_word(void *to, int32_t word) { memcpy(to, &word, sizeof word); }

#endif
