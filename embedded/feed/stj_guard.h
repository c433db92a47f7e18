/* SPDX-License-Identifier: Apache-2.0 */
/* Guard words: with STJ_DEBUG defined, 16 bytes before and behind a block of memory that nobody may write.
 *
 *     static uint64_t memory[STJ_GUARDED_WORDS(BYTES)];
 *     void *const arena = stj_guard(memory, sizeof memory / 8);      BYTES of it are free to use
 *     ...
 *     if (!stj_guard_intact(memory, sizeof memory / 8)) { somebody wrote outside of it }
 *
 * Without STJ_DEBUG the block is as large as asked for, and always intact.
 */
#ifndef STJ_GUARD_H
#define STJ_GUARD_H

#include <stddef.h>
#include <stdint.h>

#ifdef STJ_DEBUG
#define STJ_GUARDS 2 /* words on each side */
#else
#define STJ_GUARDS 0
#endif
#define STJ_GUARD_WORD 0x5AFE600D5AFE600DULL

/* Words of 8 bytes, one at least. */
#define STJ_GUARDED_WORDS(bytes) (((bytes) < 8 ? 8 : (bytes) + 7) / 8 + 2 * STJ_GUARDS)

/* Sets the guard words, and returns what lies between them. */
static inline void *stj_guard(uint64_t *memory, size_t words) {
    for (size_t k = STJ_GUARDS; k > 0; k--) {
        memory[k - 1] = memory[words - k] = STJ_GUARD_WORD;
    }
    return memory + STJ_GUARDS;
}

/* 1 if they are as they were set, else 0. */
static inline int32_t stj_guard_intact(const uint64_t *memory, size_t words) {
    int32_t intact = 1;
    for (size_t k = STJ_GUARDS; k > 0; k--) {
        intact &= memory[k - 1] == STJ_GUARD_WORD && memory[words - k] == STJ_GUARD_WORD;
    }
    return intact;
}

#endif
