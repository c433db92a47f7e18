/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of Arm's DSP extension under the names of the ACLE: the instruction where the machine has it, elsewhere C
 * that gives the same bits, so that kernels made of them run on any host. */
#ifndef STJ_DSP_H
#define STJ_DSP_H

#include <stdint.h>
#include <string.h>

#if defined(__ARM_FEATURE_DSP)
#include <arm_acle.h>
#else

static inline int16_t stj_low(int32_t x) { return (int16_t)((uint32_t)x & 0xffffu); }

static inline int16_t stj_high(int32_t x) { return (int16_t)((uint32_t)x >> 16); }

/* sum + a.low * b.low + a.high * b.high, wrapping */
static inline int32_t __smlad(int32_t a, int32_t b, int32_t sum) {
    const uint32_t low = (uint32_t)(stj_low(a) * stj_low(b)), high = (uint32_t)(stj_high(a) * stj_high(b));
    return (int32_t)((uint32_t)sum + low + high);
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

/* Bytes 0 and 2, sign-extended to halfwords. */
static inline int32_t __sxtb16(int32_t x) {
    const uint32_t low = (uint16_t)(int8_t)(x & 0xff), high = (uint16_t)(int8_t)((uint32_t)x >> 16 & 0xffu);
    return (int32_t)(low | high << 16);
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
    __asm__("sxtab16 %0, %0, %1, ror #8" : "+r"(sum) : "r"(x));
    return sum;
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

/* A word from any address. */
static inline int32_t stj_load_word(const void *from) {
    int32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

/* A word to any address. */
static inline void stj_store_word(void *to, int32_t word) { memcpy(to, &word, sizeof word); }

#endif
