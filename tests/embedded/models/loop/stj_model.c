#include "stj_model.h"
#include "work.h"

const int32_t stj_model_input_bytes[] = {STJ_MODEL_INPUT_0_BYTES};
const int32_t stj_model_input_rows[] = {STJ_MODEL_INPUT_0_ROWS};
const int32_t stj_model_output_bytes[] = {STJ_MODEL_OUTPUT_0_BYTES};
const int32_t stj_model_push_order[] = {0};

stj_status stj_model_begin(stj_model *model, void *arena, size_t arena_bytes) {
    (void)arena_bytes;
    model->arena = arena;
    return STJ_OK;
}

stj_status stj_model_set_input(stj_model *model, int32_t input, const void *frame) {
    model->input = frame;
    return input == 0 ? STJ_OK : STJ_ERROR_ARGUMENT;
}

stj_status stj_model_push_rows(stj_model *model, int32_t input, const void *rows, int32_t count) {
    (void)model, (void)input, (void)rows, (void)count;
    return STJ_ERROR_ORDER;
}

stj_status stj_model_run(stj_model *model) {
    *model->arena = work(*model->input);
    return STJ_OK;
}

const void *stj_model_output(const stj_model *model, int32_t index) { return index == 0 ? model->arena : NULL; }
