/* SPDX-License-Identifier: Apache-2.0 */
/* The port for emulated boards: files, console, arguments and exit through semihosting.
 *
 * Operation numbers and argument blocks: Arm, "Semihosting for AArch32 and AArch64" (operations SYS_*).
 */
#include "semihosting.h"
#include "stj_port.h"

#include <stddef.h>

enum {
    SYS_OPEN = 0x01,
    SYS_CLOSE = 0x02,
    SYS_WRITE0 = 0x04,
    SYS_WRITE = 0x05,
    SYS_READ = 0x06,
    SYS_GET_CMDLINE = 0x15,
    SYS_EXIT_EXTENDED = 0x20,
};
enum { MODE_READ_BINARY = 1, MODE_WRITE_BINARY = 5, STOPPED_APPLICATION_EXIT = 0x20026 };
enum { COMMAND_LINE_BYTES = 256, MAX_ARGUMENTS = 8 };

/* Set by the linker script. */
extern uint8_t stj_harness_start[], stj_harness_end[], stj_stack_limit[];

static int32_t call(int32_t operation, const void *block) {
    register int32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = block;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void semihosting_exit(int status) {
    const uintptr_t block[] = {STOPPED_APPLICATION_EXIT, (uintptr_t)status};
    (void)call(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}

void semihosting_print(const char *text) { (void)call(SYS_WRITE0, text); }

/* Our own, so that the linked strlen does not count as the model's code. */
static uintptr_t text_bytes(const char *text) {
    uintptr_t count = 0;
    while (text[count] != '\0') {
        ++count;
    }
    return count;
}

static int32_t semihosting_open(const char *path, int32_t for_writing) {
    const uintptr_t block[] = {(uintptr_t)path, for_writing ? MODE_WRITE_BINARY : MODE_READ_BINARY, text_bytes(path)};
    return call(SYS_OPEN, block);
}

static void semihosting_close(int32_t file) {
    const uintptr_t block[] = {(uintptr_t)file};
    (void)call(SYS_CLOSE, block);
}

/* SYS_READ and SYS_WRITE return how many bytes they left undone. */
static int32_t semihosting_read(int32_t file, void *data, int32_t bytes) {
    const uintptr_t block[] = {(uintptr_t)file, (uintptr_t)data, (uintptr_t)bytes};
    const int32_t left = call(SYS_READ, block);
    return left < 0 ? left : bytes - left;
}

static int32_t semihosting_write(int32_t file, const void *data, int32_t bytes) {
    const uintptr_t block[] = {(uintptr_t)file, (uintptr_t)data, (uintptr_t)bytes};
    return call(SYS_WRITE, block) == 0 ? 0 : -1;
}

/* Splits the command line at blanks, in place. */
static int32_t split(char *line, const char **words, int32_t limit) {
    int32_t count = 0;
    for (char *at = line; *at != '\0' && count < limit;) {
        while (*at == ' ') {
            *at++ = '\0';
        }
        if (*at != '\0') {
            words[count++] = at;
        }
        while (*at != '\0' && *at != ' ') {
            ++at;
        }
    }
    return count;
}

int main(void) {
    static char line[COMMAND_LINE_BYTES];
    const char *words[MAX_ARGUMENTS] = {NULL};
    const uintptr_t block[] = {(uintptr_t)line, sizeof line};
    const int32_t count = call(SYS_GET_CMDLINE, block) == 0 ? split(line, words, MAX_ARGUMENTS) : 0;
    const stj_port port = {
        .open = semihosting_open,
        .read = semihosting_read,
        .write = semihosting_write,
        .close = semihosting_close,
        .print = semihosting_print,
        .buffer = stj_harness_start,
        .buffer_bytes = (size_t)(stj_harness_end - stj_harness_start),
        .stack_limit = stj_stack_limit,
    };
    return stj_app(&port, count > 0 ? count - 1 : 0, words + 1);
}
