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

/* Bytes 0 and 2, sign-extended to halfwords. */
static inline int32_t __sxtb16(int32_t x) {
    const uint32_t low = (uint16_t)(int8_t)(x & 0xff), high = (uint16_t)(int8_t)((uint32_t)x >> 16 & 0xffu);
    return (int32_t)(low | high << 16);
}
#endif

/* A word from any address. */
static inline int32_t stj_load_word(const void *from) {
    int32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

#endif
