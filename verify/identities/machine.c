/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include <stdlib.h>
#include <string.h>

enum { FREE, BUSY, NOWHERE };

#define POISON (-1000)
#define ROOM 65536 /* of events; what comes later is put down to the last of them */

/* One call of a kernel: of the pixels that it finds wrong, the first of an operand is an event. */
typedef struct {
    int64_t op, y0, y1, x0, x1;
    const view *out; /* the first result's */
    int32_t found;
} call;

static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static int32_t first_of(int32_t found, int32_t next) { return found ? found : next; }

static int64_t start_of(const axis *a, int64_t p) {
    const int64_t n = p * a->stride - a->before;
    return n >= 0 ? n / a->upsample : -((a->upsample - 1 - n) / a->upsample);
}

static const int32_t *names_of(const machine *m, int64_t frame) {
    return m->names + (frame < m->start ? m->n.kept : frame % m->n.kept) * m->n.all;
}

static int32_t add_event(machine *m, event found) {
    if (m->count + 1 < ROOM) {
        m->events[++m->count] = found;
    }
    if (found.kind != WRONG && found.kind != TAKEN && m->fatal == 0) {
        m->fatal = m->count;
    }
    return (int32_t)m->count;
}

static uint8_t states(const machine *m, int64_t at, int64_t bytes) {
    uint8_t all = FREE;
    if (at < 0 || bytes < 0 || at > m->n.bytes - bytes) {
        return NOWHERE;
    }
    for (int64_t i = 0; i < bytes; i++) {
        all |= m->state[at + i];
    }
    return all;
}

/* Whether the bytes from `at` on are `wanted`; `taken` is what their state may be besides free. */
static int holds(const machine *m, int64_t at, const int32_t *wanted, int64_t bytes, uint8_t taken) {
    return (states(m, at, bytes) & ~taken) == 0 && memcmp(m->memory + at, wanted, (size_t)bytes * sizeof *wanted) == 0;
}

/* The event behind bytes that are not `wanted`: that of what is found there, or else `found`, or a new one. */
static int32_t blame(machine *m, event e, const int32_t *wanted, int64_t bytes, int64_t past, int32_t found) {
    const uint8_t state = states(m, e.at, bytes) | (states(m, e.at, bytes + past) & NOWHERE);
    e.kind = state & NOWHERE ? OUTSIDE : state & BUSY ? TAKEN : WRONG;
    if (e.kind == WRONG) {
        int64_t i = 0;
        while (m->memory[e.at + i] == wanted[i]) {
            i++;
        }
        e.at += i;
        e.found = m->memory[e.at];
        e.wanted = wanted[i];
        if (e.found <= POISON) {
            return (int32_t)(POISON - e.found);
        }
    }
    return found && e.kind != OUTSIDE ? found : add_event(m, e);
}

/* Where pixel (y, x) is. Lowers *run, a count of pixels from x on, to those that follow each other there. */
static int64_t place(const view *v, int64_t y, int64_t x, int64_t *run) {
    const int64_t slot = v->rows ? y % v->rows * v->columns + x % v->columns : (y * v->columns + x) % v->pixels;
    *run = least(*run, v->rows ? v->columns - x % v->columns : v->pixels - slot);
    return v->at + slot * v->pixel;
}

/* Whether a view is one of tensor `s`, as kernels take them. */
static int fits(const view *v, const shape *s) {
    const int tile = v->rows >= 1 && v->columns >= 1 && v->pixels == v->rows * v->columns;
    const int raster = v->rows == 0 && v->columns == s->width && v->pixels >= 1;
    return v->pixel == s->pixel && (tile || raster);
}

/* Positions from the first to the last tap of one window, where they are on the image. */
static int64_t span(const axis *a, int64_t extent) {
    return a->taps ? least(a->taps - 1, (extent - 1) / a->dilation) * a->dilation : 0;
}

/* Kernels step from tap to tap and go back once at a ring's end: taps on the image are less than a ring apart. */
static int steps_fit(const operand *o, const view *v) {
    const int64_t down = span(&o->y, o->shape.rows), along = span(&o->x, o->shape.width);
    return v->rows ? down < v->rows && along < v->columns : down * v->columns + along < v->pixels;
}

/* Looks at pixels [x, end) of a row of an operand; writes their events, 0 where all is right, and returns one of them.
 */
static int32_t look(machine *m, call *c, const operand *o, const view *v, int64_t frame, int64_t slot_row, int64_t y,
                    int64_t x, int64_t end, int32_t *events) {
    const shape *s = &o->shape;
    int32_t any = 0;
    while (x < end) {
        int64_t run = end - x;
        const int64_t at = place(v, slot_row, x, &run);
        const int inside = y >= c->y0 && y < c->y1 && x >= c->x0 && x < c->x1;
        uint8_t taken = FREE;
        if (o->exact && inside) {
            run = least(run, c->x1 - x);
            taken = place(c->out, y, x, &run) == at ? BUSY : FREE;
        }
        const int32_t *wanted = names_of(m, frame) + s->first + (y * s->width + x) * s->pixel;
        const int there = !(states(m, at, run * s->pixel + o->past) & NOWHERE);
        if (there && holds(m, at, wanted, run * s->pixel, taken)) {
            memset(events, 0, (size_t)run * sizeof *events);
        } else if (run > 1) { /* one by one */
            for (int64_t i = 0; i < run; i++) {
                any = first_of(any, look(m, c, o, v, frame, slot_row, y, x + i, x + i + 1, events + i));
            }
        } else {
            const event e = {0, c->op, o->position, frame, y, x, at, 0, 0};
            any = *events = c->found = blame(m, e, wanted, s->pixel, o->past, c->found);
        }
        x += run;
        events += run;
    }
    return any;
}

/* The part [*first, *end) of `extent` positions that results [low, high) read. */
static void needed(const axis *a, int64_t low, int64_t high, int64_t extent, int64_t *first, int64_t *end) {
    *first = a->taps ? most(0, start_of(a, low)) : 0;
    *end = a->taps ? least(extent, start_of(a, high - 1) + (a->taps - 1) * a->dilation + 1) : extent;
}

/* The event behind one of the taps of result (y, x), of operand pixels [y0, y1) by [x0, x1), or 0. */
static int32_t taps(const operand *o, const int32_t *events, int64_t y0, int64_t y1, int64_t x0, int64_t x1, int64_t y,
                    int64_t x) {
    const int64_t top = o->y.taps ? start_of(&o->y, y) : y0, down = o->y.taps ? o->y.dilation : 1;
    const int64_t left = o->x.taps ? start_of(&o->x, x) : x0, along = o->x.taps ? o->x.dilation : 1;
    const int64_t bottom = o->y.taps ? least(y1, top + (o->y.taps - 1) * down + 1) : y1;
    const int64_t right = o->x.taps ? least(x1, left + (o->x.taps - 1) * along + 1) : x1;
    for (int64_t v = top; v < bottom; v += down) {
        for (int64_t u = left; u < right && v >= y0; u += along) {
            if (u >= x0 && events[(v - y0) * (x1 - x0) + u - x0]) {
                return events[(v - y0) * (x1 - x0) + u - x0];
            }
        }
    }
    return 0;
}

static void spoil(int32_t *results, int64_t count, int32_t found) {
    for (int64_t i = 0; i < count && found; i++) {
        results[i] = found;
    }
}

/* Reads one operand; returns whether a result is wrong for it, and marks in `results` which. */
static int32_t read_operand(machine *m, call *c, const operand *o, const view *v, int32_t *results) {
    const int64_t rows = c->y1 - c->y0, columns = c->x1 - c->x0;
    int64_t y0, y1, x0, x1;
    int32_t any = 0;
    if (!fits(v, &o->shape) || !steps_fit(o, v)) {
        const event e = {fits(v, &o->shape) ? RING : VIEW, c->op, o->position, m->frame, c->y0, c->x0, v->at, 0, 0};
        any = add_event(m, e);
    } else if (o->slots) { /* the window's taps are frames, whole */
        for (int64_t j = 0; j < o->y.taps; j++) {
            const int64_t slot = start_of(&o->y, c->y0) + j * o->y.dilation;
            const int64_t frame = m->frame - o->delay + j * o->y.dilation;
            const event beyond = {REGION, c->op, o->position, frame, slot, 0, v->at, 0, 0};
            const int there = slot >= 0 && slot < o->slots;
            any = first_of(any, there ? look(m, c, o, v, frame, slot, 0, 0, 1, m->pixels) : add_event(m, beyond));
        }
    } else {
        needed(&o->y, c->y0, c->y1, o->shape.rows, &y0, &y1);
        needed(&o->x, c->x0, c->x1, o->shape.width, &x0, &x1);
        for (int64_t y = y0; y < y1 && x0 < x1; y++) {
            int32_t *events = m->pixels + (y - y0) * (x1 - x0);
            any = first_of(any, look(m, c, o, v, m->frame - o->delay, y, y, x0, x1, events));
        }
        for (int64_t i = 0; any && i < rows * columns; i++) {
            const int32_t found = taps(o, m->pixels, y0, y1, x0, x1, c->y0 + i / columns, c->x0 + i % columns);
            results[i] = first_of(results[i], found);
        }
        return any;
    }
    spoil(results, rows * columns, any);
    return any;
}

/* Runs through a result's pixels of the region: says that they are being written (`to` BUSY), or no longer (FREE).
 * Returns the event of one that cannot be, or 0. */
static int32_t mark(machine *m, const call *c, const view *v, uint8_t to) {
    int32_t any = 0;
    for (int64_t y = c->y0; y < c->y1; y++) {
        for (int64_t x = c->x0, run; x < c->x1; x += run) {
            run = c->x1 - x;
            const int64_t at = place(v, y, x, &run), bytes = run * v->pixel;
            const int beyond = at < 0 || at > m->n.arena - bytes;
            if (to == BUSY && (beyond || states(m, at, bytes))) {
                any =
                    first_of(any, add_event(m, (event){beyond ? OUTSIDE : TWICE, c->op, -1, m->frame, y, x, at, 0, 0}));
            }
            if (!beyond) {
                memset(m->state + at, to, (size_t)bytes);
            }
        }
    }
    return any;
}

/* Writes a result's pixels of the region; rows count from `top` on. `events` has one entry per pixel of the first
 * result, or is none; a result of another width has the first column's. */
static void write(machine *m, const call *c, const shape *s, const view *v, int64_t top, const int32_t *events,
                  int64_t wide, int same) {
    for (int64_t y = c->y0; y < c->y1; y++) {
        for (int64_t x = c->x0, run; x < c->x1; x += run) {
            run = events ? 1 : c->x1 - x;
            const int64_t at = place(v, y, x, &run), byte = ((y - top) * s->width + x) * s->pixel;
            const int32_t found = events ? events[(y - c->y0) * wide + (same ? x - c->x0 : 0)] : 0;
            for (int64_t i = 0; i < run * s->pixel && at >= 0 && at + i < m->n.arena; i++) {
                m->memory[at + i] = found ? POISON - found : names_of(m, m->frame)[s->first + byte + i];
            }
        }
    }
}

static void count_again(machine *m, int64_t op, const call *c, const shape *s, int64_t top) {
    for (int64_t y = c->y0 - top; y < c->y1 - top; y++) {
        for (int64_t x = c->x0; x < c->x1; x++) {
            int32_t *last = &m->last[s->first + (y * s->width + x) * s->pixel];
            m->again[op] += *last == (int32_t)m->frame;
            *last = (int32_t)m->frame;
        }
    }
}

void machine_call(machine *m, int64_t op, const view *in, const view *out, int64_t y0, int64_t y1, int64_t x0,
                  int64_t x1) {
    const node *o = &m->node_list[op];
    const shape *results = m->result_list;
    const int64_t slots = o->operand < o->operand_end ? m->operand_list[o->operand].slots : 0;
    const int64_t top = slots ? y0 : 0; /* a window over frames has one result, at any row of its ring */
    call c = {o->index, y0, y1, x0, x1, out, 0};
    int fit = y0 >= 0 && x0 >= 0;
    for (int64_t k = o->result; k < o->result_end; k++) {
        fit &= fits(&out[k - o->result], &results[k]) && y1 - top <= results[k].rows;
        fit &= x1 <= results[k].width || x1 == WHOLE_ROWS;
    }
    if (!fit) {
        add_event(m, (event){REGION, c.op, -1, m->frame, y0, x0, out->at, 0, 0});
        return;
    }
    int32_t *events = m->pixels + m->n.largest, any = 0;
    for (int64_t k = o->result; k < o->result_end; k++) {
        c.x1 = least(x1, results[k].width);
        any = first_of(any, mark(m, &c, &out[k - o->result], BUSY));
    }
    c.x1 = least(x1, results[o->result].width);
    const int64_t count = most(0, y1 - y0) * most(0, c.x1 - x0), wide = c.x1 - x0;
    memset(events, 0, (size_t)count * sizeof *events);
    spoil(events, count, any);
    for (int64_t k = o->operand; k < o->operand_end && count; k++) {
        c.found = 0;
        any = first_of(any, read_operand(m, &c, &m->operand_list[k], &in[m->operand_list[k].position], events));
    }
    count_again(m, op, &c, &results[o->result], top);
    for (int64_t k = o->result; k < o->result_end; k++) {
        c.x1 = least(x1, results[k].width);
        write(m, &c, &results[k], &out[k - o->result], top, any ? events : 0, wide, c.x1 - x0 == wide);
        mark(m, &c, &out[k - o->result], FREE);
    }
}

/* Whether everything that row `y` of an operator's results is computed from is what it was in the frame before. */
static int row_stays(const machine *m, const node *o, int64_t y) {
    for (int64_t k = o->operand; k < o->operand_end; k++) {
        const operand *in = &m->operand_list[k];
        const shape *s = &in->shape;
        int64_t y0, y1;
        needed(&in->y, y, y + 1, s->rows, &y0, &y1);
        const int64_t rows = in->slots ? 1 : most(0, y1 - y0), oldest = m->frame - in->delay;
        const int64_t byte = s->first + (in->slots ? 0 : y0 * s->width * s->pixel);
        for (int64_t f = oldest; f <= (in->slots ? m->frame : oldest); f++) {
            const size_t bytes = (size_t)(rows * s->width * s->pixel) * sizeof(int32_t);
            if (memcmp(names_of(m, f) + byte, names_of(m, f - 1) + byte, bytes) != 0) {
                return 0;
            }
        }
    }
    return 1;
}

static void keep_row(machine *m, const shape *s, int64_t y) {
    const int64_t byte = s->first + y * s->width * s->pixel, bytes = s->width * s->pixel;
    memcpy(m->names + m->frame % m->n.kept * m->n.all + byte, names_of(m, m->frame - 1) + byte,
           (size_t)bytes * sizeof(int32_t));
}

void machine_frame(machine *m, int64_t begins, int64_t rows, int64_t y0, int64_t y1) {
    m->frame++;
    m->start = begins ? m->frame : m->start;
    int32_t *names = m->names + m->frame % m->n.kept * m->n.all;
    for (int64_t k = 0; k < m->n.all; k++) {
        names[k] = (int32_t)(1 + m->frame * m->n.all + k);
    }
    for (int64_t k = 0; k < m->n.inputs; k++) {
        const int64_t bytes = m->input_list[k].rows * m->input_list[k].width * m->input_list[k].pixel;
        const shape by_rows = {m->input_list[k].first, rows, 1, bytes / rows};
        for (int64_t y = 0; y < rows; y++) {
            if (y < y0 || y >= y1) {
                keep_row(m, &by_rows, y);
            }
        }
        memcpy(m->memory + m->input_at[k], names + by_rows.first, (size_t)bytes * sizeof(int32_t));
    }
    for (const node *o = m->node_list; o < m->node_list + m->n.nodes && y1 - y0 < rows; o++) {
        for (int64_t y = 0; y < m->result_list[o->result].rows; y++) {
            for (int64_t k = o->result; k < o->result_end && row_stays(m, o, y); k++) {
                keep_row(m, &m->result_list[k], y);
            }
        }
    }
}

/* Whether `bytes` bytes of the arena from `to` on can be written by a copy. */
static int can_copy(machine *m, int64_t to, int64_t bytes) {
    const int can = to >= 0 && bytes >= 0 && to <= m->n.arena - bytes;
    if (!can) {
        add_event(m, (event){OUTSIDE, -1, -1, m->frame, 0, 0, to, 0, 0});
    }
    return can;
}

void machine_copy(machine *m, int64_t to, int64_t from, int64_t bytes) {
    const int apart = to + bytes <= from || from + bytes <= to;
    if (!can_copy(m, to, bytes)) {
        return;
    }
    if (states(m, from, bytes) || !apart) {
        add_event(m, (event){apart ? OUTSIDE : REGION, -1, -1, m->frame, 0, 0, from, 0, 0});
        return;
    }
    memcpy(m->memory + to, m->memory + from, (size_t)bytes * sizeof(int32_t));
}

void machine_set(machine *m, int64_t to, int64_t value, int64_t bytes) {
    for (int64_t i = 0; can_copy(m, to, bytes) && i < bytes; i++) {
        m->memory[to + i] = (int32_t)(-1 - (value & 255));
    }
}

int64_t machine_holds(machine *m, const shape *s, int64_t at) {
    const int64_t bytes = s->rows * s->width * s->pixel;
    const int32_t *wanted = names_of(m, m->frame) + s->first;
    const event e = {0, -1, -1, m->frame, 0, 0, at, 0, 0};
    return holds(m, at, wanted, bytes, FREE) ? 0 : blame(m, e, wanted, bytes, 0, 0);
}

void machine_steps(machine *m, const int64_t *records, int64_t count, int64_t width, int64_t ins) {
    for (const int64_t *r = records; r < records + count * width && m->fatal == 0; r += width) {
        if (r[0]) {
            machine_copy(m, r[1], r[2], r[3]);
        } else {
            const view *views = (const view *)(r + 6);
            machine_call(m, r[1], views, views + ins, r[2], r[3], r[4], r[5]);
        }
    }
}

int64_t machine_came_round(const machine *m, const int32_t *then, int64_t frames) {
    const int64_t oldest = (m->frame - frames - m->n.kept) * m->n.all;
    for (int64_t i = 0; i < m->n.arena; i++) {
        const int32_t now = m->memory[i];
        const int later = now > 0 && then[i] > 0 && now == then[i] + frames * m->n.all;
        if (!later && !(now == then[i] && now <= oldest) && !(now <= POISON && then[i] <= POISON)) {
            return 0;
        }
    }
    return 1;
}

const int32_t *machine_memory(const machine *m) { return m->memory; }

const event *machine_event(const machine *m, int64_t number) { return &m->events[number]; }

int64_t machine_fatal(const machine *m) { return m->fatal; }

void machine_free(machine *m) {
    if (m != NULL) {
        void *parts[] = {m->memory, m->state, m->names, m->last, m->pixels, m->again, m->events, m};
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            free(parts[i]);
        }
    }
}

machine *machine_new(const sizes *n, const node *nodes, const operand *operands, const shape *results,
                     const shape *inputs, const int64_t *input_at, const int64_t (*before)[3]) {
    machine *m = calloc(1, sizeof *m);
    if (m == NULL) {
        return NULL;
    }
    *m = (machine){.n = *n, .node_list = nodes, .operand_list = operands, .result_list = results, .frame = -1};
    m->input_list = inputs;
    m->input_at = input_at;
    m->memory = calloc((size_t)n->bytes, sizeof *m->memory);
    m->state = malloc((size_t)n->bytes);
    m->names = malloc((size_t)((n->kept + 1) * n->all) * sizeof *m->names);
    m->last = malloc((size_t)n->all * sizeof *m->last);
    m->pixels = malloc((size_t)(2 * n->largest) * sizeof *m->pixels);
    m->again = calloc((size_t)n->nodes + 1, sizeof *m->again);
    m->events = calloc(ROOM, sizeof *m->events);
    if (!m->memory || !m->state || !m->names || !m->last || !m->pixels || !m->again || !m->events) {
        machine_free(m);
        return NULL;
    }
    memset(m->last, -1, (size_t)n->all * sizeof *m->last);
    memset(m->state, NOWHERE, (size_t)n->bytes);
    memset(m->state, FREE, (size_t)n->arena);
    for (int64_t k = 0; k < n->inputs; k++) {
        memset(m->state + input_at[k], FREE, (size_t)(inputs[k].rows * inputs[k].width * inputs[k].pixel));
    }
    int32_t *names = m->names + n->kept * n->all;
    for (int64_t k = 0; k < n->all; k++) {
        names[k] = INT32_MIN;
    }
    for (int64_t i = 0; i < n->befores; i++) {
        for (int64_t k = 0; k < before[i][1]; k++) {
            names[before[i][0] + k] = (int32_t)(-1 - (before[i][2] & 255));
        }
    }
    return m;
}
