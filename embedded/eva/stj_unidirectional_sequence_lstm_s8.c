/* SPDX-License-Identifier: Apache-2.0 */
/* UNIDIRECTIONAL_SEQUENCE_LSTM: two sequences of three steps, one after the other or side by side. */
#include "stj_unidirectional_sequence_lstm_s8.h"

#include "unknown.h"

enum { BATCHES = 2, STEPS = 3, DEPTH = 5, UNITS = 2, ROWS = STJ_LSTM_GATES * UNITS };

static void check_lstm(int side_by_side, int32_t tanh_shift) {
    const int32_t vectors = BATCHES * STEPS;
    int8_t *weights = unknown_bytes(ROWS * DEPTH), *recurrent = unknown_bytes(ROWS * UNITS);
    int32_t *bias = unknown_words(ROWS, -(1 << 24), 1 << 24), *again = unknown_words(ROWS, -(1 << 24), 1 << 24);
    uint8_t *x = unknown_bytes(vectors * DEPTH), *last = unknown_bytes(BATCHES * UNITS);
    uint8_t *cells = unknown_bytes(BATCHES * UNITS * 2), *y = unknown_bytes(vectors * UNITS);
    uint8_t *new_last = unknown_bytes(BATCHES * UNITS), *new_cells = unknown_bytes(BATCHES * UNITS * 2);
    const stj_in in[3] = {{x, vectors * DEPTH, 1}, {last, BATCHES * UNITS, 1}, {cells, BATCHES * UNITS * 2, 1}};
    const stj_out out[3] = {
        {y, vectors * UNITS, 1}, {new_last, BATCHES * UNITS, 1}, {new_cells, BATCHES * UNITS * 2, 1}};
    stj_unidirectional_sequence_lstm_params params = {.weights = weights,
                                                      .recurrent = recurrent,
                                                      .bias = bias,
                                                      .recurrent_bias = again,
                                                      .out_zero_point = unknown(-128, 127),
                                                      .cell_min = INT16_MIN,
                                                      .cell_max = INT16_MAX,
                                                      .tanh_shift = tanh_shift,
                                                      .batches = BATCHES,
                                                      .steps = STEPS,
                                                      .batch_stride = side_by_side ? 1 : STEPS,
                                                      .step_stride = side_by_side ? BATCHES : 1,
                                                      .depth = DEPTH,
                                                      .units = UNITS};
    for (int gate = 0; gate < STJ_LSTM_GATES; gate++) {
        params.multiplier[gate] = params.again_multiplier[gate] = unknown(1 << 30, INT32_MAX);
        params.shift[gate] = params.again_shift[gate] = unknown(-31, -1);
    }
    for (int product = 0; product < 3; product++) {
        params.cell_multiplier[product] = unknown(1 << 30, INT32_MAX);
        params.cell_shift[product] = unknown(-31, -1);
    }
    stj_unidirectional_sequence_lstm_s8(&params, in, out, 0, 1);
    free(weights);
    free(recurrent);
    free(bias);
    free(again);
    free(x);
    free(last);
    free(cells);
    free(y);
    free(new_last);
    free(new_cells);
}

int main(void) {
    for (int side_by_side = 0; side_by_side < 2; side_by_side++) {
        check_lstm(side_by_side, 1);
        check_lstm(side_by_side, -3);
    }
    return 0;
}
