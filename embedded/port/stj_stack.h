/* SPDX-License-Identifier: Apache-2.0 */
/* Measuring how deep a call goes into the stack: paint everything below, call, look for the lowest changed byte.
 *
 *     limit                         unpainted      sp
 *       | A5 A5 A5 .. A5 | touched ....  |         |
 *                        ^ lowest change           used = sp - lowest change
 *
 * A byte that a frame reserves but never writes stays painted, so this is a lower estimate of what was reserved; the
 * compiler's own bound (-fstack-usage and the call graph) is the upper one.
 */
#ifndef STJ_STACK_H
#define STJ_STACK_H

#include <stddef.h>
#include <stdint.h>

/* The stack pointer of the function that this is inlined into. */
static inline uint8_t *stj_stack_pointer(void) {
    uintptr_t sp;
#if defined(__arm__)
    __asm__ volatile("mov %0, sp" : "=r"(sp));
#else
    sp = (uintptr_t)__builtin_frame_address(0);
#endif
    return (uint8_t *)sp;
}

/* Paints from `limit` up to the stack pointer. */
void stj_stack_paint(uint8_t *limit);

/* Bytes between `sp` and the lowest byte at or above `limit` that is no longer painted. */
size_t stj_stack_used(const uint8_t *limit, const uint8_t *sp);

#endif
