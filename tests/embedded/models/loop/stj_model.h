/* A stand-in for a generated model whose input stays with the caller: its output is work(input), and
 * work executes a loop as often as its input says. */
#ifndef STJ_MODEL_H
#define STJ_MODEL_H

#include "stj_nn.h"

#include <stddef.h>
#include <stdint.h>

#define STJ_MODEL_NAME "loop"
#define STJ_MODEL_ARENA_BYTES 8
#define STJ_MODEL_STATE_BYTES 8
#define STJ_MODEL_SCRATCH_BYTES 0
#define STJ_MODEL_STACK_BYTES 1024
#define STJ_MODEL_SRAM_BYTES 1040
#define STJ_MODEL_WEIGHT_BYTES 0
#define STJ_MODEL_INPUTS 1
#define STJ_MODEL_EXTERNAL 1
#define STJ_MODEL_OUTPUTS 1

#define STJ_MODEL_INPUT_0_BYTES 4
#define STJ_MODEL_INPUT_0_ROWS 1
#define STJ_MODEL_INPUT_0_ROW_BYTES 4
#define STJ_MODEL_INPUT_0_SHAPE (1)
#define STJ_MODEL_INPUT_0_DTYPE int32
#define STJ_MODEL_OUTPUT_0_BYTES 4
#define STJ_MODEL_OUTPUT_0_SHAPE (1)
#define STJ_MODEL_OUTPUT_0_DTYPE int32

extern const int32_t stj_model_input_bytes[STJ_MODEL_INPUTS];
extern const int32_t stj_model_input_rows[STJ_MODEL_INPUTS];
extern const int32_t stj_model_output_bytes[STJ_MODEL_OUTPUTS];
extern const int32_t stj_model_push_order[STJ_MODEL_INPUTS];

typedef struct {
    int32_t *arena;
    const int32_t *input;
} stj_model;

stj_status stj_model_begin(stj_model *model, void *arena, size_t arena_bytes);
stj_status stj_model_push_rows(stj_model *model, int32_t input, const void *rows, int32_t count);
stj_status stj_model_set_input(stj_model *model, int32_t input, const void *frame);
stj_status stj_model_run(stj_model *model);
const void *stj_model_output(const stj_model *model, int32_t index);

#endif
