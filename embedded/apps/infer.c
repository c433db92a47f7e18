/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a generated model over a file of samples:
 *
 *     infer INPUT OUTPUT [keep-state | clips] [MARGIN | LESSONS ANSWERS]
 *
 * INPUT holds raw bytes, per sample all inputs one after the other; OUTPUT receives all outputs per sample likewise.
 * With "keep-state", and always for a model that runs frame by frame or has variables, the model is begun once: samples
 * are the consecutive frames of one stream. With "clips" it is begun anew after as many frames as a clip has. Outputs
 * of frames without a result are written as zeros. A model that reuses rows is given each frame's changed rows only;
 * finding them counts as its work. A stream whose early output may answer does so above MARGIN, a number of steps; its
 * frames are given whole, but for the first, and what was left out is written as zeros.
 *
 * A model with a head that learns takes a lesson after each sample, and answers (stj_course.h); lessons are counted
 * like samples, each after its own.
 *
 * One report line per sample tells the status and the stack that the model's calls used. Files are read and written
 * outside the counted region: a sample is loaded whole into the harness's buffer, and its rows are pushed from there
 * one at a time, as a camera would deliver them.
 */
#include "stj_course.h"
#include "stj_marker.h"
#include "stj_model.h"
#include "stj_port.h"
#include "stj_report.h"
#include "stj_reuse.h"
#include "stj_stack.h"

#include <string.h>

enum { EXIT_FINE = 0, EXIT_FAILED = 1, ERROR_OUTPUT_MISSING = -100 };

/* A model of single images has no history. */
/* Whether something outlives a call: frames of a clip, or a model's variables. */
#ifdef STJ_MODEL_HISTORY_BYTES
#define GOES_ON 1
#else
#define GOES_ON 0
#endif

#ifndef STJ_MODEL_CLIP_FRAMES
#define STJ_MODEL_CLIP_FRAMES 1
#define STJ_MODEL_WARM_UP_FRAMES 0
#define STJ_MODEL_TIME_STEP 1
#endif

/* A stream that can end a frame early. */
#if defined(STJ_MODEL_EXIT_OUTPUT) && defined(STJ_MODEL_HISTORY_BYTES)
#define LEAVES_EARLY 1
static int32_t exit_margin = STJ_MODEL_NEVER_EARLY;
#else
#define LEAVES_EARLY 0
#endif

/* Inlined everywhere, so that the stack is measured from the very frame that calls the model. */
#define INLINE static inline __attribute__((always_inline))

/* Sections of their own, so that the linked image tells the model's memory from the harness's. The address sanitizer
 * does not guard variables in such sections. */
#ifdef STJ_SANITIZE
#define SECTION(name)
#else
#define SECTION(name) __attribute__((section(name)))
#endif
SECTION(".bss.stj_state") __attribute__((aligned(8))) static stj_model model;
SECTION(".bss.stj_arena")
__attribute__((aligned(8))) static uint8_t arena[STJ_MODEL_ARENA_BYTES > 0 ? STJ_MODEL_ARENA_BYTES : 8];

#ifdef STJ_MODEL_HEAD_BYTES
SECTION(".bss.stj_head") __attribute__((aligned(8))) static stj_model_head head;

static int32_t lessons_file = -1, answers_file = -1;

__attribute__((noinline)) static int32_t measured_lesson(const stj_port *port, const stj_lesson *lesson,
                                                         size_t *stack_bytes) {
    if (port->stack_limit != NULL) {
        stj_stack_paint(port->stack_limit);
    }
    stj_marker_begin();
    const int32_t answer = stj_course_do(lesson, &model, &head);
    stj_marker_end();
    const size_t used = port->stack_limit == NULL ? 0 : stj_stack_used(port->stack_limit, stj_stack_pointer());
    *stack_bytes = used > *stack_bytes ? used : *stack_bytes;
    return answer;
}

/* What is done after a sample. Returns 0, or a negative number where a file has no more, or takes no more. */
static int32_t take_lesson(const stj_port *port, size_t *stack_bytes) {
    stj_lesson lesson;
    if (lessons_file < 0) {
        return 0;
    }
    if (stj_course_read(port, lessons_file, &lesson) < 0) {
        return -1;
    }
    if (lesson.what == STJ_LESSON_NONE) {
        return 0;
    }
    const int32_t answer = measured_lesson(port, &lesson, stack_bytes);
    return stj_course_write(port, answers_file, answer, &head);
}
#else
static int32_t take_lesson(const stj_port *port, size_t *stack_bytes) {
    (void)port, (void)stack_bytes;
    return 0;
}
#endif

/* Where an input of the sample starts in the harness's buffer, or with STJ_MODEL_INPUTS where the last one ends. */
INLINE size_t frame_offset(int32_t input) {
    size_t offset = 0;
    for (int32_t before = 0; before < input; ++before) {
        offset += ((size_t)stj_model_input_bytes[before] + 7) / 8 * 8;
    }
    return offset;
}

#if STJ_MODEL_EXTERNAL
/* What `lend` gave, until the inference has ended. */
static const void *lent_frames[STJ_MODEL_INPUTS];

/* Names the memory of one input. */
INLINE stj_status feed(const stj_port *port, int32_t input, const uint8_t *frame) {
    if (port->lend == NULL) {
        return stj_model_set_input(&model, input, frame);
    }
    lent_frames[input] = port->lend(frame, (size_t)stj_model_input_bytes[input]);
    return stj_model_set_input(&model, input, lent_frames[input]);
}

INLINE stj_status finish(const stj_port *port) {
    const stj_status status = stj_model_run(&model);
    for (int32_t input = 0; input < STJ_MODEL_INPUTS && port->lend != NULL; ++input) {
        port->take_back(lent_frames[input]);
    }
    return status;
}
#else
INLINE stj_status push_row(const stj_port *port, int32_t input, const uint8_t *row, int32_t row_bytes) {
    if (port->lend == NULL) {
        return stj_model_push_rows(&model, input, row, 1);
    }
    const void *lent = port->lend(row, (size_t)row_bytes);
    const stj_status status = stj_model_push_rows(&model, input, lent, 1);
    port->take_back(lent);
    return status;
}

/* Pushes one input row by row. */
INLINE stj_status feed(const stj_port *port, int32_t input, const uint8_t *frame) {
    const int32_t row_bytes = stj_model_input_bytes[input] / stj_model_input_rows[input];
    for (int32_t row = 0; row < stj_model_input_rows[input]; ++row) {
        const stj_status status = push_row(port, input, frame + (size_t)row * (size_t)row_bytes, row_bytes);
        if (status != STJ_OK) {
            return status;
        }
    }
    return STJ_OK;
}

/* The last row has set off the rest. */
INLINE stj_status finish(const stj_port *port) {
    (void)port;
    return STJ_OK;
}
#endif

#ifdef STJ_MODEL_REUSES_ROWS
enum { FRAMES_HELD = 2 };

/* The frame before stands behind this one in the harness's buffer. */
INLINE uint8_t *frame_before(const stj_port *port) { return port->buffer + frame_offset(STJ_MODEL_INPUTS); }

/* Finds the rows that changed, and computes what depends on them. */
INLINE stj_status infer_changes(const stj_port *port) {
    int32_t first, last;
    stj_changed_rows((const int8_t *)frame_before(port), (const int8_t *)port->buffer, STJ_MODEL_INPUT_0_ROWS,
                     STJ_MODEL_INPUT_0_ROW_BYTES, 0, &first, &last);
    if (port->lend == NULL) {
        return stj_model_push_frame_rows(&model, port->buffer, first, last);
    }
    const void *lent = port->lend(port->buffer, (size_t)stj_model_input_bytes[0]);
    const stj_status status = stj_model_push_frame_rows(&model, lent, first, last);
    port->take_back(lent);
    return status;
}

INLINE void keep_frame(const stj_port *port) {
    memcpy(frame_before(port), port->buffer, (size_t)stj_model_input_bytes[0]);
}
#else
enum { FRAMES_HELD = 1 };

INLINE void keep_frame(const stj_port *port) { (void)port; }
#endif

#if LEAVES_EARLY
INLINE stj_status infer_until(const stj_port *port) {
    if (port->lend == NULL) {
        return stj_model_push_frame_until(&model, port->buffer, exit_margin);
    }
    const void *lent = port->lend(port->buffer, (size_t)stj_model_input_bytes[0]);
    const stj_status status = stj_model_push_frame_until(&model, lent, exit_margin);
    port->take_back(lent);
    return status;
}
#endif

/* Everything that a product would call for one inference. */
INLINE stj_status infer(const stj_port *port, int32_t begin) {
#if LEAVES_EARLY
    if (!begin && exit_margin != STJ_MODEL_NEVER_EARLY) {
        return infer_until(port);
    }
#endif
#ifdef STJ_MODEL_REUSES_ROWS
    if (!begin) {
        return infer_changes(port);
    }
#endif
    stj_status status = begin ? stj_model_begin(&model, arena, sizeof arena) : STJ_OK;
    for (int32_t k = 0; k < STJ_MODEL_INPUTS && status == STJ_OK; ++k) {
        const int32_t input = stj_model_push_order[k];
        status = feed(port, input, port->buffer + frame_offset(input));
    }
    return status == STJ_OK ? finish(port) : status;
}

__attribute__((noinline)) static stj_status measured_infer(const stj_port *port, int32_t begin, size_t *stack_bytes) {
    if (port->stack_limit != NULL) {
        stj_stack_paint(port->stack_limit);
    }
    stj_marker_begin();
    const stj_status status = infer(port, begin);
    stj_marker_end();
    *stack_bytes = port->stack_limit == NULL ? 0 : stj_stack_used(port->stack_limit, stj_stack_pointer());
    return status;
}

/* A model may not rely on memory that it has not written: give it other garbage before every sample. */
static void fill_with_garbage(int32_t sample) {
    memset(&model, 0x5A ^ (sample & 0xFF), sizeof model);
    memset(arena, 0xA5 ^ (sample & 0xFF), sizeof arena);
}

/* Loads the next sample. Returns 1, 0 at the end of the file, or a negative number if there is only a part of one. */
static int32_t read_sample(const stj_port *port, int32_t file) {
    for (int32_t input = 0; input < STJ_MODEL_INPUTS; ++input) {
        const int32_t bytes = stj_model_input_bytes[input];
        const int32_t count = port->read(file, port->buffer + frame_offset(input), bytes);
        if (count != bytes) {
            return count == 0 && input == 0 ? 0 : -1;
        }
    }
    return 1;
}

/* Stands in the file for an output that is not ready yet, in the frames of a stream that have no result. */
static int32_t write_zeros(const stj_port *port, int32_t file, int32_t bytes) {
    static const uint8_t zeros[64];
    for (int32_t done = 0; done < bytes; done += (int32_t)sizeof zeros) {
        const int32_t left = bytes - done;
        const int32_t status = port->write(file, zeros, left < (int32_t)sizeof zeros ? left : (int32_t)sizeof zeros);
        if (status < 0) {
            return status;
        }
    }
    return 0;
}

/* Whether the last frame's work ended with the early output. */
static int32_t left_early(void) {
#if LEAVES_EARLY
    return stj_model_left_early(&model);
#else
    return 0;
#endif
}

/* `frame`: how many came before since the model was begun. */
static int32_t write_outputs(const stj_port *port, int32_t file, int32_t frame) {
    for (int32_t output = 0; output < STJ_MODEL_OUTPUTS; ++output) {
        const void *data = stj_model_output(&model, output);
        const int32_t warm = frame - STJ_MODEL_WARM_UP_FRAMES;
        if (data == NULL && warm >= 0 && warm % STJ_MODEL_TIME_STEP == 0 && !left_early()) {
            return ERROR_OUTPUT_MISSING;
        }
        const int32_t bytes = stj_model_output_bytes[output];
        const int32_t status = data == NULL ? write_zeros(port, file, bytes) : port->write(file, data, bytes);
        if (status < 0) {
            return status;
        }
    }
    return 0;
}

static void report_sample(const stj_port *port, int32_t sample, stj_status status, size_t stack_bytes) {
    stj_report_start(port, "sample");
    stj_report_number(port, "index", sample);
    stj_report_number(port, "status", status);
    stj_report_number(port, "stack", (int32_t)stack_bytes);
    stj_report_number(port, "early", status == STJ_OK && left_early());
    stj_report_end(port);
}

static int fail(const stj_port *port, const char *message) {
    stj_report_start(port, "error");
    stj_report_text(port, "message", message);
    stj_report_end(port);
    return EXIT_FAILED;
}

/* The model is begun with the first sample and, unless `every` is 0, after so many samples anew. */
static int run_samples(const stj_port *port, int32_t input_file, int32_t output_file, int32_t every) {
    for (int32_t sample = 0;; ++sample) {
        const int32_t found = read_sample(port, input_file);
        if (found == 0) {
            return EXIT_FINE;
        }
        if (found < 0) {
            return fail(port, "the input file does not hold a whole number of samples");
        }
        const int32_t frame = every > 0 ? sample % every : sample;
        const int32_t begin = frame == 0;
        if (begin) {
            fill_with_garbage(sample);
        }
        size_t stack_bytes;
        const stj_status status = measured_infer(port, begin, &stack_bytes);
        if (status == STJ_OK && take_lesson(port, &stack_bytes) < 0) {
            return fail(port, "a lesson is missing, or its answer could not be written");
        }
        report_sample(port, sample, status, stack_bytes);
        if (status != STJ_OK) {
            return fail(port, "the model returned an error");
        }
        if (write_outputs(port, output_file, frame) < 0) {
            return fail(port, "an output is missing or could not be written");
        }
        keep_frame(port);
    }
}

static int32_t equal(const char *a, const char *b) {
    while (*a != '\0' && *a == *b) {
        ++a, ++b;
    }
    return *a == *b;
}

#if LEAVES_EARLY
/* A number of decimal digits, or -1. */
static int32_t number(const char *text) {
    int32_t value = *text == '\0' ? -1 : 0;
    for (; *text != '\0' && value >= 0; ++text) {
        value = *text >= '0' && *text <= '9' && value < 1000 ? value * 10 + (*text - '0') : -1;
    }
    return value;
}
#endif

int stj_app(const stj_port *port, int32_t argument_count, const char *const *arguments) {
    if (argument_count < 2) {
        return fail(port, "usage: infer INPUT OUTPUT [keep-state | clips] [MARGIN | LESSONS ANSWERS]");
    }
    if (FRAMES_HELD * frame_offset(STJ_MODEL_INPUTS) > port->buffer_bytes) {
        return fail(port, "the inputs do not fit the harness buffer of this board");
    }
    const int32_t input_file = port->open(arguments[0], 0);
    const int32_t output_file = port->open(arguments[1], 1);
    if (input_file < 0 || output_file < 0) {
        return fail(port, "a file could not be opened");
    }
    const int32_t clips = argument_count > 2 && equal(arguments[2], "clips");
    if (argument_count > 3) {
#ifdef STJ_MODEL_HEAD_BYTES
        lessons_file = port->open(arguments[3], 0);
        answers_file = argument_count > 4 ? port->open(arguments[4], 1) : -1;
        if (lessons_file < 0 || answers_file < 0) {
            return fail(port, "a file of the lessons could not be opened");
        }
        stj_model_head_begin(&head);
#elif LEAVES_EARLY
        exit_margin = number(arguments[3]);
        if (exit_margin < 0) {
            return fail(port, "the margin is a number of steps, from 0 on");
        }
#else
        return fail(port, "this model has no frames that an early output could end");
#endif
    }
    const int32_t keep_state = GOES_ON || (argument_count > 2 && equal(arguments[2], "keep-state"));
    const int status = run_samples(port, input_file, output_file, keep_state && !clips ? 0 : STJ_MODEL_CLIP_FRAMES);
    port->close(input_file);
    port->close(output_file);
    return status;
}
