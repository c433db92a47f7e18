/* SPDX-License-Identifier: Apache-2.0 */
/* Measuring how deep a call goes into the stack: paint what lies below, call, look for the lowest changed byte.
 *
 *     limit                         unpainted      sp
 *       | A5 A5 A5 .. A5 | touched ....  |         |
 *                        ^ lowest change           used = sp - lowest change
 *
 *     uint8_t *const sp = stj_stack_pointer();
 *     uint8_t *const limit = sp - (STJ_MODEL_STACK_BYTES + STJ_STACK_MARGIN);
 *     stj_stack_paint(limit);
 *     stj_model_push_rows(&model, 0, row, 1);
 *     used = stj_stack_used(limit, sp);     sp - limit: all of it, and perhaps more than that
 *
 * The caller answers for the memory: from `limit` to the stack pointer all is free and belongs to the stack of the task
 * that calls. An interrupt that uses the same stack while the call is under way is measured with it. Bytes that a frame
 * reserves but never writes stay painted, so this is a lower estimate, and a frame larger than all that is painted may
 * be passed over; the compiler's own bound (-fstack-usage and the call graph) is the upper one. Arm and RISC-V, with
 * GNU's compilers.
 */
#ifndef STJ_STACK_H
#define STJ_STACK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(STJ_MEASURE_STACK) && !defined(__arm__) && !defined(__riscv)
#error "STJ_MEASURE_STACK: the stack of this processor cannot be painted; that of Arm and RISC-V can"
#endif

enum { STJ_STACK_MARGIN = 256 }; /* painted beyond what may be used, so that more than that is seen */

/* The stack pointer of the function that this is inlined into. */
static inline uint8_t *stj_stack_pointer(void) {
    uintptr_t sp;
#if defined(__arm__)
    __asm__ volatile("mov %0, sp" : "=r"(sp));
#elif defined(__riscv)
    __asm__ volatile("mv %0, sp" : "=r"(sp));
#else
    sp = (uintptr_t)__builtin_frame_address(0);
#endif
    return (uint8_t *)sp;
}

/* Paints from `limit` up to the stack pointer. */
void stj_stack_paint(uint8_t *limit);

/* Bytes between `sp` and the lowest byte at or above `limit` that is no longer painted. */
size_t stj_stack_used(const uint8_t *limit, const uint8_t *sp);

#ifdef __cplusplus
}
#endif

#endif
