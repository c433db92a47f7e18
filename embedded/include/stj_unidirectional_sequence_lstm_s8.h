/* SPDX-License-Identifier: Apache-2.0 */
/* UNIDIRECTIONAL_SEQUENCE_LSTM on int8 with int16 cells. Facts and sources: verify/ops/unidirectional_sequence_lstm.py.
 */
#ifndef STJ_UNIDIRECTIONAL_SEQUENCE_LSTM_S8_H
#define STJ_UNIDIRECTIONAL_SEQUENCE_LSTM_S8_H

#include "stj_nn.h"

/* The gates: input, forget, cell (tanh), output. */
enum { STJ_LSTM_GATES = 4 };

typedef struct {
    const int8_t *weights;             /* [gates, units, depth], zero point 0 */
    const int8_t *recurrent;           /* [gates, units, units], zero point 0 */
    const int32_t *bias;               /* [gates, units], for sequences as stored */
    const int32_t *recurrent_bias;     /* [gates, units], for results as stored */
    int32_t multiplier[4], shift[4];   /* of each gate's sums to 12 bits behind the point */
    int32_t again_multiplier[4];       /* of its recurrent sums */
    int32_t again_shift[4];            /* [-31, 30] all */
    int32_t cell_multiplier[3];        /* of forget * cell, input * update, output * tanh(cell) */
    int32_t cell_shift[3];             /* [-31, 30] */
    int32_t out_zero_point;            /* [-128, 127] */
    int32_t cell_min, cell_max;        /* what cells are clipped to, within int16 */
    int32_t tanh_shift;                /* cells have 12 - tanh_shift bits behind the point; [-15, 14] */
    int32_t batches, steps;            /* sequences, and steps of each */
    int32_t batch_stride, step_stride; /* vectors from one sequence, or step, to the next */
    int32_t depth, units;              /* elements of a vector, and of a result */
} stj_unidirectional_sequence_lstm_params;

/* Computes everything; `y0` and `y1` are not looked at. Operands: sequences, int8 [vectors, depth]; the last results of
 * the call before, int8 [batches, units]; its cells, int16 [batches, units]. Results: int8 [vectors, units]; the last
 * results; the cells. No result shares memory with an operand. */
void stj_unidirectional_sequence_lstm_s8(const stj_unidirectional_sequence_lstm_params *params, const stj_in *in,
                                         const stj_out *out, int32_t y0, int32_t y1);

#endif
