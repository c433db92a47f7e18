#include "stj_model.h"
#include "weights.h"

#include <string.h>

enum { CHANNELS = 4, SUM_OFFSET = 24 };

const int32_t stj_model_input_bytes[] = {STJ_MODEL_INPUT_0_BYTES};
const int32_t stj_model_input_rows[] = {STJ_MODEL_INPUT_0_ROWS};
const int32_t stj_model_output_bytes[] = {STJ_MODEL_OUTPUT_0_BYTES, STJ_MODEL_OUTPUT_1_BYTES};
const int32_t stj_model_push_order[] = {0};

stj_status stj_model_begin(stj_model *model, void *arena, size_t arena_bytes) {
    if (arena == NULL || arena_bytes < STJ_MODEL_ARENA_BYTES || (uintptr_t)arena % 8 != 0) {
        return STJ_ERROR_ARENA;
    }
    model->arena = arena;
    model->rows = 0;
    memset(arena, 0, STJ_MODEL_ARENA_BYTES);
    return STJ_OK;
}

static void compute_row(stj_model *model, const int8_t *row) {
    int8_t *out = (int8_t *)model->arena + model->rows * CHANNELS;
    int32_t total;
    memcpy(&total, model->arena + SUM_OFFSET, sizeof total);
    for (int32_t c = 0; c < CHANNELS; ++c) {
        int32_t sum = 0;
        for (int32_t i = 0; i < STJ_MODEL_INPUT_0_ROW_BYTES; ++i) {
            sum += weights[c * STJ_MODEL_INPUT_0_ROW_BYTES + i] * row[i];
        }
        sum = sum / 64 + (model->rows > 0 ? out[c - CHANNELS] : 0);
        out[c] = (int8_t)(sum < -128 ? -128 : sum > 127 ? 127 : sum);
    }
    for (int32_t i = 0; i < STJ_MODEL_INPUT_0_ROW_BYTES; ++i) {
        total += row[i];
    }
    memcpy(model->arena + SUM_OFFSET, &total, sizeof total);
}

stj_status stj_model_push_rows(stj_model *model, int32_t input, const void *rows, int32_t count) {
    int8_t row[STJ_MODEL_INPUT_0_ROW_BYTES];
    if (input != 0 || model->rows + count > STJ_MODEL_INPUT_0_ROWS) {
        return STJ_ERROR_ORDER;
    }
    for (int32_t i = 0; i < count; ++i) {
        memcpy(row, (const int8_t *)rows + i * STJ_MODEL_INPUT_0_ROW_BYTES, STJ_MODEL_INPUT_0_ROW_BYTES);
        compute_row(model, row);
        ++model->rows;
    }
    return STJ_OK;
}

const void *stj_model_output(const stj_model *model, int32_t index) {
    return model->arena + (index == 0 ? 0 : SUM_OFFSET);
}
