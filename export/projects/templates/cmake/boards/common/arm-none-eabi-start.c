/* SPDX-License-Identifier: Apache-2.0 */
/* Start of a Cortex-M program: vector table, FPU, data, main. What it prints and its exit status go to the debugger or
 * emulator (Arm, "Semihosting for AArch32 and AArch64"); without either, the breakpoint is a fault. */
#include <stddef.h>
#include <stdint.h>

extern uint32_t data_load[], data_start[], data_end[], bss_start[], bss_end[], stack_top[];
extern char heap_start[];

int main(void);
void Reset_Handler(void);
void SysTick_Handler(void);
int _write(int file, const char *text, int bytes);
void *_sbrk(ptrdiff_t bytes);
int _close(int file);
int _fstat(int file, void *status);
int _isatty(int file);
int _lseek(int file, int offset, int whence);
int _read(int file, char *text, int bytes);
int _kill(int process, int signal);
int _getpid(void);
void _exit(int status);

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20, APPLICATION_EXIT = 0x20026 };

static int32_t call(int32_t operation, const void *block) {
    register int32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = block;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void _exit(int status) {
    const uintptr_t block[] = {APPLICATION_EXIT, (uintptr_t)status};
    (void)call(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}

int _write(int file, const char *text, int bytes) {
    char piece[33];
    (void)file;
    for (int at = 0; at < bytes;) {
        int count = 0;
        while (count < (int)sizeof piece - 1 && at < bytes) {
            piece[count++] = text[at++];
        }
        piece[count] = '\0';
        (void)call(SYS_WRITE0, piece);
    }
    return bytes;
}

void *_sbrk(ptrdiff_t bytes) {
    static char *end = heap_start;
    char *const from = end;
    end += bytes;
    return from;
}

int _close(int file) { return (void)file, -1; }
int _fstat(int file, void *status) { return (void)file, (void)status, -1; }
int _isatty(int file) { return (void)file, 1; }
int _lseek(int file, int offset, int whence) { return (void)file, (void)offset, (void)whence, 0; }
int _read(int file, char *text, int bytes) { return (void)file, (void)text, (void)bytes, 0; }
int _kill(int process, int signal) { return (void)process, (void)signal, -1; }
int _getpid(void) { return 1; }

static void fault(void) {
    _write(1, "the program was stopped by a processor fault\n", 45);
    _exit(70);
}

/* The one interrupt that programs here use. */
void SysTick_Handler(void) __attribute__((weak, alias("fault")));

void Reset_Handler(void) {
#if defined(__ARM_FP)
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20; /* CPACR: access to the FPU, and with it to Helium */
    __asm__ volatile("dsb\n isb\n" ::: "memory");
#endif
    const volatile uint32_t *from = data_load;
    for (volatile uint32_t *to = data_start; to < data_end; ++to) {
        *to = *from++;
    }
    for (volatile uint32_t *to = bss_start; to < bss_end; ++to) {
        *to = 0;
    }
    _exit(main());
}

typedef void (*handler)(void);

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    handler handlers[15];
} vectors = {stack_top,
             {Reset_Handler, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault,
              SysTick_Handler}};
