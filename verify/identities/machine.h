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

typedef struct {
    int64_t all, arena, bytes, nodes, inputs, kept; /* kept: frames whose names are kept, above the longest delay */
    const node *node_list;
    const operand *operand_list;
    const shape *result_list;
    const shape *input_list; /* input k is the caller's at byte input_at[k] of memory */
    const int64_t *input_at;
    int32_t *memory; /* [bytes] */
    uint8_t *state;  /* [bytes] 0 free, 1 being written by the operator that runs, 2 no memory */
    int32_t *names;  /* [kept + 1][all]: identities of each frame's bytes; the last of frames before the first */
    int32_t *last;   /* [all] frame of the last computation of a pixel, at its first byte */
    int32_t *pixels; /* [2 * largest]: events of an operand's pixels, of a result's */
    int64_t largest; /* pixels of the largest tensor */
    int64_t *again;  /* [nodes] pixels computed more than once in their frame */
    event *events;   /* [room] from 1 on */
    int64_t room, count, fatal, frame, start;
} machine;

/* The next frame, of which input rows [y0, y1) of `rows` may differ from the frame before; `begins`: none is before. */
void machine_frame(machine *m, int64_t begins, int64_t rows, int64_t y0, int64_t y1);

/* Operator number `op` of the list computes result rows [y0, y1) by columns [x0, x1). */
void machine_call(machine *m, int64_t op, const view *in, const view *out, int64_t y0, int64_t y1, int64_t x0,
                  int64_t x1);

void machine_copy(machine *m, int64_t to, int64_t from, int64_t bytes);
void machine_set(machine *m, int64_t to, int64_t value, int64_t bytes);

/* 0 if the bytes from `at` on are this frame's whole tensor, else the event that says why not. */
int64_t machine_holds(machine *m, const shape *tensor, int64_t at);

#endif
