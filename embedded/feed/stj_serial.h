/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs over a serial line into a model, results back: the board's half of `python -m embedded.tools serial`.
 *
 * A message, in both directions, integers little-endian:
 *
 *     'S' 'J' | kind, 1 byte | number, 1 byte | length, 4 bytes | payload | CRC-32 of all behind 'S' 'J', 4 bytes
 *
 * CRC-32 is that of Ethernet and zip. The computer asks, the board answers with the same number, and the computer waits
 * for the answer. It asks again, with the same number, when none comes: what has been done is not done twice.
 *
 *     question                     answer
 *
 *     H                            h  int32: version 2, inputs, outputs; per input its bytes and rows; the inputs
 *                                     as they are to be pushed; per output its bytes; then two texts, each with
 *                                     a zero behind it: SHA-256 of the plan, unit of time
 *
 *     B                            b  int32: status of `begin`
 *
 *     R  int32: input; a row       r  int32: status of `push_row`; uint32: time that it took
 *
 *     G  int32: output             g  the output, or nothing where it is not ready
 *
 *     S                            s  int32: the most stack that `push_row` took, in bytes, -1 where that is not
 *                                     measured; int32: the plan's reserve
 *
 *     L  int32: one of             l  int32: what the head that learns answers, a label or a status
 *        STJ_LESSON_...; int32:
 *        label
 *
 *     of another kind or length    e  int32: STJ_ERROR_ARGUMENT
 *
 * A message that is damaged gets no answer.
 */
#ifndef STJ_SERIAL_H
#define STJ_SERIAL_H

#include <stdint.h>

#include "stj_nn.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The line. `read` waits for the next byte, a second or so: 0 .. 255, or -1 where none came. `clock` counts what `unit`
 * says, and wraps. */
typedef struct {
    int32_t (*read)(void);
    void (*write)(const uint8_t *bytes, int32_t count);
    uint32_t (*clock)(void);
    const char *unit; /* "microseconds", "instructions" */
} stj_serial_line;

/* The model, whichever it is: its header's figures, and what its functions do. */
typedef struct {
    const char *plan_sha256;
    int32_t inputs, outputs;
    const int32_t *input_bytes, *input_rows, *push_order, *output_bytes;
    stj_status (*begin)(void);
    stj_status (*push_row)(int32_t input, const void *row);
    const void *(*output)(int32_t index);
    int32_t stack_bytes;                           /* the plan's reserve */
    int32_t (*stack_used)(void);                   /* the most that `push_row` took; NULL: nobody measures it */
    int32_t (*teach)(int32_t what, int32_t label); /* NULL: there is no head that learns */
} stj_serial_model;

/* What a head that learns is told. */
enum {
    STJ_LESSON_NONE,
    STJ_LESSON_CLASSIFY,
    STJ_LESSON_LEARN,
    STJ_LESSON_FORGET,
    STJ_LESSON_SAVE,
    STJ_LESSON_RESTORE,
    STJ_LESSON_BEGIN,
};

/* Memory for one row of any input, and the number before it; aligned as the rows are. */
#define STJ_SERIAL_BYTES(row_bytes) ((row_bytes) + 8)

/* Set up once: {&line, &model, buffer, sizeof buffer}; what is left out is zero. */
typedef struct {
    const stj_serial_line *line;
    const stj_serial_model *model;
    uint8_t *buffer;
    int32_t buffer_bytes;
    int32_t answered; /* 1 + number of the last question */
    stj_status status;
    int32_t taught;
    uint32_t time;
    uint32_t crc; /* of the message that is under way */
} stj_serial;

/* Takes one message and answers it. 1 if there was one, 0 where the line was silent or what came was damaged. */
int32_t stj_serial_serve(stj_serial *serial);

#ifdef __cplusplus
}
#endif

#endif
