/* SPDX-License-Identifier: Apache-2.0 */
#include "calls.h"

#include <string.h>

enum { FREE, BUSY, NOWHERE };

/* One call of a kernel: its operator, its region, the first result's view. */
typedef struct {
    machine *m;
    const node *node;
    int64_t y0, y1, x0, x1;
    view out;
} call;

static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* Keeps the first event, or the first that is more than a wrong byte. Returns 0: it does not hold. */
static int fault(machine *m, event e) {
    if (m->event.kind == 0 || (m->event.kind == WRONG && e.kind != WRONG)) {
        m->event = e;
    }
    return 0;
}

/* The first tap, with less 0; with less = shorter the last one's distance of `taps` - 1 before the last. */
static int64_t start_of(const axis *a, int64_t p, int64_t less) {
    const int64_t n = p * a->stride - a->before - less;
    return n >= 0 ? n / a->upsample : -((a->upsample - 1 - n) / a->upsample);
}

static const int32_t *names_of(const machine *m, int64_t frame) {
    return m->names + (frame < m->start ? m->kept : frame % m->kept) * m->all;
}

static uint8_t states(const machine *m, int64_t at, int64_t bytes) {
    uint8_t all = FREE;
    if (at < 0 || bytes < 0 || at > m->bytes - bytes) {
        return NOWHERE;
    }
    for (int64_t i = 0; i < bytes; i++) {
        all |= m->state[at + i];
    }
    return all;
}

/* Where pixel (y, x) is. Lowers *run, a count of pixels from x on, to those that follow each other there. */
static int64_t place(const view *v, int64_t y, int64_t x, int64_t *run) {
    const int64_t slot = v->rows ? y % v->rows * v->columns + x % v->columns : (y * v->columns + x) % v->pixels;
    *run = least(*run, v->rows ? v->columns - x % v->columns : v->pixels - slot);
    return v->at + slot * v->pixel;
}

/* A view of tensor `s` by pixels; of 0 bytes each if it is none as kernels take them. */
static view of_tensor(view v, const shape *s) {
    if (v.columns == 0) {
        v = (view){v.at, v.pixel == s->width * s->pixel ? s->pixel : 0, s->width, v.rows, v.rows * s->width};
    }
    const int tile = v.rows >= 1 && v.columns >= 1 && v.pixels == v.rows * v.columns;
    const int raster = v.rows == 0 && v.columns == s->width && v.pixels >= 1;
    v.pixel = v.pixel == s->pixel && (tile || raster) ? v.pixel : 0;
    return v;
}

/* The most positions from the first to the last tap that lies on the image, of any one of the results [low, high). */
static int64_t span(const axis *a, int64_t low, int64_t high, int64_t extent) {
    int64_t widest = 0;
    for (int64_t p = low; a->taps && p < high; p++) {
        const int64_t start = start_of(a, p, 0), tap = start_of(a, p, a->shorter) - start + a->taps - 1;
        const int64_t last = least(tap, (extent - 1 - start) / a->dilation);
        const int64_t first = start < 0 ? (a->dilation - 1 - start) / a->dilation : 0;
        widest = most(widest, (last - first) * a->dilation);
    }
    return widest;
}

/* Kernels step from tap to tap and go back once at a ring's end: taps on the image are less than a ring apart. */
static int steps_fit(const call *c, const operand *o, const view *v) {
    const int64_t down = span(&o->y, c->y0, c->y1, o->shape.rows);
    const int64_t along = span(&o->x, c->x0, c->x1, o->shape.width);
    return v->rows ? down < v->rows && along < v->columns : down * v->columns + along < v->pixels;
}

/* Whether pixels [x, end) of a row of an operand are there, and are not being written but at their own results' place.
 */
static int holds(const call *c, const operand *o, const view *v, int64_t frame, int64_t row, int64_t y, int64_t x,
                 int64_t end) {
    machine *m = c->m;
    const shape *s = &o->shape;
    for (int64_t run; x < end; x += run) {
        run = end - x;
        const int64_t at = place(v, row, x, &run);
        uint8_t allowed = FREE;
        if (o->exact && y >= c->y0 && y < c->y1 && x >= c->x0 && x < c->x1) {
            run = least(run, c->x1 - x);
            allowed = place(&c->out, y, x, &run) == at ? BUSY : FREE;
        }
        const int32_t *wanted = names_of(m, frame) + s->first + (y * s->width + x) * s->pixel;
        const int64_t bytes = run * s->pixel;
        const int taken = states(m, at, bytes) & ~allowed, nowhere = states(m, at, bytes + o->past) & NOWHERE;
        if (taken || nowhere) {
            return fault(m, (event){nowhere ? OUTSIDE : TAKEN, c->node->index, o->position, frame, y, x, at, 0, 0});
        }
        int64_t i = memcmp(m->memory + at, wanted, (size_t)bytes * sizeof *wanted) == 0 ? bytes : 0;
        while (i < bytes && m->memory[at + i] == wanted[i]) {
            i++;
        }
        if (i < bytes) {
            return fault(m, (event){WRONG, c->node->index, o->position, frame, y, x + i / s->pixel, at + i,
                                    m->memory[at + i], wanted[i]});
        }
    }
    return 1;
}

/* The part [*first, *end) of `extent` positions from the first to the last that results [low, high) read. */
static void needed(const axis *a, int64_t low, int64_t high, int64_t extent, int64_t *first, int64_t *end) {
    *first = a->taps ? most(0, start_of(a, low, 0)) : 0;
    *end = a->taps ? least(extent, start_of(a, high - 1, a->shorter) + (a->taps - 1) * a->dilation + 1) : extent;
}

/* Whether an operand's pixels that the region reads are all there. */
static int reads(const call *c, const operand *o, view v) {
    machine *m = c->m;
    const shape *s = &o->shape;
    v = of_tensor(v, s);
    event e = {v.pixel ? RING : VIEW, c->node->index, o->position, m->frame, c->y0, c->x0, v.at, 0, 0};
    if (v.pixel == 0 || !steps_fit(c, o, &v)) {
        return fault(m, e);
    }
    for (int64_t j = 0; j < (o->slots ? o->y.taps : 0); j++) { /* taps are frames, whole */
        const int64_t slot = start_of(&o->y, c->y0, 0) + j * o->y.dilation;
        e.kind = REGION;
        const int there = slot >= 0 && slot < o->slots;
        if (there ? !holds(c, o, &v, m->frame - o->delay + j * o->y.dilation, slot, 0, 0, 1) : !fault(m, e)) {
            return 0;
        }
    }
    int64_t y0, y1, x0, x1;
    needed(&o->y, c->y0, c->y1, o->slots ? 0 : s->rows, &y0, &y1);
    needed(&o->x, c->x0, c->x1, s->width, &x0, &x1);
    for (int64_t y = y0; y < y1 && x0 < x1; y++) {
        if (!holds(c, o, &v, m->frame - o->delay, y, y, x0, x1)) {
            return 0;
        }
    }
    return 1;
}

/* Goes through the region's pixels of a result; rows count from `top` on. First to say that they are being written, and
 * whether all are in the arena, each at a place of its own; then to write them, `right` or not. */
static int visit(const call *c, const shape *s, const view *seen, int64_t x1, int64_t top, int writes, int right) {
    machine *m = c->m;
    const view v = of_tensor(*seen, s);
    const int64_t end = least(x1, s->width), y1 = s->rows ? c->y1 : top + 1;
    for (int64_t y = s->rows ? c->y0 : top; y < y1; y++) {
        for (int64_t x = s->rows ? c->x0 : 0, run; x < end; x += run) {
            run = end - x;
            const int64_t at = place(&v, y, x, &run), bytes = run * s->pixel;
            const int beyond = at < 0 || at > m->arena - bytes;
            const int32_t *names = names_of(m, m->frame) + s->first + ((y - top) * s->width + x) * s->pixel;
            if (!writes && (beyond || states(m, at, bytes))) {
                right = fault(m, (event){beyond ? OUTSIDE : TWICE, c->node->index, -1, m->frame, y, x, at, 0, 0});
            }
            for (int64_t i = 0; i < bytes && !beyond; i++) {
                m->state[at + i] = writes ? FREE : BUSY;
                m->memory[at + i] = !writes ? m->memory[at + i] : right ? names[i] : 0;
            }
        }
    }
    return right;
}

void machine_call(machine *m, int64_t index, const view *views, int64_t ins, int64_t outs, int64_t y0, int64_t y1,
                  int64_t x0, int64_t x1) {
    int64_t place = least(index, m->nodes - 1);
    while (place >= 0 && m->node_list[place].index != index) {
        place--;
    }
    const node *n = place >= 0 ? &m->node_list[place] : 0;
    const int64_t results = n ? n->result_end - n->result : -1;
    int right = outs == results && y0 >= 0 && x0 >= 0;
    for (int64_t k = n ? n->operand : 0; right && k < n->operand_end; k++) {
        right = m->operand_list[k].position < ins;
    }
    /* A window over frames has one result, at any row of its ring. */
    const int64_t top = right && n->operand < n->operand_end && m->operand_list[n->operand].slots ? y0 : 0;
    for (int64_t k = 0; right && k < results; k++) {
        const shape *s = &m->result_list[n->result + k];
        const int fits = y1 - top <= s->rows && (x1 <= s->width || x1 == WHOLE_ROWS);
        right = of_tensor(views[ins + k], s).pixel && (fits || s->rows == 0);
    }
    if (!right) {
        fault(m, (event){REGION, index, -1, m->frame, y0, x0, -1, 0, 0});
        return;
    }
    const shape *s = &m->result_list[n->result];
    const call c = {m, n, y0, y1, x0, least(x1, s->width), of_tensor(views[ins], s)};
    for (int64_t k = 0; k < results; k++) {
        right = visit(&c, &s[k], &views[ins + k], x1, top, 0, right);
    }
    for (int64_t k = n->operand; c.y0 < c.y1 && c.x0 < c.x1 && k < n->operand_end; k++) {
        right &= reads(&c, &m->operand_list[k], views[m->operand_list[k].position]);
    }
    for (int64_t k = 0; k < results; k++) {
        visit(&c, &s[k], &views[ins + k], x1, top, 1, right);
    }
}

static int inside(machine *m, int64_t to, int64_t bytes) {
    const event e = {OUTSIDE, -1, -1, m->frame, 0, 0, to, 0, 0};
    return to >= 0 && bytes >= 0 && to <= m->arena - bytes ? 1 : fault(m, e);
}

void machine_copy(machine *m, int64_t to, int64_t from, int64_t bytes) {
    const int there = states(m, from, bytes) == FREE, apart = to + bytes <= from || from + bytes <= to;
    const event e = {there ? REGION : OUTSIDE, -1, -1, m->frame, 0, 0, from, 0, 0};
    if (inside(m, to, bytes) && (there && apart ? 1 : fault(m, e))) {
        memcpy(m->memory + to, m->memory + from, (size_t)bytes * sizeof *m->memory);
    }
}

void machine_set(machine *m, int64_t to, int64_t value, int64_t bytes) {
    const int can = inside(m, to, bytes);
    for (int64_t i = 0; can && i < bytes; i++) {
        m->memory[to + i] = (int32_t)(-1 - (value & 255));
    }
}
