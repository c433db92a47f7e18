/* SPDX-License-Identifier: Apache-2.0 */
/* Stack painting, see stj_stack.h. */
#include "stj_stack.h"

enum { PAINT = 0xA5 };

__attribute__((noinline)) void stj_stack_paint(uint8_t *limit) {
    /* volatile: a call of memset would live in the very memory that it overwrites. */
    volatile uint8_t *end = stj_stack_pointer();
    for (volatile uint8_t *byte = limit; byte < end; ++byte) {
        *byte = PAINT;
    }
}

__attribute__((noinline)) size_t stj_stack_used(const uint8_t *limit, const uint8_t *sp) {
    const volatile uint8_t *byte = limit;
    while (byte < sp && *byte == PAINT) {
        ++byte;
    }
    return (size_t)(sp - byte);
}
