/* SPDX-License-Identifier: Apache-2.0 */
/* See stj_marker.h. The bodies differ, or the compiler may make one function of the two. */
#include "stj_marker.h"

__attribute__((noinline)) void stj_marker_begin(void) { __asm__ volatile("nop /* begin */" ::: "memory"); }

__attribute__((noinline)) void stj_marker_end(void) { __asm__ volatile("nop /* end */" ::: "memory"); }
