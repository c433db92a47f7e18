/* Runs a generated model over samples, every piece of memory being a block of its own and of just its size: what is
 * read or written beside one, the address sanitizer reports.
 *
 *     firmware INPUT OUTPUT SAMPLES
 *
 * INPUT holds all inputs of each sample one after the other; OUTPUT receives of each output of each sample one byte
 * that says whether it is ready, and its bytes. A model that runs frame by frame is begun once, any other for each
 * sample; with REPEATS, a frame equal to the one before is said to be a repetition. */
#include "stj_model.c"

#include <stdio.h>
#include <stdlib.h>

static uint8_t *block(size_t size, int garbage) {
    uint8_t *const memory = malloc(size);
    memset(memory, garbage, size);
    return memory;
}

static void require(int condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "firmware: %s\n", what);
        exit(3);
    }
}

static void write_outputs(const stj_model *model, FILE *output) {
    for (int32_t k = 0; k < STJ_MODEL_OUTPUTS; k++) {
        const size_t bytes = (size_t)stj_model_output_bytes[k];
        const uint8_t *const data = stj_model_output(model, k);
        fputc(data != NULL, output);
        for (size_t b = 0; b < bytes; b++) {
            fputc(data == NULL ? 0 : data[b], output);
        }
    }
}

#ifdef STJ_MODEL_CLIP_FRAMES
enum { BY_FRAME = 1 };
#else
enum { BY_FRAME = 0 };
#endif

int main(int count, char **arguments) {
    require(count == 4, "three arguments");
    FILE *const input = fopen(arguments[1], "rb"), *const output = fopen(arguments[2], "wb");
    require(input && output, "files");
    const int samples = atoi(arguments[3]);
    stj_model *const model = (stj_model *)block(sizeof(stj_model), 0x5A);
    uint8_t *const arena = block(STJ_MODEL_ARENA_BYTES, 0xA5);
    uint8_t *frames[STJ_MODEL_INPUTS];
    for (int32_t k = 0; k < STJ_MODEL_INPUTS; k++) {
        frames[k] = block((size_t)stj_model_input_bytes[k], 0);
    }
    for (int sample = 0; sample < samples; sample++) {
        if (sample == 0 || !BY_FRAME) {
            memset(arena, 0xA5 ^ (sample * 77), STJ_MODEL_ARENA_BYTES);
            memset(model, 0x5A ^ (sample * 77), sizeof *model);
            require(stj_model_begin(model, arena, STJ_MODEL_ARENA_BYTES) == STJ_OK, "begin");
        }
#ifdef REPEATS
        int repeated = sample > 0;
#endif
        for (int32_t k = 0; k < STJ_MODEL_INPUTS; k++) {
            const size_t bytes = (size_t)stj_model_input_bytes[k];
            uint8_t *const frame = block(bytes, 0);
            require(fread(frame, 1, bytes, input) == bytes, "input");
#ifdef REPEATS
            repeated = repeated && memcmp(frame, frames[k], bytes) == 0;
#endif
            free(frames[k]);
            frames[k] = frame;
        }
#ifdef REPEATS
        if (repeated) {
            require(stj_model_repeat_frame(model) == STJ_OK, "repeat_frame");
            write_outputs(model, output);
            continue;
        }
#endif
        for (int32_t k = 0; k < STJ_MODEL_INPUTS; k++) {
            const int32_t which = stj_model_push_order[k], rows = stj_model_input_rows[which];
#if STJ_MODEL_EXTERNAL
            (void)rows;
            require(stj_model_set_input(model, which, frames[which]) == STJ_OK, "set_input");
#else
            const int32_t row_bytes = stj_model_input_bytes[which] / rows;
            for (int32_t row = 0, next; row < rows; row = next) { /* one by one, by threes, all at once */
                const int32_t step = sample % 3 == 0 ? 1 : sample % 3 == 1 ? 3 : rows;
                next = rows - row < step ? rows : row + step;
                uint8_t *const some = block((size_t)(next - row) * (size_t)row_bytes, 0);
                memcpy(some, frames[which] + (size_t)row * (size_t)row_bytes, (size_t)(next - row) * (size_t)row_bytes);
                require(stj_model_push_rows(model, which, some, next - row) == STJ_OK, "push_rows");
                free(some);
            }
#endif
        }
#if STJ_MODEL_EXTERNAL
        require(stj_model_run(model) == STJ_OK, "run");
#endif
        write_outputs(model, output);
    }
    for (int32_t k = 0; k < STJ_MODEL_INPUTS; k++) {
        free(frames[k]);
    }
    free(arena);
    free(model);
    require(fclose(output) == 0, "write");
    fclose(input);
    return 0;
}
