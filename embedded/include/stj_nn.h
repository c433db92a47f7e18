/* SPDX-License-Identifier: Apache-2.0 */
/* stj_nn: int8 neural-network kernels that compute rows from rows.
 *
 * Every kernel has one shape:
 *
 *     void stj_<op>_s8(const stj_<op>_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);
 *
 * It computes output rows [y0, y1) of all its outputs. A row is the last two axes of a tensor of rank >= 3
 * ([width, channels]), the last axis of a matrix, all of a vector. `in` and `out` are arrays with one view per
 * operand and result. The caller guarantees that the rows that the kernel needs are present in the views.
 * No kernel allocates, keeps state, or touches memory outside the rows it names.
 */
#ifndef STJ_NN_H
#define STJ_NN_H

#include <stdint.h>

/* Keeps a function's stack frame its own: inlined into one caller, many small frames add up. */
#if defined(__GNUC__)
#define STJ_NOINLINE __attribute__((noinline))
#else
#define STJ_NOINLINE
#endif

/* A function that takes what differs between kernels as another function: each kernel gets its own copy, in which that
 * other function is called, or inlined, by its name. */
#if defined(__GNUC__)
#define STJ_TEMPLATE static inline __attribute__((always_inline))
#else
#define STJ_TEMPLATE static inline
#endif

/* What the functions of a generated model return: 0 or a negative number. Kernels cannot fail. */
typedef enum {
    STJ_OK = 0,
    STJ_ERROR_ARENA = -1,     /* the arena is too small, absent or not aligned to 8 bytes */
    STJ_ERROR_ORDER = -2,     /* rows of this input are not due now */
    STJ_ERROR_ARGUMENT = -3,  /* no such input, or a count of rows that cannot be */
    STJ_ERROR_OVERRUN = -4,   /* rows came faster than the model takes them: their frame is dropped (stj_feed.h) */
    STJ_ERROR_CONSTANTS = -5, /* with STJ_CHECK_CONSTANTS: weights or tables are not those that were exported */
    STJ_ERROR_STORAGE = -6,   /* what was learned could not be saved or read (stj_saved.h) */
    STJ_ERROR_NOT_SAVED = -7, /* nothing of this head has been saved */
} stj_status;

/* Rows in a ring: row y starts at data + (y % capacity) * row_bytes. A tensor held whole has capacity = its rows. */
typedef struct {
    const uint8_t *data;
    int32_t row_bytes;
    int32_t capacity; /* rows, >= 1 */
} stj_in;

typedef struct {
    uint8_t *data;
    int32_t row_bytes;
    int32_t capacity; /* rows, >= 1 */
} stj_out;

#endif
