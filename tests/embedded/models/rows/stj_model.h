/* A stand-in for a generated model: rows are pushed, each makes one row of output 0, output 1 sums everything up.
 *
 *     out0[y][c] = clamp((sum over i of weights[c][i] * in[y][i]) / 64 + out0[y - 1][c])        out1 = sum of all in
 */
#ifndef STJ_MODEL_H
#define STJ_MODEL_H

#include "stj_nn.h"

#include <stddef.h>
#include <stdint.h>

#define STJ_MODEL_NAME "rows"
#define STJ_MODEL_ARENA_BYTES 40
#define STJ_MODEL_STATE_BYTES 8
#define STJ_MODEL_SCRATCH_BYTES 0
#define STJ_MODEL_STACK_BYTES 1024
#define STJ_MODEL_SRAM_BYTES 1072
#define STJ_MODEL_WEIGHT_BYTES 60
#define STJ_MODEL_INPUTS 1
#define STJ_MODEL_EXTERNAL 0
#define STJ_MODEL_OUTPUTS 2

#define STJ_MODEL_INPUT_0_BYTES 90
#define STJ_MODEL_INPUT_0_ROWS 6
#define STJ_MODEL_INPUT_0_ROW_BYTES 15
#define STJ_MODEL_INPUT_0_SHAPE (1, 6, 5, 3)
#define STJ_MODEL_INPUT_0_DTYPE int8
#define STJ_MODEL_OUTPUT_0_BYTES 24
#define STJ_MODEL_OUTPUT_0_SHAPE (1, 6, 4)
#define STJ_MODEL_OUTPUT_0_DTYPE int8
#define STJ_MODEL_OUTPUT_1_BYTES 4
#define STJ_MODEL_OUTPUT_1_SHAPE (1)
#define STJ_MODEL_OUTPUT_1_DTYPE int32

extern const int32_t stj_model_input_bytes[STJ_MODEL_INPUTS];
extern const int32_t stj_model_input_rows[STJ_MODEL_INPUTS];
extern const int32_t stj_model_output_bytes[STJ_MODEL_OUTPUTS];
extern const int32_t stj_model_push_order[STJ_MODEL_INPUTS];

typedef struct {
    uint8_t *arena;
    int32_t rows;
} stj_model;

stj_status stj_model_begin(stj_model *model, void *arena, size_t arena_bytes);
stj_status stj_model_push_rows(stj_model *model, int32_t input, const void *rows, int32_t count);
const void *stj_model_output(const stj_model *model, int32_t index);

#endif
