/* SPDX-License-Identifier: Apache-2.0 */
/* Included by every generated model: without optimisation it is not compiled where its plan's stack reserve counts,
 * which is with pointers of 32 bits. The reserve holds for -O1, -O2, -O3 and -Os (docs/STACK.md). At -O0 frames are
 * larger, and calls through pointers stay, so that nothing bounds them. */
#ifndef STJ_OPTIMISED_H
#define STJ_OPTIMISED_H

#if defined(__GNUC__) && !defined(__OPTIMIZE__) && __SIZEOF_POINTER__ == 4 && !defined(STJ_STACK_UNCHECKED)
#error "without optimisation the stack can exceed the reserve: -O1, -O2, -O3, -Os, or define STJ_STACK_UNCHECKED"
#endif

#endif
