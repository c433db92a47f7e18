/* SPDX-License-Identifier: Apache-2.0 */
/* Memory and numbers that a check knows nothing about: for Frama-C's Eva all of them at once, for a sanitized build
 * random ones. */
#ifndef UNKNOWN_H
#define UNKNOWN_H

#include <stdint.h>
#include <stdlib.h>

#ifdef __FRAMAC__
#include "__fc_builtin.h"
static int32_t unknown(int32_t low, int32_t high) { return Frama_C_interval(low, high); }
#else
static uint64_t unknown_state = 1;
static int32_t unknown(int32_t low, int32_t high) {
    unknown_state = unknown_state * UINT64_C(6364136223846793005) + 1;
    return (int32_t)(low + (int64_t)((unknown_state >> 32) % (uint64_t)((int64_t)high - low + 1)));
}
#endif

/* A block of exactly `count` bytes, each anything: one more or less is out of bounds. */
static inline void *unknown_bytes(int32_t count) {
    uint8_t *block = malloc((size_t)count);
    if (block == NULL) {
        abort();
    }
#ifdef __FRAMAC__
    Frama_C_make_unknown((char *)block, (size_t)count);
#else
    for (int32_t i = 0; i < count; i++) {
        block[i] = (uint8_t)unknown(0, 255);
    }
#endif
    return block;
}

/* `count` numbers, each anything within [low, high]. */
static inline int32_t *unknown_words(int32_t count, int32_t low, int32_t high) {
    int32_t *block = malloc((size_t)count * sizeof *block);
    if (block == NULL) {
        abort();
    }
    for (int32_t i = 0; i < count; i++) {
        block[i] = unknown(low, high);
    }
    return block;
}

/* `count` shifts as stj_rescale.h stores them: those of its formula, or others of up to `most`. Not mixed: Eva would
 * take what lies between them for possible. */
static inline int8_t *unknown_stored_shifts(int32_t count, int others, int32_t most) {
    int8_t *block = malloc((size_t)count);
    if (block == NULL) {
        abort();
    }
    for (int32_t i = 0; i < count; i++) {
        block[i] = (int8_t)(others ? unknown(-31 - 64, most - 64) : unknown(1, 22));
    }
    return block;
}

#endif
