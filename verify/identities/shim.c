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

static int identity_is_ours(const void *p) { return identity_at(p) >= 0 && identity_at(p) < identity_machine->bytes; }

static void identity_call(const char *params, const view *views, int64_t ins, int64_t outs, int64_t y0, int64_t y1,
                          int64_t x0, int64_t x1) {
    const char *number = strstr(params, "op_");
    machine_call(identity_machine, number ? atoll(number + 3) : -1, views, ins, outs, y0, y1, x0, x1);
#ifdef EXIT_VALUES
#include "scores.c"
#endif
}

static inline void identity_rows(const char *params, const stj_in *in, size_t ins, const stj_out *out, size_t outs,
                                 int64_t y0, int64_t y1) {
    view views[ins + outs + 1];
    for (size_t k = 0; k < ins; k++) {
        views[k] = (view){identity_at(in[k].data), in[k].row_bytes, 0, in[k].capacity, 0};
    }
    for (size_t k = 0; k < outs; k++) {
        views[ins + k] = (view){identity_at(out[k].data), out[k].row_bytes, 0, out[k].capacity, 0};
    }
    identity_call(params, views, (int64_t)ins, (int64_t)outs, y0, y1, 0, WHOLE_ROWS);
}

#ifdef STJ_TILE_H
static inline void identity_pixels(const char *params, const stj_pixels_in *in, size_t ins, const stj_pixels_out *out,
                                   size_t outs, const stj_region *r) {
    view views[ins + outs + 1];
    for (size_t k = 0; k < ins; k++) {
        views[k] = (view){identity_at(in[k].data), in[k].pixel_bytes, in[k].columns, in[k].rows, in[k].pixels};
    }
    for (size_t k = 0; k < outs; k++) {
        const stj_pixels_out *o = &out[k];
        views[ins + k] = (view){identity_at(o->data), o->pixel_bytes, o->columns, o->rows, o->pixels};
    }
    identity_call(params, views, (int64_t)ins, (int64_t)outs, r->y0, r->y1, r->x0, r->x1);
}
#endif

static inline void *identity_copy(void *to, const void *from, size_t bytes) {
    if (!identity_is_ours(to)) {
        return memcpy(to, from, bytes);
    }
    machine_copy(identity_machine, identity_at(to), identity_at(from), (int64_t)bytes);
    return to;
}

static inline void *identity_set(void *to, int value, size_t bytes) {
    if (!identity_is_ours(to)) {
        return memset(to, value, bytes);
    }
    machine_set(identity_machine, identity_at(to), value, (int64_t)bytes);
    return to;
}

#define memcpy(to, from, bytes) identity_copy(to, from, bytes)
#define memmove(to, from, bytes) identity_copy(to, from, bytes)
#define memset(to, value, bytes) identity_set(to, value, bytes)
