/* SPDX-License-Identifier: Apache-2.0 */
/* Memory in which every byte holds an identity: which byte of which tensor of which frame was written there.
 *
 *   1 + frame * all + k   byte k of a frame, counted over all tensors of the model one after the other, row-major
 *   0                     nobody wrote it, or it was computed from what nobody wrote
 *   -1 - v                the constant v, 0 to 255
 *
 * Everything is int64 or a pointer to it unless it says otherwise; tables are made from the model alone (facts.py), the
 * rest by machine.py. Extents are half open. */
#ifndef IDENTITIES_CALLS_H
#define IDENTITIES_CALLS_H

#include <stdint.h>

/* A window along one axis: position p reads floor((p * stride - before) / upsample) + j * dilation, 0 <= j < taps, as
 * far as they exist, without the last one where that division leaves less than `shorter`. taps 0: everything along that
 * axis is read. */
typedef struct {
    int64_t taps, stride, dilation, before, upsample, shorter;
} axis;

/* A tensor as one operator sees it: `rows` by `width` pixels of `pixel` bytes, of which the first is number `first`.
 * With `rows` 0 the working memory of a kernel, all of which every call writes. */
typedef struct {
    int64_t first, rows, width, pixel;
} shape;

/* `position` in the operator's list; read from the frame `delay` frames back. `exact`: element i of it is read before
 * element i of the result is written. `slots` above 0: rows of its view are whole frames, so many, and the window `y`
 * starts at the oldest, `delay` frames back; its shape then has each frame as one pixel. `past`: bytes that may be
 * read behind a row. */
typedef struct {
    int64_t position;
    shape shape;
    int64_t delay, exact, slots, past;
    axis y, x;
} operand;

/* Operands [operand, operand_end) and results [result, result_end) of the lists; results share one number of rows.
 * Nodes are in the order of their indices, no two alike, so that none is behind the place of its index. */
typedef struct {
    int64_t index, operand, operand_end, result, result_end;
} node;

/* Where pixels are: in slot y % rows * columns + x % columns from byte `at` on, or, with rows 0, in slot
 * (y * columns + x) % pixels. With columns 0, rows of `pixel` bytes: row y in slot y % rows. */
typedef struct {
    int64_t at, pixel, columns, rows, pixels;
} view;

enum { WRONG = 1, OUTSIDE, TAKEN, TWICE, VIEW, RING, REGION };

/* What went wrong first: `operand` of operator `op` (-1: its result, or a copy), pixel (y, x) of the frame, byte `at`
 * of memory, and the identities found there and wanted. */
typedef struct {
    int64_t kind, op, operand, frame, y, x, at, found, wanted;
} event;

/* Memory is the arena and then the caller's inputs. `names` are the identities of each frame's bytes, those of frame f
 * in row f % kept, those of frames before frame `start` in row `kept`. */
typedef struct {
    int64_t all, arena, bytes, nodes, kept, frame, start;
    event event;
    const node *node_list;
    const operand *operand_list;
    const shape *result_list;
    int32_t *memory; /* [bytes] */
    uint8_t *state;  /* [bytes] 0 free, 1 being written by the call that runs, 2 no memory */
    int32_t *names;  /* [kept + 1][all] */
} machine;

#define WHOLE_ROWS (INT64_C(1) << 40) /* as the end of columns: all of each result's */

/* Operator `index` of the model computes result rows [y0, y1) by columns [x0, x1); views of `ins` operands, then of
 * `outs` results. What it computes from wrong bytes is written as 0. */
void machine_call(machine *m, int64_t index, const view *views, int64_t ins, int64_t outs, int64_t y0, int64_t y1,
                  int64_t x0, int64_t x1);

void machine_copy(machine *m, int64_t to, int64_t from, int64_t bytes);
void machine_set(machine *m, int64_t to, int64_t value, int64_t bytes);

#endif
