/* SPDX-License-Identifier: Apache-2.0 */
/* A head that learns, as part of infer.c: what is done with it after each sample.
 *
 * A file has two numbers of 32 bits for each sample: what to do (stj_serial.h), and a label. Where something is done,
 * another file receives the answer, a number of 32 bits, and the whole struct of the head. The board's flash is an
 * array here; a product gives the functions of its own (stj_saved.h).
 */
#ifndef STJ_COURSE_H
#define STJ_COURSE_H

#include "stj_model.h"
#include "stj_port.h"

#ifdef STJ_MODEL_HEAD_BYTES
#include "stj_model_head.h"
#include "stj_serial.h"

#include <string.h>

typedef struct {
    int32_t what;
    int32_t label;
} stj_lesson;

static uint8_t flash[2][STJ_MODEL_HEAD_SLOT_BYTES];

static int32_t flash_erase(void *context, int32_t slot) {
    (void)context;
    memset(flash[slot], 0xFF, sizeof flash[slot]);
    return 0;
}

static int32_t flash_write(void *context, int32_t slot, uint32_t offset, const void *bytes, uint32_t count) {
    (void)context;
    memcpy(flash[slot] + offset, bytes, count);
    return 0;
}

static int32_t flash_read(void *context, int32_t slot, uint32_t offset, void *bytes, uint32_t count) {
    (void)context;
    memcpy(bytes, flash[slot] + offset, count);
    return 0;
}

/* Everything that a product would call for it; the answer is a label or a status. */
static inline int32_t stj_course_do(const stj_lesson *lesson, const stj_model *model, stj_model_head *head) {
    static const stj_storage storage = {flash_erase, flash_write, flash_read, NULL};
    switch (lesson->what) {
    case STJ_LESSON_CLASSIFY:
        return stj_model_classify(model, head);
    case STJ_LESSON_LEARN:
        return stj_model_learn(model, head, lesson->label);
    case STJ_LESSON_FORGET:
        return stj_model_forget(head, lesson->label);
    case STJ_LESSON_SAVE:
        return stj_model_save(head, &storage);
    case STJ_LESSON_RESTORE:
        return stj_model_restore(head, &storage);
    case STJ_LESSON_BEGIN:
        stj_model_head_begin(head);
        return STJ_OK;
    default:
        return STJ_ERROR_ARGUMENT;
    }
}

/* Reads the next lesson. Returns 0, or a negative number where there is none. */
static inline int32_t stj_course_read(const stj_port *port, int32_t file, stj_lesson *lesson) {
    return port->read(file, lesson, sizeof *lesson) == (int32_t)sizeof *lesson ? 0 : -1;
}

/* Writes the answer and the struct. Returns 0, or a negative number on an error. */
static inline int32_t stj_course_write(const stj_port *port, int32_t file, int32_t answer, const stj_model_head *head) {
    return port->write(file, &answer, sizeof answer) < 0 ? -1 : port->write(file, head, sizeof *head);
}
#endif

#endif
