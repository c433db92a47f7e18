/* Runs scripts of standard input through camera and feed; tests/embedded/feed_harness.py writes them and reads what
 * comes. With GENERATED defined, stj_model.h is the network behind the feed, else a stand-in.
 *
 * A script: int32 format, width, height, left, top, step, columns, rows, channels, depth, ticks per row; three tables;
 * then operations. With depth 0 a frame follows, and its rows come out. Everything has just the memory that it asks
 * for. */
#include "barrier.h"
#include "stj_feed.h"
#include "stj_guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef GENERATED
#include "stj_model.h"
typedef stj_model network;
STJ_FEED_NETWORK(stj_model);
#define NETWORK stj_model_network
#else
#include "stand_in.h"
typedef stand_in network;
STJ_FEED_NETWORK(stand_in);
#define NETWORK stand_in_network
#endif

static stj_camera camera;
static stj_feed feed;
static network model;
static int32_t barriers_left; /* before the interrupts that come next in the script; 0: none come by themselves */

static void need(int fine) {
    if (!fine) {
        abort();
    }
}

static void get(void *to, size_t bytes) { need(fread(to, 1, bytes, stdin) == bytes); }

static int32_t get_int(void) {
    int32_t value;
    get(&value, sizeof value);
    return value;
}

static void put(char what, const void *data, size_t bytes) {
    const int32_t count = (int32_t)bytes;
    need(fwrite(&what, 1, 1, stdout) == 1 && fwrite(&count, sizeof count, 1, stdout) == 1 &&
         (bytes == 0 || fwrite(data, 1, bytes, stdout) == bytes));
}

static void put_int(char what, int32_t value) { put(what, &value, sizeof value); }

static void answer(stj_status status) {
    if (status != STJ_OK) {
        put_int('P', status);
    }
}

/* Operations up to the next one of the main loop: S start, E end, L line. */
static int next_of_main_loop(void) {
    for (;;) {
        const int operation = getchar();
        if (operation == 'S') {
            answer(stj_feed_start(&feed));
        } else if (operation == 'E') {
            answer(stj_feed_end(&feed));
        } else if (operation == 'L') {
            const int32_t line = get_int(), bytes = get_int();
            uint8_t *const raw = malloc((size_t)bytes + (bytes == 0));
            get(raw, (size_t)bytes);
            answer(stj_feed_line(&feed, line, raw, bytes));
            free(raw);
        } else {
            return operation;
        }
    }
}

static int seen = -1;

void at_barrier(void) {
    if (barriers_left > 0 && --barriers_left == 0) {
        seen = next_of_main_loop();
    }
}

#ifdef GENERATED
static uint64_t arena[STJ_GUARDED_WORDS(STJ_MODEL_ARENA_BYTES)];

static void begin_model(int32_t ticks_per_row) {
    (void)ticks_per_row;
    void *const memory = stj_guard(arena, sizeof arena / 8);
    need(STJ_MODEL_INPUT_0_ROWS == camera.rows && STJ_MODEL_INPUT_0_ROW_BYTES == stj_camera_row_bytes(&camera));
    need(stj_model_begin(&model, memory, STJ_MODEL_ARENA_BYTES) == STJ_OK);
}

static int32_t model_intact(void) { return stj_guard_intact(arena, sizeof arena / 8); }

static void put_frame(void) {
    const void *const output = stj_model_output(&model, 0);
    put('F', output, output == NULL ? 0 : STJ_MODEL_OUTPUT_0_BYTES);
}
#else
stj_status stand_in_take_row(stand_in *m, int32_t input, const void *row) {
    need(input == 0 && m->received < m->rows);
    if (m->pending > 0) {
        return STJ_ERROR_ORDER;
    }
    at_barrier();
    memcpy(m->frame[m->received++], row, (size_t)m->row_bytes);
    m->pending = m->ticks_per_row;
    at_barrier();
    return STJ_OK;
}

int32_t stand_in_work(stand_in *m, int32_t ticks) {
    at_barrier();
    m->pending = m->pending > ticks ? m->pending - ticks : 0;
    return m->pending > 0;
}

void stand_in_drop_frame(stand_in *m) { m->received = m->pending = 0; }

static void begin_model(int32_t ticks_per_row) {
    model.rows = camera.rows;
    model.row_bytes = stj_camera_row_bytes(&camera);
    model.ticks_per_row = ticks_per_row;
    stand_in_drop_frame(&model);
}

static int32_t model_intact(void) { return 1; }

static void put_frame(void) {
    uint8_t whole[MOST_ROWS * MOST_ROW_BYTES];
    need(model.received == model.rows);
    for (int32_t y = 0; y < model.rows; y++) {
        memcpy(whole + y * model.row_bytes, model.frame[y], (size_t)model.row_bytes);
    }
    put('F', whole, (size_t)(model.rows * model.row_bytes));
}
#endif

/* What cannot be is refused, and touches nothing. */
static void misuse(void *memory, size_t bytes, int32_t depth) {
    static const stj_feed unused;
    const stj_camera wrong = {STJ_GREY8, 1, 1, 0, 0, 1, 2, 1, 1, {NULL, NULL, NULL}, NULL};
    stj_feed other = unused;
    need(stj_feed_start(&other) == STJ_ERROR_ORDER && stj_feed_line(&other, 0, memory, 1) == STJ_OK);
    need(stj_feed_end(&other) == STJ_OK && stj_feed_work(&other, &NETWORK, &model, 1) == STJ_ERROR_ORDER);
    need(stj_feed_begin(NULL, &camera, memory, bytes, depth) == STJ_ERROR_ARGUMENT);
    need(stj_feed_begin(&other, NULL, memory, bytes, depth) == STJ_ERROR_ARGUMENT);
    need(stj_feed_begin(&other, &wrong, memory, bytes, depth) == STJ_ERROR_ARGUMENT);
    need(stj_feed_begin(&other, &camera, memory, bytes, 0) == STJ_ERROR_ARGUMENT);
    need(stj_feed_begin(&other, &camera, memory, SIZE_MAX, STJ_FEED_MOST + 1) == STJ_ERROR_ARGUMENT);
    need(stj_feed_begin(&other, &camera, NULL, bytes, depth) == STJ_ERROR_ARENA);
    need(stj_feed_begin(&other, &camera, (uint8_t *)memory + 1, bytes, depth) == STJ_ERROR_ARENA);
    need(stj_feed_begin(&other, &camera, memory, bytes - 1, depth) == STJ_ERROR_ARENA);
    need(memcmp(&other, &unused, sizeof other) == 0);
}

static void convert_frame(void) {
    const size_t line_bytes = (size_t)stj_camera_line_bytes(&camera), row_bytes = (size_t)stj_camera_row_bytes(&camera);
    for (int32_t y = 0; y < camera.height; y++) {
        uint8_t *const raw = malloc(line_bytes), *const row = malloc(row_bytes);
        get(raw, line_bytes);
        const int32_t written = stj_camera_line(&camera, y, raw, row);
        need(written == (stj_camera_row_of(&camera, y) >= 0));
        if (written) {
            put('R', row, row_bytes);
        }
        free(raw);
        free(row);
    }
}

static void run_stream(int32_t depth, int32_t ticks_per_row) {
    const int32_t bytes = STJ_FEED_BYTES(depth, stj_camera_row_bytes(&camera));
    const size_t words = (size_t)STJ_GUARDED_WORDS(bytes);
    uint64_t *const memory = malloc(8 * words);
    memset(memory, 0xA5, 8 * words);
    void *const rows = stj_guard(memory, words);
    begin_model(ticks_per_row);
    misuse(rows, (size_t)bytes, depth);
    need(stj_feed_begin(&feed, &camera, rows, (size_t)bytes, depth) == STJ_OK);
    seen = -1;
    for (;;) {
        const int operation = seen >= 0 ? seen : next_of_main_loop();
        seen = -1;
        if (operation == 'W') { /* works; the interrupts that follow come at a barrier of it, or after it */
            const int32_t ticks = get_int();
            barriers_left = get_int();
            const int32_t result = stj_feed_work(&feed, &NETWORK, &model, ticks);
            barriers_left = 0;
            need(result >= 0);
            if (result == STJ_FEED_DONE) {
                put_frame();
            }
        } else if (operation == 'B') { /* breaks what is `at` bytes from the FIFO's first */
            ((uint8_t *)rows)[get_int()] ^= 1;
        } else {
            need(operation == 'X');
            break;
        }
    }
    for (int32_t reason = 0; reason < STJ_DROP_REASONS; reason++) {
        put_int('D', (int32_t)feed.dropped[reason]);
    }
    const int32_t last[] = {(int32_t)feed.frames, stj_feed_level(&feed), feed.deepest,
                            stj_guard_intact(memory, words) && model_intact()};
    put('X', last, sizeof last);
    free(memory);
}

int main(void) {
    int first;
    while ((first = getchar()) != EOF) {
        need(first == 'C');
        uint8_t tables[3][256];
        int32_t values[11];
        get(values, sizeof values);
        get(tables, sizeof tables);
        camera.format = (stj_pixel_format)values[0];
        camera.width = values[1], camera.height = values[2], camera.left = values[3], camera.top = values[4];
        camera.step = values[5], camera.columns = values[6], camera.rows = values[7], camera.channels = values[8];
        for (int32_t k = 0; k < 3; k++) {
            camera.stored[k] = tables[k];
        }
        camera.kept = malloc((size_t)STJ_CAMERA_KEPT_BYTES(camera.columns, camera.step) & 0xFFFF);
        const stj_status status = stj_camera_check(&camera);
        put_int('K', status);
        if (status == STJ_OK && values[9] == 0) {
            convert_frame();
        } else if (status == STJ_OK) {
            run_stream(values[9], values[10]);
        }
        free(camera.kept);
    }
    return 0;
}
