/* SPDX-License-Identifier: Apache-2.0 */
/* What generated C calls in place of kernels, memcpy and memset (text.py puts this file in front of it, and sets the
 * two variables). Addresses count from `identity_base`, where nothing can be touched. */
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "stj_nn.h"

machine *identity_machine;
uint8_t *identity_base;

static int64_t identity_at(const void *p) { return (const uint8_t *)p - identity_base; }

static void identity_call(const char *params, const view *views, int64_t ins, int64_t outs, int64_t y0, int64_t y1,
                          int64_t x0, int64_t x1) {
    const char *number = strstr(params, "op_");
    machine_call(identity_machine, number ? atoll(number + 3) : -1, views, ins, outs, y0, y1, x0, x1);
#ifdef EXIT_VALUES
#include "scores.c"
#endif
}

/* A call with the arrays `in` and `out`, in the types that the kernel has for rows or for regions. */
#define IDENTITY_CALL(params, in, out, VIEW, y0, y1, x0, x1)                                                           \
    do {                                                                                                               \
        const size_t ins = sizeof(in) / sizeof *(in), outs = sizeof(out) / sizeof *(out);                              \
        view views[ins + outs + 1];                                                                                    \
        for (size_t k = 0; k < ins; k++) {                                                                             \
            views[k] = VIEW((in)[k]);                                                                                  \
        }                                                                                                              \
        for (size_t k = 0; k < outs; k++) {                                                                            \
            views[ins + k] = VIEW((out)[k]);                                                                           \
        }                                                                                                              \
        identity_call(#params, views, (int64_t)ins, (int64_t)outs, y0, y1, x0, x1);                                    \
    } while (0)
#define IDENTITY_ROWS(v) ((view){identity_at((v).data), (v).row_bytes, 0, (v).capacity, 0})
#define IDENTITY_PIXELS(v) ((view){identity_at((v).data), (v).pixel_bytes, (v).columns, (v).rows, (v).pixels})

static inline void identity_set(void *to, int value, size_t bytes) {
    const int64_t at = identity_at(to);
    if (at >= 0 && at < identity_machine->bytes) {
        machine_set(identity_machine, at, value, (int64_t)bytes);
    } else { /* the model's struct */
        memset(to, value, bytes);
    }
}

#define memcpy(to, from, bytes) machine_copy(identity_machine, identity_at(to), identity_at(from), (int64_t)(bytes))
#define memset(to, value, bytes) identity_set(to, value, bytes)
