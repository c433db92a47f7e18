/* SPDX-License-Identifier: Apache-2.0 */
/* UNIDIRECTIONAL_SEQUENCE_LSTM, unit by unit: the results of a step are those that the next step reads, so that nothing
 * but the cells is kept beside them. Operands are taken as stored; what their zero points add is in the biases. */
#include "stj_unidirectional_sequence_lstm_s8.h"

#include <string.h>

#include "stj_requantize.h"
#include "stj_sigmoid_16.h"

typedef stj_unidirectional_sequence_lstm_params lstm;

static int32_t clamp_16(int32_t x) { return stj_clamp(x, INT16_MIN, INT16_MAX); }

/* `bias` and the products of two vectors, modulo 2^32: only whole sums need to fit. */
static int32_t sum_of(const int8_t *x, const int8_t *w, int32_t count, int32_t bias) {
    uint32_t sum = (uint32_t)bias;
    for (int32_t k = 0; k < count; k++) {
        sum += (uint32_t)(x[k] * w[k]);
    }
    return (int32_t)sum;
}

/* A gate of a unit before its activation, 12 bits behind the point. */
static int32_t gate_of(const lstm *p, int32_t gate, int32_t unit, const int8_t *x, const int8_t *last) {
    const int32_t row = gate * p->units + unit;
    const int32_t sum = sum_of(x, p->weights + row * p->depth, p->depth, p->bias[row]);
    const int32_t again = sum_of(last, p->recurrent + row * p->units, p->units, p->recurrent_bias[row]);
    const int32_t first = clamp_16(stj_requantize(sum, p->multiplier[gate], p->shift[gate]));
    return clamp_16(first + clamp_16(stj_requantize(again, p->again_multiplier[gate], p->again_shift[gate])));
}

/* One step: results `y` of `x`, of the results before it and of the cells, which go on. */
static void step(const lstm *p, const int8_t *x, const int8_t *last, int16_t *cells, int8_t *y) {
    for (int32_t unit = 0; unit < p->units; unit++) {
        const int32_t into = stj_sigmoid_16(gate_of(p, 0, unit, x, last));
        const int32_t forget = stj_sigmoid_16(gate_of(p, 1, unit, x, last));
        const int32_t update = stj_tanh_16(gate_of(p, 2, unit, x, last), 0);
        const int32_t output = stj_sigmoid_16(gate_of(p, 3, unit, x, last));
        const int32_t kept = clamp_16(stj_requantize(forget * cells[unit], p->cell_multiplier[0], p->cell_shift[0]));
        const int32_t added = clamp_16(stj_requantize(into * update, p->cell_multiplier[1], p->cell_shift[1]));
        const int32_t cell = stj_clamp(clamp_16(kept + added), p->cell_min, p->cell_max);
        const int32_t shown = stj_tanh_16(cell, p->tanh_shift) * output;
        cells[unit] = (int16_t)cell;
        y[unit] = (int8_t)stj_clamp(stj_requantize(shown, p->cell_multiplier[2], p->cell_shift[2]) + p->out_zero_point,
                                    INT8_MIN, INT8_MAX);
    }
}

void stj_unidirectional_sequence_lstm_s8(const stj_unidirectional_sequence_lstm_params *params, const stj_in *in,
                                         const stj_out *out, int32_t y0, int32_t y1) {
    const lstm *p = params;
    const size_t states = (size_t)(p->batches * p->units);
    int16_t *cells = (int16_t *)(void *)out[2].data;
    (void)y0;
    (void)y1;
    memcpy(cells, in[2].data, states * sizeof *cells);
    for (int32_t b = 0; b < p->batches; b++) {
        const int8_t *last = (const int8_t *)in[1].data + b * p->units;
        for (int32_t t = 0; t < p->steps; t++) {
            const int32_t vector = b * p->batch_stride + t * p->step_stride;
            int8_t *y = (int8_t *)out[0].data + vector * p->units;
            step(p, (const int8_t *)in[0].data + vector * p->depth, last, cells + b * p->units, y);
            last = y;
        }
        memcpy((int8_t *)out[1].data + b * p->units, last, (size_t)p->units);
    }
}
