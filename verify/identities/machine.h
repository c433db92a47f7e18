/* SPDX-License-Identifier: Apache-2.0 */
/* Memory in which every byte holds an identity: which byte of which tensor of which frame was written there.
 *
 *   1 + frame * all + k   byte k of a frame, counted over all tensors of the model one after the other, row-major
 *   0                     nobody wrote it
 *   -1 - v                the constant v, 0 to 255
 *   -1000 - e             computed from something wrong: event e
 *
 * All tables are arrays of int64, made from the model alone (facts.py). Extents are half open. */
#ifndef IDENTITIES_MACHINE_H
#define IDENTITIES_MACHINE_H

#include <stdint.h>

/* A window along one axis: position p reads floor((p * stride - before) / upsample) + j * dilation, 0 <= j < taps, as
 * far as they exist. taps 0: everything along that axis is read. */
typedef struct {
    int64_t taps, stride, dilation, before, upsample;
} axis;

/* A tensor as one operator sees it: `rows` by `width` pixels of `pixel` bytes, of which the first is number `first`. */
typedef struct {
    int64_t first, rows, width, pixel;
} shape;

/* `position` in the operator's list; read from the frame `delay` frames back. `exact`: element i of it is read before
 * element i of the result is written. `slots` above 0: rows of its view are whole frames, so many, and the window `y`
 * starts at the oldest, `delay` frames back; its shape then is that of one frame as one pixel. `past`: bytes that may
 * be read behind it. */
typedef struct {
    int64_t position;
    shape shape;
    int64_t delay, exact, slots, past;
    axis y, x;
} operand;

/* Operands [operand, operand_end) and results [result, result_end) of the lists; results share one number of rows. */
typedef struct {
    int64_t index, operand, operand_end, result, result_end;
} node;

/* Where pixels are: in slot y % rows * columns + x % columns from byte `at` on, or, with rows 0, in slot
 * (y * columns + x) % pixels. */
typedef struct {
    int64_t at, pixel, columns, rows, pixels;
} view;

#define WHOLE_ROWS (INT64_C(1) << 40) /* as the end of columns: all of each result's */

enum { WRONG = 1, OUTSIDE, TAKEN, VIEW, RING, REGION, TWICE };

/* What went wrong first: `operand` of operator `op` (-1: outputs, results or copies), pixel (y, x) of the frame, byte
 * `at` of memory, and the identities found there and wanted. */
typedef struct {
    int64_t kind, op, operand, frame, y, x, at, found, wanted;
} event;

/* What a machine is made of, as numbers: `kept` frames whose names are kept, two more than the longest delay;
 * `largest`: pixels of the largest tensor; `befores`: entries of `before`. */
typedef struct {
    int64_t all, arena, bytes, nodes, inputs, befores, kept, largest;
} sizes;

typedef struct {
    sizes n;
    const node *node_list;
    const operand *operand_list;
    const shape *result_list;
    const shape *input_list; /* input k is the caller's, at byte input_at[k] of memory */
    const int64_t *input_at;
    int32_t *memory; /* [bytes]: the arena, then the inputs with gaps between */
    uint8_t *state;  /* [bytes] 0 free, 1 being written by the call that runs, 2 no memory */
    int32_t *names;  /* [kept + 1][all]: identities of each frame's bytes; the last of frames before the first */
    int32_t *last;   /* [all] frame of the last computation of a pixel, at its first byte */
    int32_t *pixels; /* [2 * largest]: events of an operand's pixels, of a result's */
    int64_t *again;  /* [nodes] pixels computed more than once in their frame */
    event *events;   /* from 1 on */
    int64_t count, fatal, frame, start;
} machine;

/* A machine before its first frame; NULL where there is no memory for it. `before`: first byte, bytes and value of
 * tensors that have a value before the first frame. */
machine *machine_new(const sizes *n, const node *nodes, const operand *operands, const shape *results,
                     const shape *inputs, const int64_t *input_at, const int64_t (*before)[3]);
void machine_free(machine *m);

/* The next frame, of which input rows [y0, y1) of `rows` may differ from the frame before; `begins`: none is before. */
void machine_frame(machine *m, int64_t begins, int64_t rows, int64_t y0, int64_t y1);

/* Operator number `op` of the list computes result rows [y0, y1) by columns [x0, x1). */
void machine_call(machine *m, int64_t op, const view *in, const view *out, int64_t y0, int64_t y1, int64_t x0,
                  int64_t x1);

void machine_copy(machine *m, int64_t to, int64_t from, int64_t bytes);
void machine_set(machine *m, int64_t to, int64_t value, int64_t bytes);

/* `count` calls and copies, one after the other, in records of `width` numbers: 0, op, y0, y1, x0, x1, `ins` views of
 * operands and views of results; or 1, to, from, bytes. */
void machine_steps(machine *m, const int64_t *records, int64_t count, int64_t width, int64_t ins);

/* 0 if the bytes from `at` on are this frame's whole tensor, else the event that says why not. */
int64_t machine_holds(machine *m, const shape *tensor, int64_t at);

/* Whether the arena is what it was `frames` frames ago, when it was `then`, but that every frame in it is as much
 * later. What is older than any delay reaches no frame can read. */
int64_t machine_came_round(const machine *m, const int32_t *then, int64_t frames);

const int32_t *machine_memory(const machine *m);
const event *machine_event(const machine *m, int64_t number);
int64_t machine_fatal(const machine *m);

#endif
