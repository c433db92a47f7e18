/* SPDX-License-Identifier: Apache-2.0 */
/* Sums over any axes, for elements of one type: who includes it says of which.
 *
 *   BYTES                     of an element
 *   LOAD(from), STORE(to, x)  one element, at any byte
 *   LOWEST, HIGHEST           what it can hold */
#ifndef STJ_MEAN_AXES_H
#define STJ_MEAN_AXES_H

#include "stj_mean_s8.h"
#include "stj_requantize.h"
#include "stj_window.h"

/* Where an output element's inputs begin and end along each axis. */
typedef struct {
    int32_t begin[5];
    int32_t end[5];
} box;

/* The inputs of output element `element`, counted over the kept axes in order. */
static box inputs_of(const stj_mean_params *p, int32_t element) {
    box inputs;
    for (int32_t axis = 4; axis >= 0; axis--) {
        if (p->reduced[axis]) {
            inputs.begin[axis] = 0;
            inputs.end[axis] = p->extent[axis];
        } else {
            inputs.begin[axis] = element % p->extent[axis];
            inputs.end[axis] = inputs.begin[axis] + 1;
            element /= p->extent[axis];
        }
    }
    return inputs;
}

/* Sum over the part of one row that lies in the box, minus the zero points. */
static int32_t row_sum(const stj_mean_params *p, const int8_t *row, const box *inputs) {
    int32_t total = 0;
    for (int32_t i = inputs->begin[3]; i < inputs->end[3]; i++) {
        const int8_t *x = row + i * p->extent[4] * BYTES;
        for (int32_t j = inputs->begin[4]; j < inputs->end[4]; j++) {
            total += LOAD(x + j * BYTES) - p->in_zero_point;
        }
    }
    return total;
}

static int32_t box_sum(const stj_mean_params *p, const stj_in *in, const box *inputs) {
    int32_t total = 0;
    for (int32_t i = inputs->begin[0]; i < inputs->end[0]; i++) {
        for (int32_t j = inputs->begin[1]; j < inputs->end[1]; j++) {
            const int32_t first = (i * p->extent[1] + j) * p->extent[2] + inputs->begin[2];
            int32_t slot = first % in->capacity;
            for (int32_t k = inputs->begin[2]; k < inputs->end[2]; k++) {
                total += row_sum(p, stj_slot(in, slot), inputs);
                slot = stj_next_slot(slot, 1, in->capacity);
            }
        }
    }
    return total;
}

static void compute_rows(const stj_mean_params *p, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        int8_t *row = stj_out_row(out, y);
        for (int32_t i = 0; i < p->row_elements; i++) {
            const box inputs = inputs_of(p, y * p->row_elements + i);
            const int32_t scaled = stj_requantize(box_sum(p, in, &inputs), p->multiplier, p->shift);
            STORE(row + i * BYTES, stj_clamp(scaled + p->out_zero_point, LOWEST, HIGHEST));
        }
    }
}

#endif
