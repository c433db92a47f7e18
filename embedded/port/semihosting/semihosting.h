/* SPDX-License-Identifier: Apache-2.0 */
/* Arm semihosting: services that a debugger or an emulator does for a program that stops at a certain breakpoint. */
#ifndef STJ_SEMIHOSTING_H
#define STJ_SEMIHOSTING_H

#include <stdint.h>

/* Ends the program with an exit status. */
__attribute__((noreturn)) void semihosting_exit(int status);

void semihosting_print(const char *text);

#endif
