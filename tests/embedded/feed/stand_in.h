/* In place of a generated model: keeps the rows of a frame, and has some ticks of work for each. */
#pragma once

#include "stj_nn.h"

enum { MOST_ROWS = 16, MOST_ROW_BYTES = 64 };

typedef struct {
    int32_t rows, row_bytes, ticks_per_row;
    int32_t received, pending;
    uint8_t frame[MOST_ROWS][MOST_ROW_BYTES];
} stand_in;

stj_status stand_in_take_row(stand_in *model, int32_t input, const void *row);
int32_t stand_in_work(stand_in *model, int32_t ticks);
void stand_in_drop_frame(stand_in *model);
