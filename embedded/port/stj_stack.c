/* SPDX-License-Identifier: Apache-2.0 */
/* Stack painting, see stj_stack.h. */
#include "stj_stack.h"

enum { PAINT = 0xA5 };

/* Below the stack pointer a function may keep data without moving it (the red zone of the x86-64 ABI). */
#if defined(__x86_64__)
enum { RED_ZONE_BYTES = 128 };
#else
enum { RED_ZONE_BYTES = 0 };
#endif

__attribute__((noinline)) void stj_stack_paint(uint8_t *limit) {
    /* volatile: a call of memset would live in the very memory that it overwrites. */
    volatile uint8_t *end = stj_stack_pointer() - RED_ZONE_BYTES;
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
