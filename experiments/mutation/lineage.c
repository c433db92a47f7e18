/* Runs one stage of a plan on identities in place of values: every byte of the arena holds which byte of which tensor
 * of which frame was written there. Called by lineage.py, which fills in the tables below; all of them are arrays of
 * int64.
 *
 * An identity is 1 + frame * all + first + i for byte i of a tensor; -(1 + first + i) for frames before the first one
 * where the model fills them; 0 for what nobody wrote, or what was computed from anything but what the model reads.
 */

#include <stdint.h>
#include <stdlib.h>

enum { ROWS, TILE, PIXELS, OUTSIDE };

typedef struct {
    int64_t first, offset, rows, width, pixel, kind, kept_rows, kept_columns, kept_pixels, frames, frame_bytes, filled;
} tensor;

/* A kernel of 0 taps: everything along that axis is read. `exact` says that element i of the operand is read before
 * element i of the result is written. `slides`: rows are frames, oldest first, `delay` the delay of the oldest. */
typedef struct {
    int64_t tensor, delay, exact, slides, step;
    int64_t y_taps, y_stride, y_dilation, y_before, y_upsample;
    int64_t x_taps, x_stride, x_dilation, x_before, x_upsample;
} operand;

/* Operands [operand, operand_end) of the stage's list; results likewise. Regions start at these places of two lists of
 * intervals, one interval per tick. A feed has no operands, and fires when m is 0 only. */
typedef struct {
    int64_t operand, operand_end, result, result_end, rows, columns, is_feed;
} firing;

typedef struct {
    const tensor *tensors;
    const operand *operands;
    const int64_t *results; /* tensor, and whether all of its rows are written at once */
    int32_t *memory;
    int32_t *busy;  /* number of the firing that writes this byte */
    uint8_t *sound; /* of the operand's pixels, one firing at a time */
    uint8_t *right; /* of the result's pixels */
    int64_t arena, all, frame, now;
    int64_t outside; /* accesses beyond the arena */
} machine;

typedef struct {
    int64_t y0, y1, x0, x1;
} region;

static int64_t floor_div(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t slot_of(const tensor *t, int64_t y, int64_t x) {
    if (t->kind == PIXELS) {
        return (y * t->width + x) % t->kept_pixels;
    }
    if (t->kind == TILE) {
        return y % t->kept_rows * t->kept_columns + x % t->kept_columns;
    }
    return y % t->kept_rows * t->width + x;
}

static int64_t address(const tensor *t, int64_t frame, int64_t y, int64_t x) {
    int64_t turn = (frame % t->frames + t->frames) % t->frames;
    return t->offset + turn * t->frame_bytes + slot_of(t, y, x) * t->pixel;
}

/* 1 if the bytes from `at` on are those of pixel (y, x) of `frame`, 2 if they lie beyond the arena, else 0. */
static uint8_t holds(machine *m, const tensor *t, int64_t at, int64_t frame, int64_t y, int64_t x, int checked) {
    int64_t byte = t->first + (y * t->width + x) * t->pixel;
    int32_t step = frame < 0 ? -1 : 1;
    int32_t expected = (int32_t)(frame < 0 ? -(1 + byte) : 1 + frame * m->all + byte);
    int different = frame < 0 && !t->filled;
    if (at < 0 || at + t->pixel > m->arena) {
        return 2;
    }
    for (int64_t i = 0; i < t->pixel; i++) {
        different |= m->memory[at + i] != expected + step * (int32_t)i;
    }
    if (checked) {
        for (int64_t i = 0; i < t->pixel; i++) {
            different |= m->busy[at + i] == (int32_t)m->now;
        }
    }
    return (uint8_t)!different;
}

/* Fills m->sound for the pixels of `part`. A pixel at exactly the place of the result's may be busy. */
static void look(machine *m, const operand *o, const tensor *result, region part, int64_t slot, int64_t frame,
                 int checked) {
    const tensor *t = &m->tensors[o->tensor];
    uint8_t *sound = m->sound;
    for (int64_t y = part.y0; y < part.y1; y++) {
        for (int64_t x = part.x0; x < part.x1; x++) {
            int64_t at = t->kind == OUTSIDE ? 0 : address(t, slot, y, x);
            int same = o->exact && t->pixel == result->pixel && t->width == result->width &&
                       at == address(result, m->frame, y, x);
            *sound++ = t->kind == OUTSIDE ? 1 : holds(m, t, at, frame, y, x, checked && !same);
        }
    }
}

static region needed(const operand *o, const tensor *t, region out) {
    region part = {0, t->rows, 0, t->width};
    if (o->y_taps) {
        int64_t reach = (o->y_taps - 1) * o->y_dilation + 1;
        part.y0 = most(0, floor_div(out.y0 * o->y_stride - o->y_before, o->y_upsample));
        part.y1 = least(t->rows, floor_div((out.y1 - 1) * o->y_stride - o->y_before, o->y_upsample) + reach);
    }
    if (o->x_taps) {
        int64_t reach = (o->x_taps - 1) * o->x_dilation + 1;
        part.x0 = most(0, floor_div(out.x0 * o->x_stride - o->x_before, o->x_upsample));
        part.x1 = least(t->width, floor_div((out.x1 - 1) * o->x_stride - o->x_before, o->x_upsample) + reach);
    }
    return part;
}

/* Whether all taps of result pixel (y, x) are sound. */
static uint8_t taps(machine *m, const operand *o, region part, int64_t y, int64_t x) {
    int64_t wide = part.x1 - part.x0;
    int64_t top = o->y_taps ? floor_div(y * o->y_stride - o->y_before, o->y_upsample) : part.y0;
    int64_t left = o->x_taps ? floor_div(x * o->x_stride - o->x_before, o->x_upsample) : part.x0;
    int64_t down = o->y_taps ? o->y_dilation : 1, along = o->x_taps ? o->x_dilation : 1;
    int64_t bottom = o->y_taps ? top + (o->y_taps - 1) * down + 1 : part.y1;
    int64_t right = o->x_taps ? left + (o->x_taps - 1) * along + 1 : part.x1;
    uint8_t good = 1;
    for (int64_t v = top; v < bottom; v += down) {
        for (int64_t u = left; u < right; u += along) {
            if (v >= part.y0 && v < part.y1 && u >= part.x0 && u < part.x1) {
                uint8_t found = m->sound[(v - part.y0) * wide + u - part.x0];
                m->outside += found == 2;
                good &= found == 1;
            }
        }
    }
    return good;
}

static uint8_t everything(machine *m, int64_t count) {
    uint8_t good = 1;
    for (int64_t i = 0; i < count; i++) {
        m->outside += m->sound[i] == 2;
        good &= m->sound[i] == 1;
    }
    return good;
}

static void read_operand(machine *m, const operand *o, const tensor *result, region out, int checked) {
    const tensor *t = &m->tensors[o->tensor];
    int64_t count = (out.y1 - out.y0) * (out.x1 - out.x0);
    if (o->slides) { /* its kernel walks the slots from that of frame + 1 on */
        for (int64_t j = 0; j < o->slides; j++) {
            region part = {0, t->rows, 0, t->width};
            look(m, o, result, part, m->frame + 1 + o->step * j, m->frame - o->delay + o->step * j, checked);
            uint8_t good = everything(m, t->rows * t->width);
            for (int64_t i = 0; i < count; i++) {
                m->right[i] &= good;
            }
        }
        return;
    }
    region part = needed(o, t, out);
    if (part.y0 >= part.y1 || part.x0 >= part.x1) {
        return; /* padding only */
    }
    look(m, o, result, part, m->frame - o->delay, m->frame - o->delay, checked);
    if (!o->y_taps && !o->x_taps) {
        uint8_t good = everything(m, (part.y1 - part.y0) * (part.x1 - part.x0));
        for (int64_t i = 0; i < count; i++) {
            m->right[i] &= good;
        }
        return;
    }
    uint8_t *right = m->right;
    for (int64_t y = out.y0; y < out.y1; y++) {
        for (int64_t x = out.x0; x < out.x1; x++) {
            if (!o->x_taps && x > out.x0) { /* whole rows are read: as for the first pixel */
                *right &= right[-1];
            } else {
                *right &= taps(m, o, part, y, x);
            }
            right++;
        }
    }
}

static void mark(machine *m, const tensor *t, region out) {
    for (int64_t y = out.y0; y < out.y1; y++) {
        for (int64_t x = out.x0; x < out.x1; x++) {
            int64_t at = address(t, m->frame, y, x);
            for (int64_t i = 0; i < t->pixel; i++) {
                if (at + i >= 0 && at + i < m->arena) {
                    m->busy[at + i] = (int32_t)m->now;
                }
            }
        }
    }
}

/* `right` has one entry per pixel, or with `step` 0 one for all. */
static void write_result(machine *m, const tensor *t, region out, const uint8_t *right, int step) {
    for (int64_t y = out.y0; y < out.y1; y++) {
        for (int64_t x = out.x0; x < out.x1; x++) {
            int64_t at = address(t, m->frame, y, x);
            int32_t id = (int32_t)(1 + m->frame * m->all + t->first + (y * t->width + x) * t->pixel);
            if (at < 0 || at + t->pixel > m->arena) {
                m->outside++;
            } else {
                for (int64_t i = 0; i < t->pixel; i++) {
                    m->memory[at + i] = *right ? id + (int32_t)i : 0;
                }
            }
            right += step;
        }
    }
}

/* The region of one result: where it is computed at once, in other rows than the first one, all of it. */
static region of_result(const machine *m, int64_t k, region out) {
    const tensor *t = &m->tensors[m->results[2 * k]];
    region all = {0, t->rows, 0, t->width};
    out.x1 = least(out.x1, t->width);
    return m->results[2 * k + 1] ? all : out;
}

static void fire(machine *m, const firing *f, region out, int hostile) {
    const tensor *first = &m->tensors[m->results[2 * f->result]];
    region whole = of_result(m, f->result, out);
    int64_t count = (whole.y1 - whole.y0) * (whole.x1 - whole.x0);
    m->now++;
    for (int64_t k = f->result; hostile && k < f->result_end; k++) {
        mark(m, &m->tensors[m->results[2 * k]], of_result(m, k, out));
    }
    for (int64_t i = 0; i < count; i++) {
        m->right[i] = 1;
    }
    for (int64_t k = f->operand; k < f->operand_end; k++) {
        read_operand(m, &m->operands[k], first, whole, hostile);
    }
    uint8_t all_right = 1;
    for (int64_t i = 0; i < count; i++) {
        all_right &= m->right[i];
    }
    for (int64_t k = f->result; k < f->result_end; k++) {
        const tensor *t = &m->tensors[m->results[2 * k]];
        region part = of_result(m, k, out);
        int same = t->width == first->width && !m->results[2 * k + 1];
        write_result(m, t, part, same || k == f->result ? m->right : &all_right, same || k == f->result);
    }
}

/* Runs a stage; `outer_columns` says that columns are its outer loop. Returns the accesses beyond the arena. */
int64_t lineage_stage(const tensor *tensors, const operand *operands, const int64_t *results, const firing *firings,
                      int64_t count, const int64_t *rows, const int64_t *columns, int64_t ticks, int64_t column_ticks,
                      int64_t outer_columns, int64_t hostile, int32_t *memory, int32_t *busy, int64_t arena,
                      int64_t all, int64_t frame, int64_t *now, int64_t largest) {
    machine m = {tensors, operands, results, memory, busy, 0, 0, arena, all, frame, *now, 0};
    m.sound = malloc((size_t)largest);
    m.right = malloc((size_t)largest);
    int64_t ready = m.sound && m.right;
    for (int64_t step = 0; ready && step < ticks * column_ticks; step++) {
        int64_t n = outer_columns ? step % ticks : step / column_ticks;
        int64_t k = outer_columns ? step / ticks : step % column_ticks;
        for (int64_t i = 0; i < count; i++) {
            const int64_t *y = rows + 2 * (firings[i].rows + n), *x = columns + 2 * (firings[i].columns + k);
            region out = {y[0], y[1], x[0], x[1]};
            if (out.y0 < out.y1 && out.x0 < out.x1 && !(firings[i].is_feed && k > 0)) {
                fire(&m, &firings[i], out, (int)hostile);
            }
        }
    }
    free(m.sound);
    free(m.right);
    *now = m.now;
    return ready ? m.outside : -1;
}

/* Whether the arena holds a whole tensor of a frame. */
int64_t lineage_holds(const tensor *t, int32_t *memory, int64_t arena, int64_t all, int64_t frame) {
    machine m = {t, 0, 0, memory, 0, 0, 0, arena, all, frame, 0, 0};
    for (int64_t y = 0; y < t->rows; y++) {
        for (int64_t x = 0; x < t->width; x++) {
            if (holds(&m, t, address(t, frame, y, x), frame, y, x, 0) != 1) {
                return 0;
            }
        }
    }
    return 1;
}
