/* SPDX-License-Identifier: Apache-2.0 */
/* Start of a Cortex-M program: vector table, FPU, initialised and zeroed data, main, exit. Faults are printed.
 *
 * The vector table holds the core's exceptions only: no interrupt is ever enabled.
 */
#include "semihosting.h"

#include <stdint.h>

enum { EXIT_FAULT = 70 };

/* System control block: coprocessor access, and the registers that say what a fault was. */
#define SCB_CPACR (*(volatile uint32_t *)0xE000ED88u)
#define SCB_CFSR (*(volatile uint32_t *)0xE000ED28u)
#define SCB_BFAR (*(volatile uint32_t *)0xE000ED38u)
#define CPACR_CP10_CP11_FULL (0xFu << 20)

/* Memory protection unit of Armv7-M: a region is made of its base and of attributes and size, 2^(SIZE + 1) bytes. */
#define MPU_CTRL (*(volatile uint32_t *)0xE000ED94u)
#define MPU_RBAR (*(volatile uint32_t *)0xE000ED9Cu)
#define MPU_RASR (*(volatile uint32_t *)0xE000EDA0u)
#define MPU_RASR_NO_ACCESS_1MB (1u << 28 | 19u << 1 | 1u)
#define MPU_CTRL_ENABLE_WITH_DEFAULT_MAP (1u << 2 | 1u)

/* Set by the linker script. */
extern uint32_t stj_stack_limit[], stj_stack_top[];
extern uint32_t stj_data_load[], stj_data_start[], stj_data_end[];
extern uint32_t stj_bss_start[], stj_bss_end[];

int main(void);
void Reset_Handler(void);

static void print_hex(const char *name, uint32_t value) {
    char text[] = "0x00000000\n";
    for (int digit = 0; digit < 8; ++digit) {
        text[2 + digit] = "0123456789abcdef"[value >> (28 - 4 * digit) & 0xFu];
    }
    semihosting_print(name);
    semihosting_print(text);
}

/* `frame` is what the core stacked: r0-r3, r12, lr, pc, xpsr. */
__attribute__((used)) static void report_fault(const uint32_t *frame) {
    semihosting_print("stj-fault the program was stopped by a processor fault\n");
    print_hex("stj-fault CFSR ", SCB_CFSR);
    print_hex("stj-fault BFAR ", SCB_BFAR);
    print_hex("stj-fault frame ", (uint32_t)(uintptr_t)frame);
    /* After a stack overflow there is no frame to read. */
    if (frame >= stj_stack_limit) {
        print_hex("stj-fault pc ", frame[6]);
    }
    semihosting_exit(EXIT_FAULT);
}

/* Runs on a fresh stack: the fault may be an overflow of the old one. */
__attribute__((naked)) static void fault_handler(void) {
    __asm__ volatile("mov r0, sp\n"
                     "ldr r1, =stj_stack_top\n"
                     "mov sp, r1\n"
                     "b report_fault\n"
                     ".ltorg\n");
}

/* Makes it a fault to grow the stack beyond its limit. The emulated memory below it would swallow all writes. */
static void guard_stack(void) {
#if __ARM_ARCH >= 8
    __asm__ volatile("msr msplim, %0" ::"r"(stj_stack_limit));
#else
    MPU_RBAR = (uint32_t)(uintptr_t)stj_stack_limit - 0x100000u;
    MPU_RASR = MPU_RASR_NO_ACCESS_1MB;
    MPU_CTRL = MPU_CTRL_ENABLE_WITH_DEFAULT_MAP;
#endif
}

void Reset_Handler(void) {
    guard_stack();
    SCB_CPACR |= CPACR_CP10_CP11_FULL;
    __asm__ volatile("dsb\n isb\n" ::: "memory");
    const volatile uint32_t *from = stj_data_load;
    for (volatile uint32_t *to = stj_data_start; to < stj_data_end; ++to) {
        *to = *from++;
    }
    for (volatile uint32_t *to = stj_bss_start; to < stj_bss_end; ++to) {
        *to = 0;
    }
    semihosting_exit(main());
}

typedef void (*exception_handler)(void);

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack_top;
    exception_handler handlers[15];
} vectors = {
    .stack_top = stj_stack_top,
    .handlers =
        {
            Reset_Handler,
            fault_handler,
            fault_handler,
            fault_handler,
            fault_handler,
            fault_handler,
            fault_handler,
            fault_handler,
            fault_handler,
            fault_handler,
            fault_handler,
            fault_handler,
            fault_handler,
            fault_handler,
            fault_handler,
        },
};
