/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_serial.h"

#include <stddef.h>
#include <string.h>

#include "stj_crc.h"

enum { VERSION = 2, HEAD_BYTES = 6, AT = 8 }; /* a payload's number ends where its row begins */

static void store(uint8_t *to, uint32_t value) {
    for (int32_t k = 0; k < 4; k++) {
        to[k] = (uint8_t)(value >> 8 * k);
    }
}

static uint32_t load(const uint8_t *from) {
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

/* --- Answers --------------------------------------------------------------------------------------------------------
 */

static void send(stj_serial *serial, const void *bytes, int32_t count) {
    serial->crc = stj_crc32(serial->crc, bytes, (size_t)count);
    serial->line->write(bytes, count);
}

static void send_number(stj_serial *serial, uint32_t value) {
    uint8_t bytes[4];
    store(bytes, value);
    send(serial, bytes, 4);
}

static void start(stj_serial *serial, int32_t kind, uint8_t number, int32_t length) {
    static const uint8_t sync[] = {'S', 'J'};
    const uint8_t what[] = {(uint8_t)kind, number};
    serial->line->write(sync, 2);
    serial->crc = 0;
    send(serial, what, 2);
    send_number(serial, (uint32_t)length);
}

static void finish(stj_serial *serial) { send_number(serial, serial->crc); }

static void answer_number(stj_serial *serial, int32_t kind, uint8_t number, int32_t value) {
    start(serial, kind, number, 4);
    send_number(serial, (uint32_t)value);
    finish(serial);
}

static void answer_hello(stj_serial *serial, uint8_t number) {
    const stj_serial_model *model = serial->model;
    const int32_t plan_bytes = (int32_t)strlen(model->plan_sha256) + 1;
    const int32_t unit_bytes = (int32_t)strlen(serial->line->unit) + 1;
    start(serial, 'h', number, 4 * (3 + 3 * model->inputs + model->outputs) + plan_bytes + unit_bytes);
    send_number(serial, VERSION);
    send_number(serial, (uint32_t)model->inputs);
    send_number(serial, (uint32_t)model->outputs);
    for (int32_t k = 0; k < model->inputs; k++) {
        send_number(serial, (uint32_t)model->input_bytes[k]);
        send_number(serial, (uint32_t)model->input_rows[k]);
    }
    for (int32_t k = 0; k < model->inputs; k++) {
        send_number(serial, (uint32_t)model->push_order[k]);
    }
    for (int32_t k = 0; k < model->outputs; k++) {
        send_number(serial, (uint32_t)model->output_bytes[k]);
    }
    send(serial, model->plan_sha256, plan_bytes);
    send(serial, serial->line->unit, unit_bytes);
    finish(serial);
}

static void answer_row(stj_serial *serial, uint8_t number) {
    start(serial, 'r', number, 8);
    send_number(serial, (uint32_t)serial->status);
    send_number(serial, serial->time);
    finish(serial);
}

static void answer_output(stj_serial *serial, uint8_t number, int32_t index) {
    const void *output = serial->model->output(index);
    const int32_t bytes = output == NULL ? 0 : serial->model->output_bytes[index];
    start(serial, 'g', number, bytes);
    if (bytes > 0) {
        send(serial, output, bytes);
    }
    finish(serial);
}

static void answer_stack(stj_serial *serial, uint8_t number) {
    const stj_serial_model *model = serial->model;
    start(serial, 's', number, 8);
    send_number(serial, (uint32_t)(model->stack_used == NULL ? -1 : model->stack_used()));
    send_number(serial, (uint32_t)model->stack_bytes);
    finish(serial);
}

/* --- Questions ------------------------------------------------------------------------------------------------------
 */

/* The next `count` bytes, counted into the CRC; 0 where they do not come. */
static int32_t receive(stj_serial *serial, uint8_t *to, int32_t count) {
    for (int32_t k = 0; k < count; k++) {
        const int32_t byte = serial->line->read();
        if (byte < 0) {
            return 0;
        }
        to[k] = (uint8_t)byte;
    }
    serial->crc = stj_crc32(serial->crc, to, (size_t)count);
    return 1;
}

/* Skips to where a message begins. */
static int32_t find_start(stj_serial *serial) {
    int32_t before = -1;
    for (;;) {
        const int32_t byte = serial->line->read();
        if (byte < 0 || (before == 'S' && byte == 'J')) {
            return byte >= 0;
        }
        before = byte;
    }
}

static void push_row(stj_serial *serial, int32_t input) {
    const uint32_t from = serial->line->clock();
    serial->status = serial->model->push_row(input, serial->buffer + AT);
    serial->time = serial->line->clock() - from;
}

/* What a question of this kind and length can be about: an input, an output, a lesson, or nothing. */
static int32_t is_sound(const stj_serial *serial, int32_t kind, int32_t length, int32_t about) {
    const stj_serial_model *model = serial->model;
    switch (kind) {
    case 'H':
    case 'B':
    case 'S':
        return length == 0;
    case 'R':
        return about >= 0 && about < model->inputs &&
               length == 4 + model->input_bytes[about] / model->input_rows[about];
    case 'L':
        return length == 8 && model->teach != NULL && about > STJ_LESSON_NONE && about <= STJ_LESSON_BEGIN;
    case 'G':
        return length == 4 && about >= 0 && about < model->outputs;
    default:
        return 0;
    }
}

static void answer(stj_serial *serial, int32_t kind, uint8_t number, int32_t about) {
    const int32_t again = serial->answered == 1 + (int32_t)number;
    serial->answered = 1 + (int32_t)number;
    switch (kind) {
    case 'H':
        answer_hello(serial, number);
        break;
    case 'B':
        if (!again) {
            serial->status = serial->model->begin();
        }
        answer_number(serial, 'b', number, serial->status);
        break;
    case 'R':
        if (!again) {
            push_row(serial, about);
        }
        answer_row(serial, number);
        break;
    case 'S':
        answer_stack(serial, number);
        break;
    case 'L':
        if (!again) {
            serial->taught = serial->model->teach(about, (int32_t)load(serial->buffer + AT));
        }
        answer_number(serial, 'l', number, serial->taught);
        break;
    default:
        answer_output(serial, number, about);
    }
}

int32_t stj_serial_serve(stj_serial *serial) {
    uint8_t head[HEAD_BYTES], *const payload = serial->buffer + AT - 4, end[4];
    if (!find_start(serial)) {
        return 0;
    }
    serial->crc = 0;
    if (!receive(serial, head, HEAD_BYTES)) {
        return 0;
    }
    const uint32_t length = load(head + 2);
    if (length > (uint32_t)serial->buffer_bytes - (AT - 4) || !receive(serial, payload, (int32_t)length)) {
        return 0;
    }
    const uint32_t crc = serial->crc;
    if (!receive(serial, end, 4) || load(end) != crc) {
        return 0;
    }
    const int32_t about = length >= 4 ? (int32_t)load(payload) : -1;
    if (is_sound(serial, head[0], (int32_t)length, about)) {
        answer(serial, head[0], head[1], about);
    } else {
        answer_number(serial, 'e', head[1], STJ_ERROR_ARGUMENT);
    }
    return 1;
}
