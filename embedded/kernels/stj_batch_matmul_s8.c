/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_batch_matmul_s8.h"

#include <stddef.h>

#include "stj_requantize.h"

/* Bytes from one element to the next: along the result's channels, and along the sum. */
typedef struct {
    int32_t channel, depth;
} steps_in_memory;

static inline steps_in_memory steps_of(const stj_batch_matmul_operand *operand, const stj_in *in) {
    const steps_in_memory steps = {
        operand->row_step[4] * in->row_bytes + operand->byte_step[4],
        operand->depth_rows * in->row_bytes + operand->depth_bytes,
    };
    return steps;
}

/* The operand's first element for a position along the result's leading axes and its width. */
static inline const int8_t *first_of(const stj_batch_matmul_operand *operand, const stj_in *in,
                                     const int32_t position[4]) {
    int32_t row = 0, bytes = 0;
    for (int axis = 0; axis < 4; axis++) {
        row += position[axis] * operand->row_step[axis];
        bytes += position[axis] * operand->byte_step[axis];
    }
    return (const int8_t *)stj_read_row(in, row) + bytes;
}

/* Factors are less their zero points. */
static inline int32_t sum_of_products(const stj_batch_matmul_params *params, const int8_t *a, int32_t step0,
                                      const int8_t *b, int32_t step1) {
    const int32_t zero0 = params->in_zero_point[0], zero1 = params->in_zero_point[1], depth = params->depth;
    int32_t sum = 0;
    for (int32_t k = 0; k < depth; k++) {
        sum += (a[k * step0] - zero0) * (b[k * step1] - zero1);
    }
    return sum;
}

/* All channels of one position of the result. */
static STJ_NOINLINE void multiply_position(const stj_batch_matmul_params *params, const int8_t *a, steps_in_memory of_a,
                                           const int8_t *b, steps_in_memory of_b, int8_t *to) {
    for (int32_t c = 0; c < params->result.channels; c++) {
        const int32_t sum = sum_of_products(params, a + c * of_a.channel, of_a.depth, b + c * of_b.channel, of_b.depth);
        const int32_t bias = params->bias != NULL ? params->bias[c] : 0;
        const int32_t whole = (int32_t)((uint32_t)sum + (uint32_t)bias);
        const int32_t scaled = stj_requantize(whole, params->multiplier, params->shift) + params->out_zero_point;
        to[c] = (int8_t)stj_clamp(scaled, params->out_min, params->out_max);
    }
}

void stj_batch_matmul_s8(const stj_batch_matmul_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                         int32_t y1) {
    const stj_batch_matmul_operand *operands = params->operands;
    const steps_in_memory of_a = steps_of(&operands[0], &in[0]), of_b = steps_of(&operands[1], &in[1]);
    for (int32_t y = y0; y < y1; y++) {
        int32_t position[4];
        stj_leading_axes(y, params->result.leading, position);
        int8_t *to = (int8_t *)stj_write_row(out, y);
        for (position[3] = 0; position[3] < params->result.width; position[3]++) {
            const int8_t *a = first_of(&operands[0], &in[0], position);
            const int8_t *b = first_of(&operands[1], &in[1], position);
            multiply_position(params, a, of_a, b, of_b, to);
            to += params->result.channels;
        }
    }
}
